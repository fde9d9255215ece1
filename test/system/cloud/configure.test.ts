/** An operator's changes: what goes down for each, what the cloud believes after it, and who may not ask. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { find, type Node } from "../../../src/codec/ttlv.js";
import { Bench, DK, OTHER, PS, request, window } from "../../support/cloud-bench.js";
import { connection, type TestDevice } from "../../support/cloud-device.js";

const PATH = `/dev/devices/multi/${DK}/config`;

describe("an operator's change", () => {
  let bench: Bench;
  let device: TestDevice;
  let ds: string;

  beforeEach(async () => {
    bench = await Bench.start();
    device = await bench.ready();
    ds = await device.ds();
  });
  afterEach(() => bench.stop());

  /** What goes down for a change. */
  const sent = async (change: object): Promise<[cmd: number, nodes: Node[]][]> => {
    const before = device.downlinks.length;
    expect((await bench.configure(change)).code).to.equal(200);
    await device.until(() => device.downlinks.length > before);
    return device.downlinks.slice(before).map(({ cmd, nodes }) => [cmd, nodes]);
  };

  it("of the server, of the product, of both, and reauthentication", async () => {
    const server = { domain: "iot.example", ip: "10.0.0.1", port: 1884 };
    const place: Node = [
      protocol.CONFIG_SERVER,
      [
        [protocol.SERVER_DOMAIN, "iot.example"],
        [protocol.SERVER_IP, "10.0.0.1"],
        [protocol.SERVER_PORT, 1884],
      ],
    ];
    const product: Node[] = [
      [protocol.CONFIG_PK, "other"],
      [protocol.CONFIG_PS, "0123456789abcdef"],
    ];
    const other = { pk: "other", ps: "0123456789abcdef" };
    expect(await sent({ server })).to.deep.equal([[protocol.CMD_CONFIG, [place]]]);
    expect(await sent({ product: other })).to.deep.equal([[protocol.CMD_CONFIG, product]]);
    expect(await sent({ server, product: other })).to.deep.equal([[protocol.CMD_CONFIG, [place, ...product]]]);
    expect(await sent({ reauthenticate: true })).to.deep.equal([
      [protocol.CMD_CONFIG, [[protocol.CONFIG_REAUTHENTICATE, true]]],
    ]);
  });

  it("asks for status and information, and stores the answers as if they had come unasked", async () => {
    expect(await sent({ status: true })).to.deep.equal([[protocol.CMD_STATUS_READ, []]]);
    expect(await sent({ info: true })).to.deep.equal([[protocol.CMD_INFO_READ, []]]);
    await device.report([[protocol.STATUS_RSSI, -50]], protocol.CMD_STATUS_ANSWER);
    await device.report([[protocol.INFO_MODEL, "ESP32"]], protocol.CMD_INFO_ANSWER);
    await bench.code(request());
    const { data } = await bench.call("GET", "/v2/binding/enduserapi/userDeviceList", "token-one");
    expect((data as { list: object[] }).list[0]).to.include({ rssi: -50, model: "ESP32" });
  });

  it("of the DS: the old one is good until the device connects with the new one, over a restart too", async () => {
    const next = String(find((await sent({ ds: true }))[0][1], protocol.CONFIG_NEW_DS));
    expect(next)
      .to.match(/^[0-9A-Za-z]{32}$/)
      .and.not.equal(ds);
    const connects = async (password: string): Promise<boolean> => {
      const one = await bench.device({ password, report: window(OTHER) });
      await one.until(() => one.acknowledged.size > 0 || one.closed);
      return one.acknowledged.size > 0;
    };
    expect(await connects(connection(PS, ds))).to.equal(true);
    expect(await connects(connection(PS, next))).to.equal(true);
    expect(await connects(connection(PS, ds))).to.equal(false);
    expect(await connects(connection(PS, next))).to.equal(true);
  });

  it("of the DS, asked for twice, sends the same one: the device may have taken the first", async () => {
    const [first, second] = [await sent({ ds: true }), await sent({ ds: true })];
    expect(second).to.deep.equal(first);
  });

  it("does not reach a device that is away, or one that nobody knows", async () => {
    device.stop();
    await device.until(() => bench.count("disconnected") === 1);
    expect(await bench.configure({ ds: true })).to.include({ code: 5048, extMsg: "the device is not connected" });
    expect((await bench.configure({ ds: true }, "multi/UNKNOWN1")).code).to.equal(5314);
    expect(await (await bench.device({ password: connection(PS, ds) })).report(window(OTHER))).to.be.above(0);
    expect(bench.count("configured")).to.equal(0);
  });

  it("is refused when it is none", async () => {
    const wrong: unknown[] = [
      ...[{}, [], "text", null, { ds: false }, { status: 1 }, { colour: "red" }],
      { server: { domain: "iot.example", port: 1883 } },
      { server: { domain: "iot.example", ip: "10.0.0.1", port: 70000 } },
      { server: { domain: "two words", ip: "10.0.0.1", port: 1883 } },
      { product: { pk: "other" } },
      { product: { pk: "other", ps: "short" } },
      { product: { pk: "p;q", ps: "0123456789abcdef" } },
    ];
    for (const change of wrong) {
      expect((await bench.configure(change)).code, JSON.stringify(change)).to.equal(5048);
    }
    expect(device.downlinks.length).to.equal(1);
  });

  it("is refused to web pages of others, which any browser on this machine would let ask", async () => {
    const change = (headers: Record<string, string>) => bench.call("POST", PATH, "", '{"info":true}', headers);
    const own = bench.cloud.http;
    for (const headers of [
      { origin: "http://page.example" },
      { origin: "null" },
      { origin: own.replace(/:\d+$/, ":1") },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: own },
    ] as Record<string, string>[]) {
      expect((await change(headers)).code, JSON.stringify(headers)).to.equal(5048);
    }
    expect(bench.count("configured")).to.equal(0);
    expect((await change({ origin: own, "sec-fetch-site": "same-origin" })).code).to.equal(200);
  });

  it("is for the operator only where the products file has a token for one", async () => {
    await bench.stop();
    bench = await Bench.start({ operator: "token-of-the-operator" });
    const again = await bench.ready();
    for (const token of ["", "token-one", "nonsense"]) {
      expect((await bench.configure({ info: true }, undefined, token)).code, token).to.equal(5032);
    }
    expect((await bench.configure({ info: true }, undefined, "token-of-the-operator")).code).to.equal(200);
    await again.downlink(protocol.CMD_INFO_READ);
    expect(JSON.stringify(bench.events)).not.to.include("token-of-the-operator");
  });

  it("forgets a device: it authenticates anew, and every user may bind it", async () => {
    await bench.bind(request());
    const answer = await bench.call("DELETE", `/dev/devices/multi/${DK}`, "");
    expect(answer.code).to.equal(200);
    await device.until(() => device.closed);
    expect(bench.count("forgotten")).to.equal(1);
    expect(await bench.code(request())).to.equal(5460);
    expect((await bench.call("DELETE", `/dev/devices/multi/${DK}`, "")).code).to.equal(5314);
    const old = await bench.device({ password: connection(PS, ds) });
    await old.until(() => old.closed);
    const again = await bench.ready();
    expect(await bench.code(request(), "token-two")).to.equal(200);
    await bench.confirmed(again);
  });

  it("is told as an event that names it, without its secrets", async () => {
    await sent({ product: { pk: "other", ps: "0123456789abcdef" }, ds: true });
    const [event] = bench.events.filter((one) => one.event === "configured");
    expect(event).to.include({ pk: "multi", dk: DK, message: "product, ds" });
    const told = JSON.stringify(bench.events);
    const next = await device.configuration(protocol.CONFIG_NEW_DS);
    for (const secret of ["0123456789abcdef", next]) expect(told).not.to.include(secret);
  });

  it("is described in /openapi.json, under a tag of its own", async () => {
    const description = (await (await fetch(`${bench.cloud.http}/openapi.json`)).json()) as {
      paths: Record<string, { post?: { tags?: string[] } }>;
    };
    const tagged = Object.entries(description.paths).filter(([, { post }]) => post?.tags?.includes("operator"));
    expect(tagged.map(([path]) => path)).to.deep.equal(["/dev/devices/{pk}/{dk}/config", "/dev/updates"]);
    expect(description.paths["/dev/devices/{pk}/{dk}"]).to.have.nested.property("delete.tags[0]", "operator");
  });
});
