/** `read`, `write` and `watch` of a lamp, over the cloud and on the LAN, and what a person is told when they cannot be. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { LAMP } from "../../../sim/model/lamp.js";
import {
  CMD_DISCOVER_ANSWER,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_REPORT,
  CMD_WRITE,
  CMD_WRITE_ANSWER,
  LAN_TCP_PORT,
} from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node, type Value } from "../../../src/codec/ttlv.js";
import { Bench, DK, request, WORLD } from "../../support/cloud-bench.js";
import type { TestDevice } from "../../support/cloud-device.js";
import { FakeDevice, type Request } from "../../unit/sim/app/fake-device.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const [MULTI, ...OTHERS] = WORLD.products;
const TOKEN = "token-one";

/** Discovery as a device of the cloud's product. */
const foundAs = (id: number): string =>
  encodeFrame(
    id,
    CMD_DISCOVER_ANSWER,
    encodeTtlv([[3, "multi"], [4, DK], [5, "127.69.0.1"], [6, LAN_TCP_PORT], [7, 1]]), // prettier-ignore
  );

/** A lamp's values, and what it does with reads and writes, whoever asks. */
class Lamp {
  values = new Map<number, Value>();

  read(ids: string): Node[] {
    const wanted = [...Buffer.from(ids, "latin1")].filter((_, at) => at % 2 === 1);
    const all = [...this.values].map(([id, value]): Node => [id, value]);
    return wanted.length ? all.filter(([id]) => wanted.includes(id)) : all;
  }

  write(nodes: Node[]): void {
    for (const [id, value] of nodes) this.values.set(id, value);
  }
}

describe("commands: read, write, watch", function () {
  this.timeout(10_000);
  const folder = temporaryFolder();
  const tsl = join(folder, "tsl.json");
  const lamp = new Lamp();
  const lan = new FakeDevice("127.69.0.1");
  let bench: Bench;
  let device: TestDevice;
  let authKey: string;
  let runs: Run[] = [];

  before(async () => {
    writeFileSync(tsl, JSON.stringify({ code: 200, data: LAMP }));
    bench = await Bench.start({ ...WORLD, products: [{ ...MULTI, tsl: LAMP }, ...OTHERS] });
    device = await bench.ready();
    const { data } = await bench.bind(request());
    authKey = (data as { authKey: string }).authKey;
    device.onDownlink = ({ cmd, id, data }) => {
      if (cmd === CMD_READ) void device.tell(CMD_READ_ANSWER, encodeTtlv(lamp.read(data)), id);
      if (cmd !== CMD_WRITE) return;
      lamp.write(decodeTtlv(data)!);
      void device.tell(CMD_REPORT, data);
    };
    lan.dk = DK;
    lan.authKey = Buffer.from(authKey, "base64");
    await lan.start();
  });
  beforeEach(() => {
    lamp.values = new Map<number, Value>([[1, false], [2, 20]]); // prettier-ignore
    lan.onRequest = (one: Request) => {
      if (one.cmd === CMD_READ) one.push(CMD_REPORT, lamp.read(one.data));
      if (one.cmd !== CMD_WRITE) return;
      lamp.write(one.nodes);
      one.answer(CMD_WRITE_ANSWER, [[1, 0]]);
      one.push(CMD_REPORT, one.nodes);
    };
  });
  after(async () => {
    await Promise.all([bench.stop(), lan.stop()]);
    const printed = runs.flatMap((run) => [...run.out, ...run.err]).join("\n");
    for (const secret of [TOKEN, authKey]) expect(printed).to.not.contain(secret);
    runs = [];
  });

  const start = (...argv: string[]): Run => {
    const run = new Run(...argv);
    runs.push(run);
    return run;
  };
  const run = async (...argv: string[]): Promise<Run> => {
    const one = start(...argv);
    await one.status;
    return one;
  };
  const overCloud = (): string[] => ["--cloud", bench.cloud.http, "--token", TOKEN];
  const overLan = (): string[] => ["--device", lan.address, "--auth-key", authKey, "--model", tsl];
  const ended = async (one: Run): Promise<string> => `${await one.status} ${one.err.join()}`;

  it("a user reads what the lamp has told last, and then has the cloud ask it", async () => {
    await device.tell(CMD_REPORT, encodeTtlv([[1, true], [2, 70]])); // prettier-ignore
    const last = await run("read", ...overCloud());
    expect(last.out).to.deep.equal(["switch           true", "brightness       70 %"]);
    const fresh = await run("read", "brightness", "--fresh", "--json", ...overCloud());
    expect(await fresh.status).to.equal(0);
    expect(fresh.events()).to.have.length(1);
    expect(fresh.events()[0]).to.include({ event: "value", id: 2, name: "brightness", value: 20 });
    expect(fresh.events()[0].time).to.be.closeTo(Date.now(), 5000);
  });

  it("a user writes by name over the cloud, and sees the lamp's report", async () => {
    const written = await run("write", "switch=true", "2=40", ...overCloud());
    expect(await written.status).to.equal(0);
    expect(written.out).to.deep.equal([
      "written: switch=true 2=40",
      "reported  switch           true",
      "reported  brightness       40 %",
    ]);
    expect([...lamp.values]).to.deep.equal([[1, true], [2, 40]]); // prettier-ignore
  });

  it("a user watches over the cloud: changes from now on, and one that is the same again", async () => {
    await device.tell(CMD_REPORT, encodeTtlv([[2, 1]]));
    const watch = start("watch", "brightness", "--count", "2", "--json", ...overCloud());
    await watch.event("watching");
    // The first look is the beginning.
    await new Promise((resolve) => setTimeout(resolve, 700));
    await device.tell(CMD_REPORT, encodeTtlv([[1, true], [2, 5]])); // prettier-ignore
    await watch.event("value");
    await device.tell(CMD_REPORT, encodeTtlv([[2, 5]]));
    expect(await watch.status).to.equal(0);
    const values = watch.events().slice(1);
    expect(values.map(({ name, value }) => [name, value])).to.deep.equal([["brightness", 5], ["brightness", 5]]); // prettier-ignore
  });

  it("a user on the LAN reads, writes and watches the lamp itself by the authKey", async () => {
    const read = await run("read", ...overLan());
    expect(read.out).to.deep.equal(["switch           false", "brightness       20 %"]);
    const written = await run("write", "brightness=33", ...overLan());
    expect([await written.status, ...written.out]).to.deep.equal([
      0,
      "written: brightness=33",
      "reported  brightness       33 %",
    ]);
    expect(lamp.values.get(2)).to.equal(33);
    lan.onRequest = (one) => one.push(CMD_REPORT, [[2, 34]]);
    const watch = await run("watch", "--count", "1", ...overLan());
    expect([
      await watch.status,
      watch.out
        .at(-1)!
        .split(/\s{2,}/)
        .at(-1),
    ]).to.deep.equal([0, "34 %"]);
  });

  it("a user on the LAN has key and names from the cloud", async () => {
    const read = await run("read", "brightness", "--device", lan.address, ...overCloud());
    // The fake device is of another product than the cloud's: nothing is bound to this user under that name.
    expect(await ended(read)).to.match(/^1 .*5052, Device not bound/);
    lan.onDiscover = (id) => [foundAs(id)];
    const again = await run("read", "brightness", "--device", lan.address, ...overCloud());
    expect(again.out).to.deep.equal(["brightness       20 %"]);
  });

  it("a user without a thing model has numbers", async () => {
    const lanOnly = ["--device", lan.address, "--auth-key", authKey];
    expect((await run("read", "2", ...lanOnly)).out).to.deep.equal(["2                20"]);
    await run("write", '4={"1":5}', "5=[1,2]", "6=on", ...lanOnly);
    expect([...lamp.values].slice(2)).to.deep.equal([
      [4, [[1, 5]]],
      [5, [[0, 1], [0, 2]]], // prettier-ignore
      [6, "on"],
    ]);
    expect(await ended(await run("read", "switch", ...lanOnly))).to.match(/^2 .*without a thing model \(--model\)/);
  });

  const wrong: [what: string, argv: string[], says: RegExp][] = [
    ["an unknown property", ["write", "colour=1"], /^2 .*no property colour: the thing model has switch, brightness/],
    ["a value out of range", ["write", "brightness=101"], /^2 .*brightness is 101, and must be 0 to 100 %/],
    ["a value of another type", ["write", "switch=bright"], /^2 .*switch must be true or false/],
    ["a property twice", ["write", "brightness=40", "2=50"], /^2 .*2 is written twice/],
    ["no value", ["write", "switch"], /^2 .*switch is no NAME=VALUE/],
    ["a property that is read and not there", ["read", "colour"], /^2 .*no property colour/],
  ];
  for (const [what, argv, says] of wrong) {
    it(`refuses ${what}, and sends nothing`, async () => {
      for (const way of [overCloud(), overLan()]) {
        expect(await ended(await run(...argv, ...way)), way[0]).to.match(says);
      }
      expect([...lamp.values]).to.deep.equal([[1, false], [2, 20]]); // prettier-ignore
    });
  }

  it("says that the lamp refuses a write, that it is away, that the key is not its own", async () => {
    lan.onRequest = (one) => one.cmd === CMD_WRITE && one.answer(CMD_WRITE_ANSWER, [[1, 3]]);
    expect(await ended(await run("write", "brightness=1", ...overLan()))).to.match(/^1 .*refuses it \(7036 with 3\)/);
    const other = Buffer.alloc(16, 7).toString("base64");
    const wrongKey = await run("read", "--device", lan.address, "--auth-key", other);
    expect(await ended(wrongKey)).to.match(/^1 .*refuses the login/);
    const none = await run("read", "--device", "127.69.0.9", "--auth-key", other);
    expect(await ended(none)).to.match(/^1 .*no device answers discovery at 127\.69\.0\.9/);
    expect(await ended(await run("read", "--device", lan.address))).to.match(/^2 .*WIFI_BINDING_AUTH_KEY/);
    expect(await ended(await run("read"))).to.match(/^2 .*give --cloud URL, or --device/);
    const stranger = await run("write", "switch=true", "--cloud", bench.cloud.http, "--token", "token-three");
    expect(await ended(stranger)).to.match(/^1 .*this user has bound no device/);
    device.stop();
    await device.until(() => bench.count("disconnected") === 1);
    const away = await run("write", "switch=true", ...overCloud());
    expect(await ended(away)).to.match(/^1 .*5340, Batch control devices failed \(the device is not connected/);
    expect(await ended(await run("read", "--fresh", ...overCloud()))).to.match(/^1 .*the device is not connected/);
  });
});
