/** Every status code of the binding call by its cause, over HTTP, with a device that reports over MQTT. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { find } from "../../../src/codec/ttlv.js";
import { connection, OURS } from "../../support/cloud-device.js";
import {
  Bench,
  CODE,
  credentials,
  DK,
  OTHER,
  OTHER_SECRET,
  PS,
  request,
  window,
  type Answer,
} from "../../support/cloud-bench.js";

describe("the binding call", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  it("200: tells the device, and gives the app the same authKey", async () => {
    const one = await bench.ready();
    const answer = await bench.bind(request({ deviceName: "lamp", isMatter: false, capabilitiesBitmask: 3 }));
    expect(answer).to.include({ code: 200, msg: "WiFi device binding successful" });
    const { authKey, ...rest } = answer.data as Record<string, string>;
    expect(rest).to.deep.equal({
      bindingMode: 1,
      productLogo: "https://logo.example/multi",
      productName: "name of multi",
    });
    const nodes = await one.downlink(protocol.CMD_BINDING_RESULT);
    expect(find(nodes, protocol.RESULT_BOUND)).to.equal(true);
    expect(find(nodes, protocol.RESULT_CODE)).to.equal(CODE);
    await bench.confirmed(one);
    expect(one.authKeys(PS)).to.deep.equal([authKey]);
    expect(Buffer.from(authKey, "base64")).to.have.length(16);
    expect(await one.sealedKey(), "as long as a captured one").to.have.length(64);
  });

  it("5106 and 5032: no token, an unknown token", async () => {
    expect(await bench.code(request(), "")).to.equal(5106);
    expect(await bench.code(request(), "nonsense")).to.equal(5032);
    await bench.ready();
    expect(await bench.code(request(), "Bearer token-one")).to.equal(200);
  });

  it("5066, 5067, 5361, 5179, 5213: fields that are missing, of the wrong type or malformed, in this order", async () => {
    expect(await bench.code({})).to.equal(5066);
    expect(await bench.code({ productKey: 5 })).to.equal(5066);
    expect(await bench.code({ productKey: "multi" })).to.equal(5067);
    expect(await bench.code({ productKey: "multi", deviceKey: "a b!" })).to.equal(5361);
    expect(await bench.code({ productKey: "multi", deviceKey: DK })).to.equal(5179);
    for (const bindingCode of ["0123", "0123456789abcdef", "0123456789ABCDEG", `${CODE}0`]) {
      expect(await bench.code(request({ bindingCode }))).to.equal(5213);
    }
  });

  it("answers in the envelope whatever the body is", async () => {
    for (const body of ["", "{", "null", "[]", '"text"', "5"]) expect(await bench.code(body)).to.equal(5066);
    expect(await bench.code(JSON.stringify({ productKey: "x".repeat(100_000) }))).to.equal(5048);
    const other = await fetch(`${bench.cloud.http}/nowhere`);
    expect(other.status).to.equal(200);
    expect(((await other.json()) as Answer).code).to.equal(5048);
  });

  it("5314: a product that the cloud has never seen; 5460: a device of a product that has never authenticated", async () => {
    expect((await bench.bind(request({ productKey: "none" }))).extMsg).to.match(/no product/);
    expect((await bench.bind(request())).extMsg).to.match(/never authenticated/);
    expect(await bench.code(request({ productKey: "none" }))).to.equal(5314);
    expect(await bench.code(request())).to.equal(5460);
  });

  it("5229: a product that is closed to the user's domain", async () => {
    await bench.ready("closed");
    expect(await bench.code(request({ productKey: "closed" }))).to.equal(5229);
    expect(await bench.code(request({ productKey: "closed" }), "token-two")).to.equal(200);
  });

  it("6083: a product of another data center", async () => {
    await bench.ready("european");
    expect(await bench.code(request({ productKey: "european" }))).to.equal(6083);
    expect(await bench.code(request({ productKey: "european" }), "token-two")).to.equal(200);
  });

  it("names the faults of a request one after the other, in the order of docs/status-codes.md", async () => {
    let body: object = { isMatter: true, deviceName: "x".repeat(65), frid: "room" };
    let token = "";
    const matter: Record<string, unknown> = {};
    const field = (name: string, value: unknown) => () => (matter[name] = value);
    const put = (more: object) => () => (body = { ...body, ...more });
    const steps: [code: number, mend: () => unknown][] = [
      [5106, () => (token = "nonsense")],
      [5032, () => (token = "token-one")],
      [5066, put({ productKey: "none" })],
      [5067, put({ deviceKey: "a" })],
      [5361, put({ deviceKey: DK })],
      [5179, put({ bindingCode: "0" })],
      [5213, put({ bindingCode: CODE })],
      [5048, put({ fid: "family" })],
      [5333, put({ deviceName: "x".repeat(64) })],
      [5879, field("discriminator", 1)],
      [5880, field("matterProductId", 1)],
      [5881, field("matterVersion", "1.0")],
      [5882, field("matterVendorId", 1)],
      [5883, field("fabricId", 1)],
      [5885, field("nodeId", 1)],
      [5314, put({ productKey: "strict" })],
      [5229, () => (token = "token-three")],
      [6083, () => (token = "token-two")],
    ];
    const codes: number[] = [];
    for (const [, mend] of steps) {
      codes.push(await bench.code({ ...body, matterInfo: matter }, token));
      mend();
    }
    expect(codes).to.deep.equal(steps.map(([code]) => code));
    expect(await bench.code({ ...body, matterInfo: matter }, token)).to.equal(5460);
    const page = readFileSync("docs/status-codes.md", "utf8");
    const rows = [...page.slice(0, page.indexOf("## The other calls")).matchAll(/^\| (\d{3,4}) /gm)].map(
      ([, code]) => +code,
    );
    expect(rows.slice(0, codes.length)).to.deep.equal(codes);
    expect(rows.slice(codes.length)).to.deep.equal([5049, 5412, 5460, 5461, 5462, 5465, 200]);
  });

  it("names an owner before the state of a code, but for a code that the device has not reported yet", async () => {
    const one = await bench.ready("single");
    const of = (bindingCode: string): object => request({ productKey: "single", bindingCode });
    expect(await bench.code(of(CODE))).to.equal(200);
    expect(await bench.code(of(CODE))).to.equal(5049);
    expect(await bench.code(of(CODE), "token-two")).to.equal(5412);
    // The device may have been reset, which it says when it comes back with this code.
    expect(await bench.code(of(OTHER))).to.equal(5460);
    expect(await bench.code(of(OTHER), "token-two")).to.equal(5460);
    await one.report(credentials(OTHER, OTHER_SECRET));
    expect(await bench.code(of(OTHER), "token-two")).to.equal(200);
  });

  it("5460: no code reported, another user's app that is early, a device that is away", async () => {
    const one = await bench.device();
    const ds = await one.ds();
    await one.report([[protocol.BINDING_SECRET, "0".repeat(16)]]);
    const early = await bench.bind(request());
    expect(early).to.include({ code: 5460 });
    expect(early.extMsg).to.match(/is connected and has not reported/);
    await one.report(window(OTHER));
    one.stop();
    await one.until(() => bench.count("disconnected") === 1);
    const away = await bench.bind(request());
    expect(away).to.include({ code: 5460 });
    expect(away.extMsg).to.match(/not connected/);
    const back = await bench.device({ password: connection(PS, ds), report: window(CODE) });
    await back.until(() => bench.count("window") === 2);
    expect(await bench.code(request())).to.equal(200);
  });

  it("5465: a device of this project that reports a code alone; the vendor's SDK 2.9.0 knows no secret", async () => {
    const ours = await bench.device({ sdk: OURS });
    await ours.ds();
    await ours.report(window(CODE));
    expect(await bench.code(request())).to.equal(5465);
    await ours.report(credentials(CODE));
    expect(await bench.code(request())).to.equal(200);
    const theirs = await bench.device({ dk: "DEVICE02", sdk: "2.9.0" });
    await theirs.ds();
    await theirs.report(window(CODE));
    expect(await bench.code(request({ deviceKey: "DEVICE02" }))).to.equal(200);
    await theirs.until(() => theirs.authKeys(PS).length === 1);
    expect(theirs.downlinks.map(({ cmd }) => cmd)).not.to.include(protocol.CMD_BINDING_RESULT);
  });

  it("a device that was reset, or lost its flash, is bound anew: its other bindingSecret says so", async () => {
    await bench.ready();
    const first = await bench.bind(request());
    const again = await bench.device({ sdk: OURS });
    await again.ds();
    await again.report(credentials(OTHER, OTHER_SECRET));
    expect(bench.count("reset")).to.equal(1);
    expect(await bench.code(request({ bindingCode: CODE }))).to.equal(5461);
    const second = await bench.bind(request({ bindingCode: OTHER }));
    expect(second.code).to.equal(200);
    expect((second.data as { authKey: string }).authKey).not.to.equal((first.data as { authKey: string }).authKey);
  });

  it("a device that was reset is told nothing of the binding that it had: its new code would be spent by it", async () => {
    const deaf = await bench.device({ sdk: OURS, polite: false, report: credentials(CODE) });
    await deaf.until(() => bench.count("window") === 1);
    expect(await bench.code(request())).to.equal(200);
    await deaf.sealedKey();
    const again = await bench.device({ sdk: OURS });
    await again.ds();
    await again.report([[protocol.STATUS_RSSI, -50]], protocol.CMD_STATUS);
    expect(again.downlinks, "only its DS").to.have.length(1);
    await again.report(credentials(OTHER, OTHER_SECRET));
    const answer = await bench.bind(request({ bindingCode: OTHER }));
    await bench.confirmed(again);
    expect(again.authKeys(PS)).to.deep.equal([(answer.data as { authKey: string }).authKey]);
  });

  it("keeps the bindings when the cloud itself has caused another bindingSecret", async () => {
    const one = await bench.ready();
    await bench.bind(request());
    await bench.configure({ reauthenticate: true });
    const again = await bench.device({ sdk: OURS });
    await again.ds();
    await again.report(credentials(OTHER, OTHER_SECRET));
    expect(bench.count("reset")).to.equal(0);
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5049);
    await again.report(credentials("A".repeat(16), "B".repeat(16)));
    expect(bench.count("reset"), "only the next one").to.equal(1);
    expect(one.closed).to.equal(true);
  });

  it("tells a device that does what the cloud has told it from one that is reset before or after", async () => {
    const server = { domain: "other.example", ip: "10.0.0.1", port: 1883 };
    const one = await bench.ready();
    await bench.bind(request());
    const ds = await one.ds();
    for (const change of [{ server }, { reauthenticate: true }, { ds: true }]) {
      await bench.configure(change);
      // It comes back as it was.
      const back = await bench.device({ sdk: OURS, password: connection(PS, ds), report: credentials(CODE) });
      await back.until(() => back.acknowledged.size > 0);
    }
    const reset = await bench.device({ sdk: OURS });
    await reset.ds();
    await reset.report(credentials(OTHER, OTHER_SECRET));
    expect(bench.count("reset")).to.equal(1);
    await bench.bind(request({ bindingCode: OTHER }));
    await bench.configure({ server });
    const moved = await bench.device({ sdk: OURS });
    await moved.ds();
    await moved.report(credentials("A".repeat(16), "B".repeat(16)));
    expect(bench.count("reset")).to.equal(1);
  });

  it("5461: the window is over, the code was replaced, or it is spent; none of them is taken again", async () => {
    const one = await bench.ready();
    bench.time += 119_999;
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5462);
    bench.time += 1;
    expect(await bench.code(request())).to.equal(5461);
    await one.report(window(CODE));
    expect(await bench.code(request()), "expired").to.equal(5461);
    const [replaced, spent] = ["A".repeat(16), "B".repeat(16)];
    await one.report(window(replaced));
    await one.report(window(spent));
    await one.report(window(replaced));
    expect(await bench.code(request({ bindingCode: replaced })), "replaced").to.equal(5461);
    await one.report(window(spent));
    expect(bench.count("stale")).to.equal(3);
    await one.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    await one.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }), "token-two")).to.equal(5461);
  });

  it("a code that is reported again while it is valid is valid for the whole time anew", async () => {
    const one = await bench.ready();
    bench.time += 119_000;
    await one.report(window(CODE));
    bench.time += 119_000;
    expect(await bench.code(request())).to.equal(200);
  });

  it("the product says how long a code is valid", async () => {
    const one = await bench.ready("hasty");
    bench.time += 30_000;
    expect(await bench.code(request({ productKey: "hasty" }))).to.equal(5461);
    expect(bench.events.find(({ event }) => event === "window")).to.include({ seconds: 30 });
    await one.report(window(OTHER));
    bench.time += 29_999;
    expect(await bench.code(request({ productKey: "hasty", bindingCode: OTHER }))).to.equal(200);
  });

  it("5462 five times, then the code is withdrawn: 5461, and the device is told", async () => {
    const one = await bench.ready();
    for (let i = 0; i < 5; i++) expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5462);
    expect(await bench.code(request())).to.equal(5461);
    expect(await one.downlink(protocol.CMD_BINDING_RESULT)).to.deep.equal([
      [protocol.RESULT_BOUND, false],
      [protocol.RESULT_CODE, CODE],
      [protocol.RESULT_REASON, protocol.REASON_WITHDRAWN],
    ]);
  });

  it("5460 for an app that is faster than the report of a device that has just come back", async () => {
    const first = await bench.device({ sdk: OURS });
    const ds = await first.ds();
    await first.report(credentials(OTHER));
    first.stop();
    await first.until(() => bench.count("disconnected") === 1);
    const back = await bench.device({ password: connection(PS, ds) });
    let early = await bench.bind(request());
    while (early.extMsg.includes("is not connected")) early = await bench.bind(request());
    expect(early.code, early.extMsg).to.equal(5460);
    expect(early.extMsg).to.match(/^the device is connected and has not reported this code/);
    await back.report(window(OTHER));
    expect(await bench.code(request())).to.equal(5462);
    await back.report(window(CODE));
    expect(await bench.code(request())).to.equal(200);
  });

  it("5462 counts for a code, not for a report of it: a reconnection gives no new tries", async () => {
    const one = await bench.ready();
    for (let i = 0; i < 4; i++) await bench.code(request({ bindingCode: OTHER }));
    await one.report(window(CODE));
    expect((await bench.bind(request({ bindingCode: OTHER }))).extMsg).to.match(/fifth/);
    expect(await bench.code(request())).to.equal(5461);
  });

  it("forty wrong tries at one code, with other codes reported between, never lead to 200", async () => {
    const one = await bench.ready();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 4; i++) await bench.code(request({ bindingCode: "F".repeat(16) }));
      await one.report(window(String(round).padStart(16, "0")));
      await one.report(window(CODE));
    }
    expect(await bench.code(request())).to.equal(5461);
  });

  it("remembers the last codes of a device only, so that its memory is bounded", async () => {
    const one = await bench.ready();
    for (let n = 0; n < 70; n++) await one.report(window(n.toString(16).toUpperCase().padStart(16, "0")));
    const open = (69).toString(16).toUpperCase().padStart(16, "0");
    expect(await bench.code(request({ bindingCode: open }))).to.equal(200);
    expect(JSON.stringify(bench.events)).not.to.include(open);
  });

  it("5049: the same user again; another user may bind too in mode 1, and shares the authKey", async () => {
    const one = await bench.ready();
    const first = await bench.bind(request());
    expect(await bench.code(request())).to.equal(5049);
    await one.report(window(OTHER));
    const second = await bench.bind(request({ bindingCode: OTHER }), "token-two");
    expect(second).to.deep.equal(first);
    // By the same key once more the device learns that this code is spent, too.
    await bench.confirmed(one, 2);
    const { authKey } = first.data as { authKey: string };
    expect(one.authKeys(PS)).to.deep.equal([authKey, authKey]);
  });

  it("5412: another user in mode 2", async () => {
    const one = await bench.ready("single");
    expect(await bench.code(request({ productKey: "single" }))).to.equal(200);
    await one.report(window(OTHER));
    expect(await bench.code(request({ productKey: "single", bindingCode: OTHER }), "token-two")).to.equal(5412);
  });

  it("mode 3: a new owner takes over with a new authKey, the old one may come back", async () => {
    const one = await bench.ready("turn");
    const keyOf = (answer: Answer): unknown => (answer.data as { authKey: string }).authKey;
    const first = await bench.bind(request({ productKey: "turn" }));
    await one.report(window(OTHER));
    const second = await bench.bind(request({ productKey: "turn", bindingCode: OTHER }), "token-two");
    expect([first.code, second.code]).to.deep.equal([200, 200]);
    expect(keyOf(second)).not.to.equal(keyOf(first));
    await one.report(window("A".repeat(16)));
    expect(await bench.code(request({ productKey: "turn", bindingCode: "A".repeat(16) }))).to.equal(200);
  });
});
