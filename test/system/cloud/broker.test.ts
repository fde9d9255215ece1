/** The cloud's MQTT side: who is let in, what is taken from devices, and what they are told. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, find, type Node } from "../../../src/codec/ttlv.js";
import { Bench, CODE, credentials, OTHER, OTHER_SECRET, PS, DK, request, window } from "../../support/cloud-bench.js";
import { authentication, connection, encrypt, ivOf, OURS } from "../../support/cloud-device.js";

describe("the cloud's broker", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  it("takes CONNECT, SUBSCRIBE and a report in one piece, and byte by byte", async () => {
    const first = await bench.device();
    const ds = await first.ds();
    first.stop();
    for (const bytewise of [false, true]) {
      const more = { password: connection(PS, ds), report: credentials(OTHER), bytewise };
      const before = bench.count("reported");
      const one = await bench.device(more);
      await one.until(() => bench.count("reported") > before);
      one.stop();
    }
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
  });

  it("refuses by 00A3, on a connection that it has accepted, and then ends it", async () => {
    const wrong: [number, { pk?: string; password?: string; dk?: string }][] = [
      [10423, { pk: "stranger" }],
      [10423, { pk: "nobody", password: connection(PS, "x".repeat(32)) }],
      [10424, { password: authentication("multi", "0".repeat(16), DK) }],
      [10425, { password: `0;0000;multi;${encrypt(PS, ivOf(PS), `${DK};0123456789abcdef;AAAA`)}` }],
      [10431, { dk: "a" }],
      [10433, { password: "nonsense" }],
      [10434, { password: authentication("multi", PS, "OTHERDEVICE") }],
    ];
    for (const [expected, more] of wrong) {
      const one = await bench.device(more);
      expect(await one.refusal()).to.equal(expected);
      await one.until(() => one.closed);
    }
  });

  it("tells a device whose DS it does not know, or that is wrong, to authenticate anew: every SDK obeys that", async () => {
    const wrong = { password: connection(PS, "x".repeat(32)) };
    for (const code of [10438, 10437]) {
      const one = await bench.device(wrong);
      const nodes = await one.downlink(protocol.CMD_CONFIG);
      expect(nodes).to.deep.equal([[protocol.CONFIG_REAUTHENTICATE, true]]);
      await one.until(() => one.closed);
      expect(one.downlinks).to.have.length(1);
      expect(bench.events.filter(({ event }) => event === "refused").at(-1)).to.include({ code, dk: DK });
      await (await bench.device()).ds();
    }
  });

  it("does not take the new bindingSecret of a device that it has told to authenticate anew for a reset", async () => {
    await bench.ready();
    await bench.bind(request());
    const lost = await bench.device({ password: connection(PS, "x".repeat(32)) });
    await lost.until(() => lost.closed);
    const again = await bench.device({ sdk: OURS });
    await again.ds();
    await again.report(credentials(OTHER, OTHER_SECRET));
    expect(bench.count("reset")).to.equal(0);
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5049);
  });

  it("an SDK 2.9.0 device recovers from a cloud that has forgotten it, and is bound by its code alone", async () => {
    const first = await bench.device({ sdk: "2.9.0" });
    const ds = await first.ds();
    await bench.restart();
    const second = await bench.device({ password: connection(PS, ds), sdk: "2.9.0", report: window(CODE) });
    const told = await second.downlink(protocol.CMD_CONFIG);
    expect(find(told, protocol.CONFIG_REAUTHENTICATE)).to.equal(true);
    const third = await bench.device({ sdk: "2.9.0" });
    await third.ds();
    await third.report(window(CODE));
    expect(await bench.code(request())).to.equal(200);
    await bench.confirmed(third);
  });

  it("does not acknowledge what a refused device reports, and takes none of it", async () => {
    const ds = await (await bench.ready()).ds();
    const stranger = { password: connection("0".repeat(16), ds), report: window(OTHER) };
    const one = await bench.device(stranger);
    await one.until(() => one.closed);
    expect(one.acknowledged.size).to.equal(0);
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(5462);
  });

  it("keeps a device's connection when a stranger uses its clientId", async () => {
    const one = await bench.ready();
    const stranger = await bench.device({ password: connection(PS, "x".repeat(32)) });
    await stranger.until(() => stranger.closed);
    await one.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    expect(find(await one.downlink(protocol.CMD_BINDING_RESULT), protocol.RESULT_CODE)).to.equal(OTHER);
    expect(bench.count("disconnected")).to.equal(0);
  });

  it("ends the older of two connections of one device", async () => {
    const one = await bench.ready();
    const again = await bench.device({ password: connection(PS, await one.ds()) });
    await again.until(() => one.closed);
    await again.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    await again.downlink(protocol.CMD_BINDING_RESULT);
  });

  it("issues a new DS at each authentication; the one before is worth nothing", async () => {
    const first = await (await bench.device()).ds();
    const second = await (await bench.device()).ds();
    expect([first, second].join(" ")).to.match(/^[0-9A-Za-z]{32} [0-9A-Za-z]{32}$/);
    expect(second).not.to.equal(first);
    const old = await bench.device({ password: connection(PS, first) });
    await old.until(() => old.closed);
    expect(bench.events.at(-1)).to.include({ event: "refused", code: 10437 });
  });

  it("takes the product from the password where two PKs begin alike", async () => {
    const one = await bench.device({ pk: "multi", dk: "plexDEVICE" });
    await one.ds();
    await one.report(credentials(CODE));
    expect(await bench.code(request({ deviceKey: "plexDEVICE" }))).to.equal(200);
    const back = await bench.device({ pk: "multi", dk: "plexDEVICE", password: connection(PS, await one.ds()) });
    await back.report(window(OTHER));
  });

  it("counts package ids from 1 over all its downlinks", async () => {
    const one = await bench.ready();
    await bench.code(request());
    await one.downlink(protocol.CMD_BINDING_RESULT);
    expect(one.downlinks.map(({ id }) => id)).to.deep.equal([1, 2, 3]);
  });

  it("counts how often a device has waited before it reported its window", async () => {
    const one = await bench.ready();
    const password = connection(PS, await one.ds());
    const again = await bench.device({ password, report: window(OTHER) });
    await again.until(() => bench.count("window") === 2);
    const later = await bench.device({ password });
    await later.until(() => later.granted !== undefined);
    await later.report([[protocol.STATUS_RSSI, -50]], protocol.CMD_STATUS);
    await later.report(window("A".repeat(16)));
    const windows = bench.events.filter(({ event }) => event === "window");
    expect(windows.map(({ roundTrips }) => roundTrips)).to.deep.equal([2, 1, 3]);
  });

  it("refuses a subscription to another device's topics", async () => {
    const one = await bench.device({ subscribe: "q/1/d/qdmultiOTHERDEVICE/+" });
    await one.until(() => one.granted !== undefined);
    expect(one.granted).to.equal(128);
    expect(one.downlinks).to.deep.equal([]);
    expect(bench.events.at(-1)).to.include({ event: "foreignTopic", topic: "q/1/d/qdmultiOTHERDEVICE/+" });
  });

  it("tells a result until the device acknowledges it", async () => {
    const one = await bench.ready();
    const password = (ds: string): string => connection(PS, ds);
    const ds = await one.ds();
    one.stop();
    await one.until(() => bench.count("disconnected") === 1);
    expect(await bench.code(request())).to.equal(200);

    const deaf = await bench.device({ password: password(ds), polite: false });
    await deaf.downlink(protocol.CMD_BINDING_RESULT);
    const back = await bench.device({ password: password(ds) });
    expect(find(await back.downlink(protocol.CMD_BINDING_RESULT), protocol.RESULT_BOUND)).to.equal(true);
    await bench.confirmed(back);
    const again = await bench.device({ password: password(ds) });
    for (let i = 0; i < 3; i++) await again.report(window(OTHER));
    expect(again.downlinks).to.deep.equal([]);
  });

  it("keeps a spent code spent when the device reports it once more before it knows", async () => {
    const one = await bench.ready();
    const ds = await one.ds();
    one.stop();
    await one.until(() => bench.count("disconnected") === 1);
    expect(await bench.code(request())).to.equal(200);
    const back = await bench.device({ password: connection(PS, ds), report: window(CODE) });
    await back.downlink(protocol.CMD_BINDING_RESULT);
    await back.until(() => back.acknowledged.size === 1);
    expect(await bench.code(request(), "token-two")).to.equal(5461);
  });

  it("takes a repeated packet once", async () => {
    const one = await bench.ready();
    const id = await one.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    await one.downlink(protocol.CMD_BINDING_RESULT);
    // The cloud has seen the device's acknowledgement once it has seen what came after it.
    one.publish(encodeFrame(9, protocol.CMD_REPORT, encodeTtlv([[1, true]])), "bus");
    await one.until(() => bench.events.some(({ command }) => command === "0014"));
    await one.repeat(id, window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }), "token-two")).to.equal(5461);
  });

  it("answers malformed reports by 00A3 and takes nothing of them", async () => {
    const one = await bench.ready();
    const { BINDING_CODE, BINDING_SECRET, CMD_BINDING } = protocol;
    const reports: Node[][] = [
      window("short"),
      window(OTHER.toLowerCase()),
      [[BINDING_CODE, 5]],
      [[BINDING_CODE, [[1, OTHER]]]],
      [[BINDING_SECRET, "AAAA"], ...window(OTHER)],
      [[BINDING_SECRET, true], ...window(OTHER)],
      [...credentials("short", OTHER_SECRET)],
      [[99, 1]],
    ];
    for (const report of reports) await one.report(report);
    one.publish("no frame");
    one.publish(encodeFrame(77, CMD_BINDING, "no TTLV"));
    one.publish(encodeFrame(78, 0x0099, encodeTtlv([[1, 1]])));
    one.publish(encodeFrame(79, CMD_BINDING, encodeTtlv(window(OTHER))), "bus");
    one.echo(9, "nothing that was sent");
    await one.until(() => one.downlinks.length === 1 + reports.length + 5);

    const answers = one.downlinks.slice(1).map(({ cmd, nodes }) => [cmd, find(nodes, 1), find(nodes, 2)]);
    expect(answers.slice(0, -5)).to.deep.equal(reports.map(() => [protocol.CMD_EXCEPTION, 5, 1]));
    expect(answers.slice(-5).map(([, ...rest]) => rest)).to.deep.equal([
      [5, undefined],
      [5, 77],
      [4, 78],
      [4, 79],
      [5, 9],
    ]);
    expect(bench.count("malformed")).to.equal(answers.length);
    expect(await bench.code(request())).to.equal(200);
  });

  it("ends a connection that publishes for another device or on no class, and says on which topic", async () => {
    const topics = ["q/2/d/qdmultiOTHERDEVICE/sys", "q/2/d/qdmultiDEVICE01/other", "/foo"];
    for (const topic of topics) {
      const one = await bench.device();
      await one.ds();
      one.publishOn(topic, encodeFrame(1, protocol.CMD_BINDING, encodeTtlv(window(OTHER))));
      await one.until(() => one.closed);
    }
    expect(bench.count("reported")).to.equal(0);
    const events = bench.events.filter(({ event }) => event === "foreignTopic");
    expect(events.map(({ topic, dk }) => [topic, dk])).to.deep.equal(topics.map((topic) => [topic, DK]));
    expect(events[0].message).to.match(/publishes on/);
    expect(bench.count("malformed"), "it is MQTT, and told once").to.equal(0);
  });

  it("stores status and information, and lets the product's own commands pass on the topic bus", async () => {
    const one = await bench.ready();
    await one.report([[protocol.STATUS_RSSI, -61]], protocol.CMD_STATUS);
    await one.report([[protocol.INFO_FIRMWARE, "1.2.3"]], protocol.CMD_INFO);
    one.publish(encodeFrame(9, protocol.CMD_REPORT, encodeTtlv([[1, true]])), "bus");
    await one.until(() => bench.events.some(({ command }) => command === "0014"));
    await bench.code(request());
    const { data } = await bench.call("GET", "/v2/binding/enduserapi/userDeviceList", "token-one");
    expect((data as { list: object[] }).list[0]).to.include({ rssi: -61, firmware: "1.2.3", model: null });
    expect(bench.count("malformed")).to.equal(0);
  });

  it("tells no secret in its events", async () => {
    const one = await bench.ready();
    const ds = await one.ds();
    await bench.code(request());
    await one.downlink(protocol.CMD_BINDING_RESULT);
    await bench.confirmed(one);
    const told = JSON.stringify(bench.events);
    for (const secret of [...one.authKeys(PS), PS, CODE, ds, "token-one"]) expect(told).not.to.include(secret);
    const names = bench.events.map(({ event }) => event);
    expect(names[0]).to.equal("connected");
    // The device sends 0044 without waiting for its DS.
    expect(names.slice(1, 3).sort()).to.deep.equal(["authenticated", "reported"]);
    expect(names.slice(3)).to.deep.equal([
      ...["window", "reported", "bindingCall", "bound", "keySent", "keyConfirmed", "reported"],
    ]);
  });
});
