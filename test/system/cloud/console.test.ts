/** The console's side of the cloud: its feed, its operator, its masks; and the page that the build has made. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { expect } from "chai";

import { statusCodes } from "../../../compiler/console.js";
import type { ShownData } from "../../../sim/cloud/console/data.js";
import { maskFrame } from "../../../sim/cloud/console/masks.js";
import { BINDING_MESSAGES } from "../../../sim/cloud/status.js";
import * as protocol from "../../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { Bench, CODE, DK, PS, SECRET, WORLD } from "../../support/cloud-bench.js";
import type { TestDevice } from "../../support/cloud-device.js";

/** Bytes of the page as a browser is sent them by a server that compresses. */
const PAGE_LIMIT = 150_000;

interface Message {
  id?: string;
  event: string;
  data: { hex?: string; number?: number; code?: number };
}

/** What the feed says until it is ready. */
async function feed(bench: Bench, headers: Record<string, string> = {}): Promise<Message[]> {
  const stop = new AbortController();
  const response = await fetch(`${bench.cloud.http}/dev/console/feed`, { headers, signal: stop.signal });
  let text = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let more = await reader.read(); !more.done; more = await reader.read()) {
    text += more.value;
    if (text.includes("event: ready") || !text.startsWith("event")) break;
  }
  stop.abort();
  if (!text.startsWith("event")) return [{ event: "refused", data: JSON.parse(text) }];
  return text.split("\n\n").flatMap((block) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
    const event = field("event");
    return event ? [{ id: field("id"), event, data: JSON.parse(field("data")!) }] : [];
  });
}

describe("the console of the cloud", () => {
  let bench: Bench;
  let page: string;

  beforeEach(async () => {
    page = mkdtempSync(path.join(tmpdir(), "page-"));
    writeFileSync(path.join(page, "index.html"), "<!doctype html><title>page</title>");
    bench = await Bench.start({ console: { page }, operator: "operators-token" });
  });
  afterEach(async () => {
    await bench.stop();
    rmSync(page, { recursive: true });
  });
  const operator = { authorization: "operators-token" };

  it("serves its page with a policy that lets nothing in but itself", async () => {
    const response = await fetch(bench.cloud.http);
    expect(await response.text()).to.include("<title>page</title>");
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).to.include("default-src 'none'").and.include("script-src 'self'").and.not.include("unsafe");
  });

  it("asks for the operator's token, and answers no page of another server", async () => {
    expect((await feed(bench))[0].data.code).to.equal(5032);
    expect((await feed(bench, { authorization: "wrong" }))[0].data.code).to.equal(5032);
    const foreign = { ...operator, origin: "http://127.0.0.1:1" };
    expect((await feed(bench, foreign))[0].data.code).to.equal(5048);
  });

  it("tells the world, the devices and the frames, without a secret", async () => {
    await bench.ready();
    const messages = await feed(bench, operator);
    expect(messages.map(({ event }) => event)).to.include.members(["world", "devices", "frame", "event", "ready"]);
    const text = JSON.stringify(messages);
    const hex = (secret: string): string => Buffer.from(secret).toString("hex");
    for (const secret of [CODE, SECRET, "token-one", "operators-token"]) {
      expect(text).not.to.include(secret).and.not.to.include(hex(secret));
    }
  });

  it("goes on where a browser was, and begins anew for one of another run", async () => {
    await bench.ready();
    const before = await feed(bench, operator);
    const last = before.findLast(({ id }) => id)!.id!;
    await bench.device({ dk: "ANOTHER1" });
    const ids = (messages: Message[]): string[] => messages.flatMap(({ id }) => id ?? []);
    const news = ids(await feed(bench, { ...operator, "last-event-id": last }));
    expect(news).not.to.deep.equal([]);
    expect(ids(before).filter((id) => news.includes(id))).to.deep.equal([]);
    const strange = ids(await feed(bench, { ...operator, "last-event-id": "other:999" }));
    expect(strange).to.include.members([...ids(before), ...news]);
  });

  it("shows a frame unmasked to the operator only", async () => {
    await bench.ready();
    const frames = (await feed(bench, operator)).filter(({ event }) => event === "frame");
    const { number } = frames.at(-1)!.data;
    expect((await bench.call("GET", `/dev/console/frames/${number}`, "")).code).to.equal(5032);
    const { data } = await bench.call("GET", `/dev/console/frames/${number}`, "operators-token");
    expect((data as { hex: string }).hex).to.include(Buffer.from(CODE).toString("hex"));
  });

  it("hands out a product's secret to the operator only", async () => {
    expect((await bench.call("GET", "/dev/console/products/multi", "")).code).to.equal(5032);
    const { data } = await bench.call("GET", "/dev/console/products/multi", "operators-token");
    expect(data).to.deep.equal({ ps: PS });
    expect((await bench.call("GET", "/dev/console/products/nothere", "operators-token")).code).to.equal(5314);
  });

  it("serves the files for devices that the build has, and no others", async () => {
    await bench.stop();
    for (const name of ["firmware.min.js", "cli.js"]) writeFileSync(path.join(page, name), "// file");
    bench = await Bench.start({ console: { page: mkdtempSync(path.join(page, "page-")), firmware: page } });
    const get = async (name: string) => (await fetch(`${bench.cloud.http}/console/device/${name}`)).text();
    expect(await get("firmware.min.js")).to.equal("// file");
    for (const name of ["cli.js", "boot.min.js", "..%2Findex.html"]) expect(await get(name)).to.include("5048");
  });

  it("binds in a user's name, by the code that the device has reported", async () => {
    await bench.ready();
    const body = { user: "one", fromWindow: true, productKey: "multi", deviceKey: DK };
    const bind = (more: object = {}, token = "operators-token") =>
      bench.call("POST", "/dev/console/bind", token, JSON.stringify({ ...body, ...more }));
    expect((await bind({}, "")).code).to.equal(5032);
    expect((await bind({ user: "nobody" })).code).to.equal(5032);
    expect((await bind({ deviceKey: "NOTTHERE" })).code).to.equal(5460);
    expect((await bind()).code).to.equal(200);
    const path = `/dev/devices/multi/${DK}/bindings/one`;
    const rename = (name: unknown) => bench.call("PATCH", path, "operators-token", JSON.stringify({ name }));
    expect((await rename("x".repeat(65))).code).to.equal(5333);
    expect((await rename("Lamp")).code).to.equal(200);
    expect(bench.count("renamed")).to.equal(1);
    expect((await bench.call("DELETE", path, "operators-token")).code).to.equal(200);
    expect((await rename("Lamp")).code).to.equal(5052);
  });
});

describe("the data of the console", () => {
  const TSL = {
    properties: [
      { id: 1, code: "on", dataType: "BOOL" },
      { id: 2, code: "level", name: "Level", dataType: "INT", specs: { min: "0", max: "9", unit: "%" } },
      { id: 3, code: "mode", subType: "R", dataType: "ENUM", specs: [{ value: "1", name: "eco" }] },
    ],
  };
  const products = [{ ...WORLD.products[0]!, tsl: TSL }];
  const address = `/dev/devices/multi/${DK}/data`;
  let bench: Bench;
  let device: TestDevice;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "page-"));
    bench = await Bench.start({ console: { page: folder }, products, operator: "operators-token" });
    device = await bench.ready();
  });
  afterEach(async () => {
    await bench.stop();
    rmSync(folder, { recursive: true });
  });

  const get = (query = "", token = "operators-token") => bench.call("GET", address + query, token);
  const post = (body: object) => bench.call("POST", address, "operators-token", JSON.stringify(body));

  it("are the properties of the model, the newest values and the numbers' history", async () => {
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[1, true], [2, 4]])); // prettier-ignore
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[2, 5], [3, 1], [7, "text"]])); // prettier-ignore
    expect((await get("", "")).code).to.equal(5032);
    const { properties, values, history } = (await get()).data as ShownData;
    expect(properties.map(({ code, kind, access }) => `${code} ${kind} ${access}`)).to.deep.equal([
      ...["on BOOL RW", "level INT RW", "mode ENUM R", "7 TEXT R"],
    ]);
    expect(properties[1]).to.include({ name: "Level", min: 0, max: 9, unit: "%" });
    expect(properties[2]!.values).to.deep.equal([{ value: 1, name: "eco" }]);
    expect(values.map(({ id, value }) => [id, value])).to.deep.equal([[1, true], [2, 5], [3, 1], [7, "text"]]); // prettier-ignore
    expect(history[2]!.map(([, value]) => value)).to.deep.equal([4, 5]);
    expect(history).to.have.all.keys("2", "3");
  });

  it("are written in a user's name, who has bound the device", async () => {
    const values = { level: 7 };
    expect((await post({ user: "one", values })).extMsg).to.include("has not bound");
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
    expect((await post({ user: "one", values })).code).to.equal(200);
    expect(await device.downlink(protocol.CMD_WRITE)).to.deep.equal([[2, 7]]);
    expect((await post({ user: "one", values: { level: 10 } })).extMsg).to.include("must be 0 to 9 %");
    expect((await post({ user: "one", values: { mode: 1 } })).extMsg).to.include("only be read");
    expect((await post({ user: "one" })).code).to.equal(5074);
    expect((await post({ user: "nobody", values })).code).to.equal(5032);
  });

  it("come from the device itself where that is wanted", async () => {
    device.onDownlink = ({ id, cmd }) => {
      if (cmd === protocol.CMD_READ) void device.tell(protocol.CMD_READ_ANSWER, encodeTtlv([[2, 8]]), id);
    };
    const { values } = (await get("?fresh=true")).data as ShownData;
    expect(values.map(({ value }) => value)).to.deep.equal([8]);
    device.stop();
    await device.until(() => bench.count("disconnected") === 1);
    expect((await get("?fresh=true")).code).to.equal(5340);
  });
});

describe("masks of the console", () => {
  const frame = (cmd: number, nodes: Node[]): string => encodeFrame(7, cmd, encodeTtlv(nodes));

  it("hide the letters of a secret and keep the rest", () => {
    const nodes: Node[] = [[protocol.CONFIG_DS, "DS-OF-A-DEVICE"], [protocol.CONFIG_PK, "pk1"]]; // prettier-ignore
    const { bytes, masked } = maskFrame(frame(protocol.CMD_CONFIG, nodes), true);
    expect(masked).to.equal(true);
    expect(decodeTtlv(decodeFrame(bytes)!.data)).to.deep.equal([
      [protocol.CONFIG_DS, "**************"],
      [protocol.CONFIG_PK, "pk1"],
    ]);
  });

  it("hide a secret of any type, and whatever cannot be read", () => {
    const odd = maskFrame(frame(protocol.CMD_BINDING, [[protocol.BINDING_CODE, 1234567890]]), true);
    expect(decodeTtlv(decodeFrame(odd.bytes)!.data)).to.deep.equal([[protocol.BINDING_CODE, false]]);
    const broken = encodeFrame(7, protocol.CMD_BINDING, `\x00\x5bsecret`);
    expect(maskFrame(broken, true).bytes).not.to.include("secret");
    expect(maskFrame("secret", true).bytes).to.equal("******");
  });

  it("leave other frames alone", () => {
    const plain = frame(protocol.CMD_INFO, [[protocol.INFO_MODEL, "ESP32"]]);
    expect(maskFrame(plain, true)).to.deep.equal({ bytes: plain, masked: false });
    expect(maskFrame("data", false)).to.deep.equal({ bytes: "data", masked: false });
  });
});

describe("the built page", () => {
  it("knows each status code of the document", () => {
    const codes = statusCodes(readFileSync("docs/status-codes.md", "utf8"));
    for (const [code, message] of Object.entries(BINDING_MESSAGES)) {
      expect(codes[code].message).to.equal(message);
      expect(codes[code].cause).not.to.equal("");
      expect(codes[code].look).not.to.equal("");
    }
  });

  it(`weighs less than ${PAGE_LIMIT / 1000} KB, compressed`, function () {
    if (!existsSync("build/console")) this.skip();
    const files = readdirSync("build/console").filter((name) => !name.endsWith(".map"));
    const weight = files.reduce((sum, name) => sum + gzipSync(readFileSync(`build/console/${name}`)).length, 0);
    expect(weight).to.be.below(PAGE_LIMIT);
  });
});
