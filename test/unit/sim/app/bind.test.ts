/** Binding as a whole: a fake device and a cloud that answers what the test says. */
import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_DISCOVER_ANSWER,
  CMD_PROVISION,
  CMD_SCAN_ANSWER,
  DISCOVER_CAPABILITIES,
  DISCOVER_DK,
  DISCOVER_PK,
  DISCOVER_STATE,
  LAN_OK,
  LAN_SECONDS,
  PROGRESS_ROUTER,
  SCAN_AUTH,
  SCAN_RSSI,
  SCAN_SSID,
  STATE_IDLE,
  STATE_ONLINE,
} from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv } from "../../../../src/codec/ttlv.js";
import {
  bindDevice,
  bindingWindow,
  scan,
  UnreachableError,
  type BindDeviceOptions,
} from "../../../../sim/app/index.js";
import { FailedError, UsageError } from "../../../../sim/errors.js";
import { CODE, DK, DONE, FakeDevice, failure, PK } from "./fake-device.js";

const TOKEN = "token-of-the-user";
const DATA = { authKey: "a2V5", bindingMode: 1, productLogo: "", productName: "Lamp" };
const envelope = (code: number) => ({ code, data: code === 200 ? DATA : null, msg: "m", extMsg: "e" });

describe("app: binding", () => {
  const device = new FakeDevice("127.63.0.1");
  let server: Server;
  let cloud = "";
  let answers: unknown[] = [];
  const calls: { path?: string; token?: string; body: unknown }[] = [];
  const bind = (more: Partial<BindDeviceOptions> = {}) =>
    bindDevice({ address: device.address, cloud, token: TOKEN, pollInterval: 5, ...more });
  const state = (value: number) => {
    device.onDiscover = (_, id) => [
      encodeFrame(
        id,
        CMD_DISCOVER_ANSWER,
        encodeTtlv([
          [DISCOVER_DK, DK],
          [DISCOVER_PK, PK],
          [DISCOVER_CAPABILITIES, 2],
          [DISCOVER_STATE, value],
        ]),
      ),
    ];
  };

  before(async () => {
    await device.start();
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (data) => (text += data));
      request.on("end", () => {
        calls.push({ path: request.url, token: request.headers.authorization, body: JSON.parse(text) });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    cloud = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    await device.stop();
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    calls.length = 0;
    answers = [envelope(200)];
    state(STATE_ONLINE);
    device.onRequest = (request) => {
      if (request.cmd === CMD_BINDING_INFO) request.answer(CMD_BINDING_INFO_ANSWER, [...DONE, [LAN_SECONDS, 90]]);
    };
  });

  it("posts what an open window tells and returns the cloud's answer", async () => {
    const steps: string[] = [];
    const result = await bind({ deviceName: "Lamp", onStep: (step) => steps.push(JSON.stringify(step)) });
    expect(result).to.deep.include({ pk: PK, dk: DK, attempts: 1, envelope: envelope(200) });
    expect(result.timings.total).to.be.within(0, 2000);
    const body = { productKey: PK, deviceKey: DK, bindingCode: CODE, capabilitiesBitmask: 2, deviceName: "Lamp" };
    expect(calls).to.deep.equal([{ path: "/v2/binding/enduserapi/v2/deviceBindingByWifi", token: TOKEN, body }]);
    expect(steps.map((step) => JSON.parse(step).step)).to.deep.equal(["discovered", "window", "called"]);
    expect(steps.join()).to.not.contain(CODE).and.not.contain(TOKEN);
  });

  it("provisions a device that has no network, with the steps on the way", async () => {
    state(STATE_IDLE);
    device.onRequest = (request) => {
      expect(request.cmd).to.equal(CMD_PROVISION);
      request.accept();
      request.progress(PROGRESS_ROUTER);
      request.done();
    };
    const steps: string[] = [];
    const result = await bind({ ssid: "home", password: "correct horse", onStep: (step) => steps.push(step.step) });
    expect(result.envelope.code).to.equal(200);
    expect(steps).to.deep.equal(["discovered", "provisioning", "provisioned", "called"]);
  });

  it("asks for an SSID when the device has no network", async () => {
    state(STATE_IDLE);
    expect(await failure(bind())).to.be.instanceOf(UsageError);
  });

  it("says that no window is open", async () => {
    device.onRequest = (request) => request.answer(CMD_BINDING_INFO_ANSWER, [[LAN_OK, false]]);
    const error = await failure(bind());
    expect(error).to.be.instanceOf(FailedError);
    expect(error.message).to.contain("no binding window");
    expect(calls).to.deep.equal([]);
  });

  it("posts a code that the user gives without asking the device for one", async () => {
    device.commands.length = 0;
    await bind({ code: "FEDCBA9876543210" });
    expect(calls[0].body).to.include({ bindingCode: "FEDCBA9876543210" });
    expect(device.commands).to.deep.equal([]);
  });

  it("calls again while the code is not reported, and stops on any other answer", async () => {
    answers = [envelope(5460), envelope(5460), envelope(5461)];
    expect(await bind()).to.deep.include({ attempts: 3, envelope: envelope(5461) });
    expect(calls).to.have.length(3);
  });

  it("stops calling when the time is over", async () => {
    answers = [envelope(5460)];
    const { attempts, envelope: last } = await bind({ pollInterval: 20, pollTimeout: 50 });
    expect(last).to.deep.equal(envelope(5460));
    // Three where the machine has time: each call takes its own.
    expect(attempts).to.be.within(1, 3);
    expect(calls).to.have.length(attempts);
  });

  it("waits two seconds between calls unless told otherwise", async () => {
    answers = [envelope(5460), envelope(200)];
    const result = await bind({ pollInterval: undefined });
    expect(result.timings.binding).to.be.within(1990, 2500);
  });

  it("says what is wrong with a cloud that is away, or that is none", async () => {
    const away = await failure(bind({ cloud: "http://127.63.0.9:50009" }));
    expect(away).to.be.instanceOf(FailedError);
    expect(away.message).to.contain("ECONNREFUSED");
    for (const answer of ["<html>", "", { status: "ok" }, "null"]) {
      answers = [answer];
      expect((await failure(bind())).message, String(answer)).to.contain("not as the binding API");
    }
  });

  it("calls again when the cloud is out of reach after provisioning: the app changes networks", async () => {
    state(STATE_IDLE);
    device.onRequest = (request) => request.done();
    const port = Number(new URL(cloud).port);
    server.close();
    server.closeAllConnections();
    setTimeout(() => server.listen(port, "127.0.0.1"), 60);
    const steps: string[] = [];
    const onStep = ({ step }: { step: string }) => steps.push(step);
    const result = await bind({ ssid: "home", password: "correct horse", pollInterval: 40, onStep });
    expect(result.envelope.code).to.equal(200);
    expect(steps).to.include("offline");
    expect(steps.at(-1)).to.equal("called");
  });

  it("gives up when the cloud stays out of reach", async () => {
    state(STATE_IDLE);
    device.onRequest = (request) => request.done();
    const away = { cloud: "http://127.63.0.9:50009", ssid: "home", pollInterval: 20, pollTimeout: 60 };
    expect(await failure(bind(away))).to.be.instanceOf(UnreachableError);
  });

  it("stops when it is told to", async () => {
    answers = [envelope(5460)];
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 100);
    const promise = bind({ pollInterval: 60_000, pollTimeout: 600_000, signal: controller.signal });
    expect((await failure(promise)).message).to.equal("enough");
  });

  it("reads window and networks of a device", async () => {
    expect(await bindingWindow(device.address)).to.deep.equal({
      ...{ pk: PK, dk: DK, bindingCode: CODE },
      ...{ seconds: 90, capabilitiesBitmask: 0 },
    });
    device.onRequest = (request) =>
      request.answer(CMD_SCAN_ANSWER, [
        [0, [[SCAN_SSID, "Caf\xc3\xa9"], [SCAN_RSSI, -40], [SCAN_AUTH, 3]]], // prettier-ignore
        [0, [[SCAN_RSSI, -41]]],
        [0, [[SCAN_SSID, "far"], [SCAN_RSSI, -90], [SCAN_AUTH, 0]]], // prettier-ignore
      ]);
    expect(await scan(device.address)).to.deep.equal([
      { ssid: "Café", rssi: -40, authMode: 3 },
      { ssid: "far", rssi: -90, authMode: 0 },
    ]);
    device.onRequest = (request) => request.answer(CMD_SCAN_ANSWER);
    expect(await scan(device.address)).to.deep.equal([]);
  });

  it("says that a device hangs up on a question", async () => {
    device.onRequest = (request) => request.cut();
    expect(await failure(scan(device.address))).to.be.instanceOf(UnreachableError);
  });
});
