/** Application data over the cloud and the LAN, in every engine: what is queued, resent, refused and answered. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { Proxy } from "../../support/proxy.js";
import { RawApp, type Sealing } from "../../support/raw-app.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { built, DK, World, type Setup } from "./world.js";

const { CMD_READ, CMD_READ_ANSWER, CMD_REPORT, CMD_WRITE, CMD_WRITE_ANSWER } = protocol;
const USER = "/v2/binding/enduserapi";
const LAMP = readFileSync("examples/lamp.js", "latin1");
/** An application that notes what it is told. */
const PROGRAM = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
var D = require("WifiBindingData").start(W), wrote = 0, last, from, acked = 0, failed = 0, drains = 0;
D.on("write", function (values, who) { wrote++; last = values; from = who; });
D.on("read", function (ids, answer) { answer({ 1: true, 2: ids.length }); });
D.on("drain", function () { drains++; });
function done(ok) { if (ok) acked++; else failed++; }`;

for (const name of ENGINES) {
  describe(`application data in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;
    let proxy: Proxy | undefined;
    let authKey: string;
    const apps: RawApp[] = [];

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const begin = async (setup: Setup = {}): Promise<void> => {
      const files = { WifiBindingData: built("WifiBindingData") };
      world = await World.start(name, { program: PROGRAM, library: true, files, ...setup });
      authKey = await world.own();
    };
    const behindProxy = (setup: Setup = {}): Promise<void> =>
      begin({ ...setup, server: async (mqtt) => (proxy = await Proxy.start(mqtt)).url });

    afterEach(async () => {
      for (const one of apps.splice(0)) one.end();
      await world.stop();
      await proxy?.stop();
      proxy = undefined;
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const app = async (): Promise<[RawApp, Sealing]> => {
      const one = await RawApp.connect(world.device.host);
      apps.push(one);
      return [one, await one.login(authKey)];
    };
    const say = (code: string): Promise<unknown> => world.device.eval(code);
    /** The values that the cloud has. */
    const values = async (): Promise<Record<string, unknown>> => {
      const { data } = await world.call("GET", `${USER}/getDeviceBusinessAttributes`);
      const told = data!.customizeTslInfo as { abId: number; resourceValce: string }[];
      return Object.fromEntries(told.map((one) => [one.abId, one.resourceValce]));
    };
    const control = async (change: object): Promise<number> => {
      const [{ pk }] = world.products.products;
      const body = { deviceList: [{ productKey: pk, deviceKey: DK }], type: 2, data: JSON.stringify([change]) };
      const response = await fetch(`${world.cloud.http}${USER}/batchControlDevice`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: world.products.users[0].token },
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { code: number }).code;
    };
    /** Writes over the LAN. @returns the result of 7036 */
    const write = async (one: RawApp, sealing: Sealing, nodes: Node[]): Promise<unknown> => {
      one.send(CMD_WRITE, sealing.seal(nodes));
      return sealing.open((await one.next(CMD_WRITE_ANSWER)).data)[0][1];
    };

    it("examples/lamp.js: switched by its button, the cloud and an app, and told to all of them", async () => {
      await begin({ program: LAMP, pins: true, files: { WifiBindingData: built("WifiBindingData") } });
      const [one, sealing] = await app();
      expect(await control({ 1: true, 2: 40 })).to.equal(200);
      expect(sealing.open((await one.next(CMD_REPORT)).data)).to.deep.equal([[1, true], [2, 40]]); // prettier-ignore
      await eventually(async () => String((await values())["2"]) === "40");
      expect(await write(one, sealing, [[1, false]])).to.equal(0);
      expect(sealing.open((await one.next(CMD_REPORT)).data)).to.deep.equal([[1, false], [2, 40]]); // prettier-ignore
      await world.device.pins.press();
      expect(sealing.open((await one.next(CMD_REPORT)).data)[0]).to.deep.equal([1, true]);
      await eventually(async () => String((await values())["1"]) === "true");
      await eventually(() => world.device.lines.filter((line) => line.startsWith("LED1")).length >= 3);
    });

    it("answers reads of the cloud and of apps, also of ids that it does not know", async () => {
      await begin();
      const [one, sealing] = await app();
      const id = one.send(CMD_READ, sealing.seal("\x00\x01\x27\x0f"));
      const answer = await one.next(CMD_READ_ANSWER);
      expect(answer.id).to.equal(id);
      expect(sealing.open(answer.data)).to.deep.equal([[1, true], [2, 2]]); // prettier-ignore
      expect(sealing.open((await one.next(CMD_REPORT)).data)).to.deep.equal([[1, true], [2, 2]]); // prettier-ignore
      one.send(CMD_READ);
      expect(sealing.open((await one.next(CMD_READ_ANSWER)).data)).to.deep.equal([[1, true], [2, 0]]); // prettier-ignore
      expect(await write(one, sealing, [[999, [[7, 1]]]])).to.equal(0);
      await eventually(async () => JSON.stringify(await say("last")) === '{"999":{"7":1}}');
    });

    it("a full queue is false, then drain; nothing is lost, and all of it in order", async () => {
      await behindProxy();
      await proxy!.down();
      await eventually(async () => (await say("W.state()")) === "connecting");
      const took = "[1,2,3,4,5,6].map(function(n){return D.report({7:n},{},done)})";
      const taken: unknown[] = [];
      for (let i = 0; i < 4; i++, await pause(20)) taken.push(...((await say(took)) as unknown[]));
      expect(taken).to.deep.equal([...Array(16).fill(true), ...Array(8).fill(false)]);
      expect(await say("D.report({7:1},{qos:0})")).to.equal(false);
      expect(await say("drains")).to.equal(0);
      const before = world.count("0014");
      await proxy!.up();
      await eventually(async () => (await say("acked")) === 16, 20_000);
      expect(await say("drains")).to.be.at.least(1);
      expect([await say("failed"), world.count("0014") - before]).to.deep.equal([0, 16]);
      expect(String((await values())["7"])).to.equal("4");
    });

    it("the newest value alone waits with `latest`", async () => {
      await behindProxy();
      await proxy!.down();
      await eventually(async () => (await say("W.state()")) === "connecting");
      for (let i = 0; i < 30; i++, await pause(5)) await say(`D.report({7:${i},8:1},{latest:true},done)`);
      await pause(20);
      expect([await say("failed"), await say("acked")]).to.deep.equal([29, 0]);
      const before = world.count("0014");
      await proxy!.up();
      await eventually(async () => (await say("acked")) === 1, 20_000);
      expect(world.count("0014") - before).to.equal(1);
      expect(String((await values())["7"])).to.equal("29");
    });

    it("a connection that breaks in the middle loses none of the reports", async () => {
      // Each break in a row makes the next attempt later.
      await behindProxy({ haste: 10 });
      for (let round = 0; round < 5; round++) {
        await say(`(function(){for(var i=0;i<8;i++)D.report({7:${round}*8+i},{},done)})()`);
        proxy!.passages.at(-1)!.cut();
        await eventually(async () => (await say("acked")) === (round + 1) * 8, 20_000);
      }
      expect(await say("failed")).to.equal(0);
      expect(String((await values())["7"])).to.equal("39");
    });

    it("a write while the cloud is away is taken from an app; its report follows", async () => {
      await behindProxy({ program: LAMP, pins: true });
      const [one, sealing] = await app();
      await proxy!.down();
      await eventually(async () => (await say("WifiBinding.state()")) === "connecting");
      expect(await write(one, sealing, [[1, true]])).to.equal(0);
      expect(sealing.open((await one.next(CMD_REPORT)).data)[0]).to.deep.equal([1, true]);
      await proxy!.up();
      await eventually(async () => String((await values())["1"]) === "true", 20_000);
    });

    it("takes 1,000 writes within a minute, and answers each", async () => {
      await begin();
      const [one, sealing] = await app();
      const began = Date.now();
      for (let i = 0; i < 1000; i += 8) {
        for (let k = 0; k < 8; k++) one.send(CMD_WRITE, sealing.seal([[2, i + k]]));
        for (let k = 0; k < 8; k++) {
          expect(sealing.open((await one.next(CMD_WRITE_ANSWER)).data)).to.deep.equal([[1, 0]]);
        }
      }
      expect(Date.now() - began).to.be.below(60_000);
      await eventually(async () => (await say("wrote")) === 1000);
      expect(await say("last")).to.deep.equal({ 2: 999 });
    });

    it("takes a write that is cut at any byte, and refuses what is none", async () => {
      await begin();
      const [one, sealing] = await app();
      const frame = Buffer.from(encodeFrame(77, CMD_WRITE, sealing.seal([[1, true]])), "latin1");
      for (let cut = 1; cut < frame.length; cut++) {
        one.socket.write(frame.subarray(0, cut));
        await pause(4);
        one.socket.write(frame.subarray(cut));
        expect(sealing.open((await one.next(CMD_WRITE_ANSWER)).data)).to.deep.equal([[1, 0]]);
      }
      expect(await say("wrote")).to.equal(frame.length - 1);
      one.send(CMD_WRITE);
      expect(sealing.open((await one.next(CMD_WRITE_ANSWER)).data)[0][1]).not.to.equal(0);
    });

    it("1,000 reports leave nothing behind", async function () {
      this.timeout(120_000);
      const send =
        'var sent=0,goal=0;function send(){while(sent<goal&&D.report({7:sent,8:"text"},{},done))sent++}D.on("drain",send);';
      await begin({ program: PROGRAM + send });
      const run = async (goal: number): Promise<unknown> => {
        await say(`(goal=${goal},send(),0)`);
        return eventually(async () => (await say("acked")) === goal, 90_000);
      };
      const usage = async (): Promise<number> => (await say("process.memory().usage")) as number;
      await run(300);
      await pause(300);
      const before = await usage();
      await run(1300);
      // On a busy machine timers of what came late go on for some seconds.
      if (name === "espruino") await eventually(async () => (await usage()) <= before, 20_000);
      expect([await say("failed"), await say("sent")]).to.deep.equal([0, 1300]);
    });

    it("stop forgets what waits, and says so; started twice it is one, and what listens is told once", async () => {
      await behindProxy();
      const [one, sealing] = await app();
      const again = 'require("WifiBindingData").start(W)';
      expect(await say(`${again}===D`)).to.equal(true);
      expect(await write(one, sealing, [[1, true]])).to.equal(0);
      expect(await control({ 1: false })).to.equal(200);
      await eventually(async () => (await say("wrote")) === 2);

      await proxy!.down();
      await eventually(async () => (await say("W.state()")) === "connecting");
      expect(await say("[D.report({7:1},{},done),D.send('bytes',{},done),(D.stop(),0)]")).to.deep.equal([
        true,
        true,
        0,
      ]);
      await eventually(async () => (await say("failed")) === 2);
      expect(await write(one, sealing, [[1, true]])).to.equal(4);
      one.send(CMD_READ);
      expect((await one.next(CMD_READ_ANSWER)).data).to.equal("");

      expect(
        await say(`(D=${again},D.on("write",function(v,who){wrote++;from=who}),D.report({7:2},{},done))`),
      ).to.equal(true);
      expect(await write(one, sealing, [[1, true]])).to.equal(0);
      await proxy!.up();
      await eventually(async () => (await say("acked")) === 1, 20_000);
      expect(await say("[wrote,from,failed]")).to.deep.equal([3, "lan", 2]);
      expect(String((await values())["7"])).to.equal("2");
    });

    it("send: bytes wait like reports, and the cloud keeps them", async () => {
      await begin();
      const refused = (call: string): Promise<unknown> =>
        say(`(function(){try{${call};return ""}catch(e){return e.code+": "+e.message}})()`);
      expect(await refused('D.send("")')).to.equal("value: content cannot be 0 bytes");
      expect(await refused("D.send(new Uint8Array(2049))")).to.equal("value: content cannot be 2049 bytes");
      expect(await say("[D.send('a',{qos:0}),D.send(new Uint8Array([0,170,255]),{latest:true},done)]")).to.deep.equal([
        true,
        true,
      ]);
      await eventually(async () => (await say("acked")) === 1);
      expect(world.count("0024")).to.equal(2);
      const all = "(function(){var n=0;while(D.send('0123456789'))n++;return n})()";
      expect(await say(all)).to.equal(16);
      await eventually(async () => ((await say("drains")) as number) > 0);
    });

    it("a model has names, ranges and steps; a write out of range is refused", async () => {
      const model = "\nswitch:1 B\nbrightness:2 N 0 100 1\npower:3 n 0 - 0.1\nmode:4 E 0 1 2\n";
      const program = PROGRAM.replace("start(W)", 'start(W,{model:require("Storage").read("model")})');
      await begin({ program, files: { WifiBindingData: built("WifiBindingData"), model } });
      const [one, sealing] = await app();
      for (const [node, result] of [
        [[2, 55.4], 0],
        [[2, 101], 5],
        [[2, "5"], 5],
        [[3, 1], 5],
        [[4, 3], 5],
        [[4, 2], 0],
        [[1, false], 0],
      ] as [Node, number][]) {
        expect(await write(one, sealing, [node]), JSON.stringify(node)).to.equal(result);
      }
      await eventually(async () => (await say("wrote")) === 3);
      expect(await say("last")).to.deep.equal({ switch: false });
      expect(await say("D.report({switch:true,power:21.3456,mode:1})")).to.equal(true);
      expect(sealing.open((await one.next(CMD_REPORT)).data)).to.deep.equal([[1, true], [3, 21.3], [4, 1]]); // prettier-ignore
      const refused = (values: string): Promise<unknown> =>
        say(`(function(){try{D.report(${values});return ""}catch(e){return e.code+": "+e.message}})()`);
      expect(await refused("{brightness:101}")).to.equal("value: brightness cannot be 101");
      expect(await refused("{unknown:1}")).to.equal("value: id cannot be unknown");
    });
  });
}
