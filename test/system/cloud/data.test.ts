/** Application data in the cloud: what devices report is kept, and what users write reaches the devices they have bound. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { LAMP } from "../../../sim/model/lamp.js";
import {
  CMD_EXCEPTION,
  CMD_RAW_DOWN,
  CMD_RAW_UP,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_REPORT,
  CMD_WRITE,
  EXCEPTION_CODE,
} from "../../../src/codec/commands.js";
import { encodeTtlv, find, type Node } from "../../../src/codec/ttlv.js";
import { Bench, DK, request, WORLD, type Answer } from "../../support/cloud-bench.js";
import type { TestDevice } from "../../support/cloud-device.js";

const API = "/v2/binding/enduserapi";
const [MULTI, PLAIN, ...OTHERS] = WORLD.products;
const world = { ...WORLD, products: [{ ...MULTI, tsl: LAMP }, PLAIN, ...OTHERS] };

interface Attribute {
  abId: number;
  resourceCode: string;
  resourceValce: string;
  dataType: string;
  createTime: string;
}

describe("the cloud's data", () => {
  let bench: Bench;
  let device: TestDevice;
  let data: string;

  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), "data-"));
    bench = await Bench.start({ ...world, data });
    device = await bench.ready();
    expect((await bench.bind(request())).code).to.equal(200);
  });
  afterEach(async () => {
    await bench.stop();
    rmSync(data, { recursive: true });
  });

  const report = (...nodes: Node[]): Promise<void> => device.tell(CMD_REPORT, encodeTtlv(nodes));
  const query = (path: string, more: Record<string, string> = {}, token = "token-one"): Promise<Answer> =>
    bench.call("GET", `${path}?${new URLSearchParams({ pk: "multi", dk: DK, ...more }).toString()}`, token);
  const attributes = (more?: Record<string, string>, token?: string): Promise<Answer> =>
    query(`${API}/getDeviceBusinessAttributes`, more, token);
  const values = async (more?: Record<string, string>): Promise<[string, string][]> => {
    const { data: answer } = await attributes(more);
    const { customizeTslInfo } = answer as { customizeTslInfo: Attribute[] };
    return customizeTslInfo.map(({ resourceCode, resourceValce }) => [resourceCode, resourceValce]);
  };
  const control = (body: object, token = "token-one"): Promise<Answer> =>
    bench.call(
      "POST",
      `${API}/batchControlDevice`,
      token,
      JSON.stringify({ type: 2, deviceList: [{ productKey: "multi", deviceKey: DK }], ...body }),
    );
  const write = (values: object, token?: string): Promise<Answer> => control({ data: JSON.stringify([values]) }, token);
  const failure = ({ data: lists }: Answer): { reason: string; msg: string } =>
    (lists as { failureList: { reason: string; msg: string }[] }).failureList[0];
  /** The device answers the read that comes, or that has come. */
  const answerRead = async (...nodes: Node[]): Promise<string> => {
    await device.until(() => device.downlinks.some(({ cmd }) => cmd === CMD_READ));
    const read = device.downlinks.find(({ cmd }) => cmd === CMD_READ)!;
    await device.tell(CMD_READ_ANSWER, encodeTtlv(nodes), read.id);
    return Buffer.from(read.data, "latin1").toString("hex");
  };

  it("keeps the newest value of each property with its time, by the names of the thing model", async () => {
    const before = Date.now();
    await report([1, true], [2, 40]);
    await report([2, 41], [9, [[0, 1.5], [0, "é".length]]]); // prettier-ignore
    expect(await values()).to.deep.equal([["switch", "true"], ["brightness", "41"], ["9", "[1.5,1]"]]); // prettier-ignore
    const { data: answer } = await attributes();
    const [first] = (answer as { customizeTslInfo: Attribute[] }).customizeTslInfo;
    expect(first).to.include({ abId: 1, dataType: "BOOL", type: "PROPERTY", subType: "RW", name: "Switch" });
    expect(Number(first.createTime)).to.be.within(before, Date.now());
    expect((answer as { deviceData: object }).deviceData).to.include({ deviceKey: DK, onlineStatus: 1 });
    expect(await values({ codeList: "brightness" })).to.deep.equal([["brightness", "41"]]);
    expect(await values({ codeList: "1, brightness" })).to.have.length(2);
  });

  it("asks the device itself when the caller wants that, and has the answer", async () => {
    const answer = attributes({ fresh: "true", codeList: "switch,brightness" });
    expect(await answerRead([1, false], [2, 7])).to.equal("00010002");
    expect((await answer).code).to.equal(200);
    expect(await values()).to.deep.equal([["switch", "false"], ["brightness", "7"]]); // prettier-ignore
  });

  it("says that the device did not answer the read, and has its last values", async function () {
    this.timeout(6000);
    await report([2, 3]);
    const { code, extMsg } = await attributes({ fresh: "true" });
    expect([code, extMsg]).to.deep.equal([200, "the device did not answer the read: these are its last values"]);
  });

  it("writes a device that has acknowledged it, and tells of it", async () => {
    const { code, data: lists } = await write({ switch: true, brightness: "55" });
    expect(code).to.equal(200);
    expect((lists as { successList: object[] }).successList[0]).to.have.keys("data", "ticket");
    const { nodes, topic } = device.downlinks.find(({ cmd }) => cmd === CMD_WRITE)!;
    expect(nodes).to.deep.equal([[1, true], [2, 55]]); // prettier-ignore
    expect(topic).to.equal(`q/1/d/qdmulti${DK}/bus`);
    const told = bench.events.find(({ event }) => event === "controlCall");
    expect(told).to.include({ pk: "multi", dk: DK, user: "one", code: 200 });
  });

  const refused: [what: string, values: object, reason: string, msg: RegExp][] = [
    ["an unknown property", { colour: 1 }, "unknownProperty", /no property "colour": it has switch, brightness/],
    ["a value out of range", { brightness: 101 }, "range", /brightness is 101, and must be 0 to 100 %/],
    ["a value of another type", { switch: "perhaps" }, "type", /switch must be true or false/],
    ["a part of a whole number", { brightness: 1.5 }, "type", /brightness must be a whole number/],
  ];
  for (const [what, values, reason, msg] of refused) {
    it(`refuses a write of ${what}, and sends nothing`, async () => {
      const answer = await write(values);
      expect(answer.code).to.equal(5340);
      expect(answer.extMsg).to.match(msg);
      expect(failure(answer)).to.deep.include({ reason, msg: answer.extMsg });
      expect(device.downlinks.some(({ cmd }) => cmd === CMD_WRITE)).to.equal(false);
    });
  }

  it("refuses a write to a device that is away, and one that does not acknowledge it", async function () {
    this.timeout(8000);
    device.stop();
    await device.until(() => bench.count("disconnected") === 1);
    const away = await write({ switch: true });
    expect([away.code, failure(away).reason]).to.deep.equal([5340, "offline"]);
    expect((await attributes({ fresh: "true" })).code).to.equal(5340);
    const deaf = await bench.device({ sdk: "other", polite: false });
    await deaf.ds();
    const silent = await write({ switch: true });
    expect([silent.code, failure(silent).reason]).to.deep.equal([5340, "silent"]);
  });

  it("is for users who have bound the device", async () => {
    expect((await write({ switch: true }, "token-three")).code).to.equal(5340);
    expect(failure(await write({ switch: true }, "token-three")).reason).to.equal("notBound");
    expect((await attributes({}, "token-three")).code).to.equal(5052);
    expect((await attributes({}, "nobody")).code).to.equal(5032);
    expect((await write({ switch: true }, "")).code).to.equal(5106);
    expect(device.downlinks.some(({ cmd }) => cmd === CMD_WRITE)).to.equal(false);
  });

  const malformed: [what: string, body: object, code: number][] = [
    ["no type", { type: undefined, data: "{}" }, 5070],
    ["a service", { type: 3, data: "{}" }, 5071],
    ["a type that is a text", { type: "2", data: "{}" }, 5071],
    ["bytes without a form", { type: 1, data: "00" }, 5072],
    ["bytes of an unknown form", { type: 1, dataFormat: 3, data: "00" }, 5073],
    ["no data", {}, 5074],
    ["data that is no text", { data: { switch: true } }, 5074],
    ["data that is no JSON", { data: "switch=1" }, 5074],
    ["an empty list of values", { data: "[]" }, 5074],
    ["half a byte", { type: 1, dataFormat: 1, data: "abc" }, 5074],
    ["a command that is too long", { data: " ".repeat(4097) }, 5075],
    ["no device", { data: "[{}]", deviceList: [] }, 5311],
    ["a device without a key", { data: "[{}]", deviceList: [{ productKey: "multi" }] }, 5311],
    ["too many devices", { data: "[{}]", deviceList: Array(101).fill({ productKey: "a", deviceKey: "b" }) }, 5312],
  ];
  for (const [what, body, code] of malformed) {
    it(`refuses ${what}`, async () => expect((await control(body)).code).to.equal(code));
  }

  it("carries bytes in both directions", async () => {
    expect((await control({ type: 1, dataFormat: 1, data: "00ff7A" })).code).to.equal(200);
    expect((await control({ type: 1, dataFormat: 2, data: "é" })).code).to.equal(200);
    const sent = device.downlinks.filter(({ cmd }) => cmd === CMD_RAW_DOWN);
    expect(sent.map((one) => Buffer.from(one.data, "latin1").toString("hex"))).to.deep.equal(["00ff7a", "c3a9"]);
    await device.tell(CMD_RAW_UP, "hello raw");
    expect(await values()).to.deep.equal([["raw", Buffer.from("hello raw").toString("hex")]]);
  });

  it("writes ids where the product has no thing model", async () => {
    const plain = await bench.ready("multiplex");
    expect((await bench.bind(request({ productKey: "multiplex" }))).code).to.equal(200);
    const deviceList = [{ productKey: "multiplex", deviceKey: DK }];
    expect((await control({ deviceList, data: '[{"3":{"1":"on"}},{"1":2.5}]' })).code).to.equal(200);
    expect(await plain.downlink(CMD_WRITE)).to.deep.equal([[1, 2.5], [3, [[1, "on"]]]]); // prettier-ignore
    const answer = await control({ deviceList, data: '[{"switch":true}]' });
    expect(failure(answer).msg).to.match(/no thing model: give ids/);
  });

  it("hands out the thing model", async () => {
    const answer = await query(`${API}/productTSL`);
    expect(answer.data).to.deep.include({ ...LAMP, events: [], services: [] });
    const none = await query(`${API}/productTSL`, { pk: "multiplex" });
    expect([none.code, none.extMsg]).to.deep.equal([
      200,
      "the product has no thing model: give it a tsl in the products file",
    ]);
    expect((await query(`${API}/productTSL`, { pk: "none" })).code).to.equal(5314);
  });

  it("has a history of each property, a page at a time, and keeps it over a restart", async () => {
    for (let n = 1; n <= 12; n++) await report([2, n]);
    const path = "/v2/quecdatastorage/enduserapi/getPropertyDataList";
    const page = async (more: Record<string, string>) =>
      (await query(path, { attributeCode: "brightness", ...more })).data as {
        list: { propertyValue: number; createTimeTs: number }[];
        total: number;
        hasNextPage: boolean;
      };
    for (const restarted of [false, true]) {
      if (restarted) await bench.restart();
      const first = await page({});
      expect(first).to.include({ total: 12, hasNextPage: true });
      expect(first.list.map(({ propertyValue }) => propertyValue)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const second = await page({ page: "2" });
      expect([second.list.length, second.hasNextPage]).to.deep.equal([2, false]);
      expect((await page({ startTimestamp: String(Date.now() + 1000) })).total).to.equal(0);
      expect(await values()).to.deep.equal([["brightness", "12"]]);
    }
    expect((await query(path, { attributeCode: "colour" })).code).to.equal(5341);
  });

  it("forgets the values of a device with the device", async () => {
    await report([2, 1]);
    expect((await bench.call("DELETE", `/dev/devices/multi/${DK}`, "")).code).to.equal(200);
    await bench.restart();
    device = await bench.ready();
    expect((await bench.bind(request())).code).to.equal(200);
    expect(await values()).to.deep.equal([]);
  });

  it("takes nothing of a report that is cut at any byte, and says so", async () => {
    const whole = encodeTtlv([[2, 300], [4, "text"]]); // prettier-ignore
    for (let length = 0; length < whole.length; length++) {
      // A cut between two properties leaves the first.
      if (length === 5) continue;
      await device.tell(CMD_REPORT, whole.slice(0, length));
    }
    expect(await values()).to.deep.equal([]);
    expect(bench.count("malformed")).to.equal(whole.length - 1);
    await device.until(() => device.downlinks.some(({ cmd }) => cmd === CMD_EXCEPTION));
    expect(find(device.downlinks.find(({ cmd }) => cmd === CMD_EXCEPTION)!.nodes, EXCEPTION_CODE)).to.equal(5);
  });

  it("keeps 1,000 values of history and 256 properties of a device, the newest", async function () {
    this.timeout(20_000);
    for (let n = 0; n < 11; n++) await report(...Array.from({ length: 100 }, (_, at): Node => [n * 100 + at + 10, n]));
    expect(await values()).to.have.length(256);
    await bench.restart();
    const codes = (await values()).map(([code]) => Number(code));
    expect([codes.length, codes[0], codes.at(-1)]).to.deep.equal([256, 1109 - 255, 1109]);
  });
});
