/** Every status code of the binding call by its cause, over HTTP, with a device that reports over MQTT. */

import { expect } from "chai";

import { startCloud, type Cloud, type CloudEvent, type Product, type Products } from "../../sim/cloud/index.js";
import * as protocol from "../../src/codec/commands.js";
import { find, type Node } from "../../src/codec/ttlv.js";
import { authentication, connection, TestDevice } from "./device.js";

const PS = "QUJDREVGR0hJSktM";
const DK = "DEVICE01";
const CODE = "0123456789ABCDEF";
const OTHER = "FEDCBA9876543210";
const product = (pk: string, bindingMode: 1 | 2 | 3): Product => ({
  pk,
  ps: PS,
  name: `name of ${pk}`,
  logo: "",
  bindingMode,
});
const WORLD: Products = {
  products: [product("multi", 1), product("single", 2), product("turn", 3)],
  users: [
    { id: "one", token: "token-one" },
    { id: "two", token: "token-two" },
  ],
};
const window = (code: string, seconds: number): Node[] => [
  [protocol.BINDING_CODE, code],
  [protocol.BINDING_WINDOW, seconds],
];

interface Answer {
  code: number;
  msg: string;
  extMsg: string;
  data: unknown;
}

describe("the development cloud", () => {
  let cloud: Cloud;
  let time = 0;
  let events: CloudEvent[] = [];
  let devices: TestDevice[] = [];

  beforeEach(async () => {
    events = [];
    cloud = await startCloud({ ...WORLD, now: () => time, onEvent: (event) => events.push(event) });
  });
  afterEach(async () => {
    for (const device of devices) device.stop();
    devices = [];
    await cloud.stop();
  });

  async function device(
    more: { pk?: string; password?: string; report?: Node[]; bytewise?: boolean; dk?: string } = {},
  ) {
    const one = await TestDevice.connect(cloud.mqtt, { pk: "multi", ps: PS, dk: DK, ...more });
    devices.push(one);
    return one;
  }

  /** A device that has reported its secret and a code. */
  async function ready(pk = "multi", code = CODE): Promise<TestDevice> {
    const one = await device({ pk });
    await one.ds();
    await one.report([...one.secret(), ...window(code, 120)]);
    return one;
  }

  async function post(body: unknown, token = "token-one"): Promise<Answer> {
    const response = await fetch(`${cloud.http}/v2/binding/enduserapi/v2/deviceBindingByWifi`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: token }) },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    expect(response.status).to.equal(200);
    const answer = (await response.json()) as Answer;
    expect(Object.keys(answer).sort()).to.deep.equal(["code", "data", "extMsg", "msg"]);
    return answer;
  }
  const request = (more: object = {}): object => ({ productKey: "multi", deviceKey: DK, bindingCode: CODE, ...more });
  const code = async (body: unknown, token?: string): Promise<number> => (await post(body, token)).code;

  it("200: tells the device, and gives the app the same authKey", async () => {
    const one = await ready();
    const answer = await post(request({ deviceName: "lamp", isMatter: false, capabilitiesBitmask: 3 }));
    expect(answer).to.include({ code: 200, msg: "WiFi device binding successful" });
    const { authKey, ...rest } = answer.data as Record<string, string>;
    expect(rest).to.deep.equal({ bindingMode: 1, productLogo: "", productName: "name of multi" });
    const nodes = await one.downlink(protocol.CMD_BINDING_RESULT);
    expect(find(nodes, protocol.RESULT_BOUND)).to.equal(true);
    expect(find(nodes, protocol.RESULT_CODE)).to.equal(CODE);
    const told = Buffer.from(find(nodes, protocol.RESULT_AUTH_KEY) as string, "latin1");
    expect(told.toString("base64")).to.equal(authKey);
  });

  it("5106 and 5032: no token, an unknown token", async () => {
    expect(await code(request(), "")).to.equal(5106);
    expect(await code(request(), "nonsense")).to.equal(5032);
    await ready();
    expect(await code(request(), "Bearer token-one")).to.equal(200);
  });

  it("5066, 5067, 5361, 5179, 5213: fields that are missing, of the wrong type or malformed, in this order", async () => {
    expect(await code({})).to.equal(5066);
    expect(await code({ productKey: 5 })).to.equal(5066);
    expect(await code({ productKey: "multi" })).to.equal(5067);
    expect(await code({ productKey: "multi", deviceKey: "a b!" })).to.equal(5361);
    expect(await code({ productKey: "multi", deviceKey: DK })).to.equal(5179);
    for (const bindingCode of ["0123", "0123456789abcdef", "0123456789ABCDEG", `${CODE}0`]) {
      expect(await code(request({ bindingCode }))).to.equal(5213);
    }
  });

  it("answers in the envelope whatever the body is", async () => {
    for (const body of ["", "{", "null", "[]", '"text"', "5"]) expect(await code(body)).to.equal(5066);
    expect(await code(JSON.stringify({ productKey: "x".repeat(100_000) }))).to.equal(5048);
    const other = await fetch(`${cloud.http}/nowhere`);
    expect(other.status).to.equal(200);
    expect(((await other.json()) as Answer).code).to.equal(5048);
  });

  it("5314: a product or a device that the cloud has never seen", async () => {
    expect((await post(request({ productKey: "none" }))).extMsg).to.match(/no product/);
    expect((await post(request())).extMsg).to.match(/never authenticated/);
    expect(await code(request())).to.equal(5314);
  });

  it("5465, then 5460: no secret reported, no code reported", async () => {
    const one = await device();
    await one.ds();
    await one.report(window(CODE, 120));
    expect(await code(request())).to.equal(5465);
    const other = await device({ dk: "DEVICE02" });
    await other.ds();
    await other.report(other.secret());
    expect(await code(request({ deviceKey: "DEVICE02" }))).to.equal(5460);
  });

  it("5009: a secret that was not encrypted with this product's PS, or replaces one without showing it", async () => {
    const one = await ready();
    await one.report(one.secret("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"));
    expect(await code(request())).to.equal(5009);
    await one.report(one.secret("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "00112233445566778899AABBCCDDEEFF"));
    await one.report([
      [protocol.BINDING_SECRET, "AAAA"],
      [protocol.BINDING_RANDOM, "0123456789abcdef"],
    ]);
    expect(await code(request())).to.equal(5009);
    await one.report(one.secret("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"));
    expect(await code(request())).to.equal(200);
  });

  it("5461: the window is over, was closed, or the code is spent", async () => {
    const one = await ready();
    time += 119_999;
    expect(await code(request({ bindingCode: OTHER }))).to.equal(5462);
    time += 1;
    expect(await code(request())).to.equal(5461);
    await one.report(window(OTHER, 60));
    await one.report([[protocol.BINDING_WINDOW, 0]]);
    expect(await code(request({ bindingCode: OTHER }))).to.equal(5461);
    await one.report(window(OTHER, 60));
    expect(await code(request({ bindingCode: OTHER }))).to.equal(200);
    expect(await code(request({ bindingCode: OTHER }), "token-two")).to.equal(5461);
  });

  it("5462 five times, then the code is withdrawn: 5461, and the device is told", async () => {
    const one = await ready();
    for (let i = 0; i < 5; i++) expect(await code(request({ bindingCode: OTHER }))).to.equal(5462);
    expect(await code(request())).to.equal(5461);
    const nodes = await one.downlink(protocol.CMD_BINDING_RESULT);
    expect([find(nodes, protocol.RESULT_BOUND), find(nodes, protocol.RESULT_REASON)]).to.deep.equal([
      false,
      protocol.REASON_WITHDRAWN,
    ]);
  });

  it("5049: the same user again; another user may bind too in mode 1", async () => {
    const one = await ready();
    expect(await code(request())).to.equal(200);
    expect(await code(request())).to.equal(5049);
    await one.report(window(OTHER, 60));
    expect(await code(request({ bindingCode: OTHER }), "token-two")).to.equal(200);
  });

  it("5412: another user in mode 2", async () => {
    const one = await ready("single");
    expect(await code(request({ productKey: "single" }))).to.equal(200);
    await one.report(window(OTHER, 60));
    expect(await code(request({ productKey: "single", bindingCode: OTHER }), "token-two")).to.equal(5412);
  });

  it("mode 3: a new owner takes over, the old one may come back", async () => {
    const one = await ready("turn");
    expect(await code(request({ productKey: "turn" }))).to.equal(200);
    await one.report(window(OTHER, 60));
    expect(await code(request({ productKey: "turn", bindingCode: OTHER }), "token-two")).to.equal(200);
    await one.report(window(CODE, 60));
    expect(await code(request({ productKey: "turn" }))).to.equal(200);
  });

  it("takes CONNECT, SUBSCRIBE and a report in one piece, and byte by byte", async () => {
    const first = await device();
    const ds = await first.ds();
    first.stop();
    for (const bytewise of [false, true]) {
      const more = { password: connection(PS, ds), report: [...first.secret(), ...window(OTHER, 60)], bytewise };
      const before = events.filter(({ event }) => event === "reported").length;
      const one = await device(more);
      await one.until(() => events.filter(({ event }) => event === "reported").length > before);
      one.stop();
    }
    expect(await code(request({ bindingCode: OTHER }))).to.equal(200);
  });

  it("refuses by 00A3, on a connection that it has accepted, and then ends it", async () => {
    const wrong: [number, { pk?: string; password?: string; dk?: string }][] = [
      [10423, { pk: "stranger" }],
      [10424, { password: authentication("multi", "0".repeat(16), DK) }],
      [10431, { dk: "a" }],
      [10433, { password: "nonsense" }],
      [10434, { password: authentication("multi", PS, "OTHERDEVICE") }],
      [10438, { password: connection(PS, "x".repeat(32)) }],
    ];
    for (const [expected, more] of wrong) {
      const one = await device(more);
      expect(await one.refusal()).to.equal(expected);
      await one.until(() => one.closed);
    }
    await (await device()).ds();
    expect(await (await device({ password: connection(PS, "x".repeat(32)) })).refusal()).to.equal(10437);
  });

  it("tells a result that the device has missed, once", async () => {
    const one = await ready();
    const ds = await one.ds();
    one.stop();
    await one.until(() => events.some(({ event }) => event === "disconnected"));
    expect(await code(request())).to.equal(200);
    const back = await device({ password: connection(PS, ds) });
    expect(find(await back.downlink(protocol.CMD_BINDING_RESULT), protocol.RESULT_BOUND)).to.equal(true);
    back.stop();
    const again = await device({ password: connection(PS, ds), report: window(CODE, 1) });
    await again.until(() => events.filter(({ event }) => event === "reported").length > 1);
    expect(again.downlinks).to.deep.equal([]);
  });

  it("forgets bindings and the old secret when the device was reset", async () => {
    const one = await ready();
    expect(await code(request())).to.equal(200);
    await one.report([
      [protocol.BINDING_RESET, true],
      ...one.secret("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
      ...window(OTHER, 9),
    ]);
    expect(await code(request({ bindingCode: OTHER }))).to.equal(200);
  });

  it("says so of malformed reports, and ends a connection that publishes for another", async () => {
    const one = await ready();
    one.publish("no frame");
    await one.report(window("short", 60));
    await one.report(window(CODE, 5000));
    expect(events.filter(({ event }) => event === "malformed")).to.have.length(3);
    one.publish("x", "q/2/d/qdmultiOTHERDEVICE/sys");
    await one.until(() => one.closed);
  });

  it("tells no secret in its events", async () => {
    const one = await ready();
    const ds = await one.ds();
    await code(request());
    for (const secret of [PS, CODE, ds, "token-one"]) expect(JSON.stringify(events)).not.to.include(secret);
  });
});
