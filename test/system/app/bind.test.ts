/** Binding as a whole: a fake device and a cloud that answers what the test says. */
import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CMD_IN_CLOUD,
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_WINDOW,
  CMD_WINDOW_ANSWER,
  PROGRESS_FAILURE,
  PROGRESS_ROUTER,
} from "../../../src/codec/commands.js";
import { bindDevice, ProvisioningError, UnreachableError, type BindDeviceOptions } from "../../../sim/app/index.js";
import { FailedError, UsageError } from "../../../sim/errors.js";
import { accepted, CODE, DK, FakeDevice, failure, PK } from "../../unit/sim/app/fake-device.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { keyOf } from "../../unit/sim/app/fake-level1.js";

const POP = "7KQ2MZ4XPRT9WHB3E";
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
  const network = { ssid: "home", password: "correct horse" };

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
    device.key = undefined;
    device.commands.length = device.frames.length = 0;
    device.onRequest = (request) => {
      expect(request.cmd).to.equal(CMD_PROVISION);
      request.accept();
    };
  });

  it("provisions the device, posts its code and returns the cloud's answer", async () => {
    const steps: string[] = [];
    const result = await bind({ ...network, deviceName: "Lamp", onStep: (step) => steps.push(JSON.stringify(step)) });
    expect(result).to.deep.include({ pk: PK, dk: DK, state: 305, attempts: 1, envelope: envelope(200) });
    expect(result.timings.total).to.be.within(0, 2000);
    const body = { productKey: PK, deviceKey: DK, bindingCode: CODE, deviceName: "Lamp" };
    expect(calls).to.deep.equal([{ path: "/v2/binding/enduserapi/v2/deviceBindingByWifi", token: TOKEN, body }]);
    expect(steps.map((step) => JSON.parse(step).step)).to.deep.equal(["discovered", "accepted", "called"]);
    expect(steps.join()).to.not.contain(CODE).and.not.contain(TOKEN);
    expect(device.frames.map(({ cmd }) => cmd)).to.deep.equal([CMD_PROVISION]);
  });

  it("asks the cloud while it waits for the device, which tells when it is there", async () => {
    answers = [envelope(5460), envelope(5460), envelope(200)];
    device.onRequest = (request) => {
      request.accept();
      void eventually(() => calls.length === 1).then(() => request.push(CMD_IN_CLOUD, [[6, true]]));
    };
    const steps: string[] = [];
    await bind({ ...network, pollInterval: 400, onStep: (step) => steps.push(step.step) });
    expect(steps).to.deep.equal(["discovered", "accepted", "called", "inCloud", "called", "called"]);
  });

  it("goes on when the access point is gone as soon as the code was given", async () => {
    answers = [envelope(5460), envelope(200)];
    device.onRequest = (request) => {
      request.accept();
      setTimeout(() => request.cut(), 10);
    };
    expect((await bind({ ...network, pollInterval: 50 })).state).to.equal(305);
  });

  it("gives the network again to a device that loses its power twice, and binds with the code of the last time", async () => {
    const codes = [CODE, "", "FEDCBA9876543210"];
    answers = [envelope(5460)];
    device.onRequest = (request) => {
      const code = codes.shift();
      // The second time it is gone for longer than the app waits for its answer.
      if (!code) return request.cut();
      request.answer(CMD_PROVISION_ANSWER, [...accepted().filter(([id]) => id !== 9), [9, code]]);
      if (code === CODE) setTimeout(() => request.cut(), 10);
      else answers = [envelope(200)];
    };
    const result = await bind({ ...network, timeout: 300, pollInterval: 50, pollTimeout: 8000 });
    expect([result.state, (calls.at(-1)!.body as { bindingCode: string }).bindingCode]).to.deep.equal([
      305,
      "FEDCBA9876543210",
    ]);
  });

  it("asks for an SSID where no code can be had without", async () => {
    expect(await failure(bind())).to.be.instanceOf(UsageError);
    expect(calls).to.deep.equal([]);
  });

  describe("of a device with a proof", () => {
    beforeEach(() => (device.key = keyOf(POP)));

    it("tells each step, and the reason as soon as the device fails", async () => {
      answers = [envelope(5460)];
      device.onRequest = (request) => {
        expect(request.sealed).to.equal(true);
        request.accept();
        request.progress(PROGRESS_ROUTER);
        setTimeout(() => request.fail(2), 30);
      };
      const steps: unknown[] = [];
      const promise = bind({
        ...network,
        pop: POP,
        pollInterval: 5000,
        onStep: ({ ms: _, ...step }) => steps.push(step),
      });
      const error = await failure<ProvisioningError>(promise);
      expect(error).to.be.instanceOf(ProvisioningError).and.include({ code: 2, reason: "wrong password", state: 306 });
      expect(steps).to.deep.include({ step: "provisioning", progress: "router" });
    });

    it("is asked for the reason when it never comes to the cloud and the link is lost", async () => {
      answers = [envelope(5460)];
      device.onRequest = (request) => {
        if (request.cmd === CMD_LAST_RESULT) {
          return request.answer(CMD_LAST_RESULT_ANSWER, [[6, false], [10, PROGRESS_FAILURE], [11, 3]]); // prettier-ignore
        }
        request.accept();
        setTimeout(() => request.cut(), 10);
      };
      const error = await failure(bind({ ...network, pop: POP, pollInterval: 20, pollTimeout: 60 }));
      expect(error).to.include({ code: 3, reason: "no address" });
    });

    it("gives the code of its open window without an SSID, or says that none is open", async () => {
      device.onRequest = (request) => {
        expect(request.cmd).to.equal(CMD_WINDOW);
        request.answer(CMD_WINDOW_ANSWER, [[6, true], [7, PK], [8, DK], [9, CODE], [14, 90], [3, 6]]); // prettier-ignore
      };
      const steps: string[] = [];
      expect((await bind({ pop: POP, onStep: (step) => steps.push(step.step) })).state).to.equal(305);
      expect(steps).to.deep.equal(["discovered", "window", "called"]);
      // The cloud can then say where these are not the product's.
      expect(calls.at(-1)!.body).to.include({ capabilitiesBitmask: 6 });
      device.onRequest = (request) => request.answer(CMD_WINDOW_ANSWER, [[6, false]]);
      const error = await failure(bind({ pop: POP }));
      expect(error).to.be.instanceOf(FailedError);
      expect(error.message).to.contain("no binding window");
    });
  });

  it("says that a device is not in pairing mode, and calls no cloud", async () => {
    device.onRequest = (request) => request.answer(CMD_PROVISION_ANSWER);
    expect((await failure(bind(network))).message).to.contain("not in pairing mode");
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
    expect(await bind(network)).to.deep.include({ attempts: 3, state: 306, envelope: envelope(5461) });
    expect(calls).to.have.length(3);
  });

  it("stops calling when the time is over", async () => {
    answers = [envelope(5460)];
    const { attempts, envelope: last } = await bind({ ...network, pollInterval: 20, pollTimeout: 50 });
    expect(last).to.deep.equal(envelope(5460));
    // Three where the machine has time: each call takes its own.
    expect(attempts).to.be.within(1, 3);
    expect(calls).to.have.length(attempts);
  });

  it("waits two seconds between calls unless told otherwise", async () => {
    answers = [envelope(5460), envelope(200)];
    const result = await bind({ ...network, pollInterval: undefined });
    expect(result.timings.binding).to.be.within(1990, 2500);
  });

  it("says what is wrong with a cloud that is away, or that is none", async () => {
    const away = await failure(bind({ code: CODE, cloud: "http://127.63.0.9:50009" }));
    expect(away).to.be.instanceOf(FailedError);
    expect(away.message).to.contain("ECONNREFUSED");
    for (const answer of ["<html>", "", { status: "ok" }, "null"]) {
      answers = [answer];
      expect((await failure(bind(network))).message, String(answer)).to.contain("not as the binding API");
    }
  });

  it("calls again when the cloud is out of reach after provisioning: the app changes networks", async () => {
    const port = Number(new URL(cloud).port);
    server.close();
    server.closeAllConnections();
    setTimeout(() => server.listen(port, "127.0.0.1"), 600);
    const steps: string[] = [];
    const onStep = ({ step }: { step: string }) => steps.push(step);
    const result = await bind({ ...network, pollInterval: 40, onStep });
    expect(result.envelope.code).to.equal(200);
    expect(steps).to.include("offline");
    expect(steps.at(-1)).to.equal("called");
  });

  it("gives up when the cloud stays out of reach", async () => {
    const away = { cloud: "http://127.63.0.9:50009", ssid: "home", pollInterval: 20, pollTimeout: 60 };
    expect(await failure(bind(away))).to.be.instanceOf(UnreachableError);
  });

  it("stops when it is told to", async () => {
    answers = [envelope(5460)];
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 100);
    const promise = bind({ ...network, pollInterval: 60_000, pollTimeout: 600_000, signal: controller.signal });
    expect((await failure(promise)).message).to.equal("enough");
  });
});
