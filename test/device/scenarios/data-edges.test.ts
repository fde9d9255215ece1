/** Application data at its edges, in every engine: values, a queue that is full while connections break, callbacks. */

import { expect } from "chai";

import { Proxy } from "../../support/proxy.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { built, World } from "./world.js";

const PROGRAM = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
var D = require("WifiBindingData").start(W), acked = 0, failed = 0, drains = 0;
D.on("drain", function () { drains++; });
function done(ok) { if (ok) acked++; else failed++; }
function nest(levels, list) { for (var v = true; levels--;) v = list ? [v] : { 1: v }; return v; }
function hole() { var a = [1]; a[3] = 2; return a; }
function more() { var a = [1]; a.x = 2; return a; }
function loop(a) { a[1] = a; a[0] = a; return a; }
function report(values) { try { return D.report(values, {}, done); } catch (e) { return e.code + ": " + e.message; } }`;

/** What a report says, and what the cloud has of property 7 when it was taken. */
const VALUES: [value: string, said: RegExp | true, has?: string][] = [
  ["1e308", /^value: 7 cannot be .*e\+307$/],
  ["5e-324", /^value: 7 cannot be .*e-324$/],
  ["1e-16", /^value: 7 cannot be 1e-16$/],
  ["1e-15", true, "1e-15"],
  ["-0", true, "0"],
  ["9007199254740992", true, "9007199254740992"],
  ["-9007199254740992", true, "-9007199254740992"],
  ["9007199254740994", /^value: 7 cannot be 9007199254740994$/],
  ["4294967296.5", true, "4294967296.5"],
  ["0.1+0.2", /^value: 7 cannot be 0\.3/],
  ['"a\\0b"', true, "a\0b"],
  ['""', true, ""],
  ["{}", true, "[]"],
  ["[]", true, "[]"],
  ["[[],{}]", true, "[[],[]]"],
  ["nest(16)", true, `${'{"1":'.repeat(16)}true${"}".repeat(16)}`],
  ["nest(16,1)", true, `${"[".repeat(16)}true${"]".repeat(16)}`],
  ["nest(17)", /^value: 7 cannot be deep or sparse$/],
  ["nest(17,1)", /^value: 7 cannot be deep or sparse$/],
  ["loop([])", /^value: 7 cannot be deep or sparse$/],
  ["loop({})", /^value: id cannot be 0$/],
  ["hole()", /^value: 7 cannot be deep or sparse$/],
  ["more()", /^value: 7 cannot be deep or sparse$/],
  ["[undefined]", /^value: 7 cannot be undefined$/],
  ["[null]", /^value: 7 cannot be null$/],
  ["function(){}", /^value: 7 cannot be function/],
  ["[function(){}]", /^value: 7 cannot be function/],
  ["{0:1}", /^value: id cannot be 0$/],
  ["{8191:1}", true, '{"8191":1}'],
  ["{8192:1}", /^value: id cannot be 8192$/],
];
/** Whole reports. */
const REPORTS: [values: string, said: RegExp | true][] = [
  ["{0:1}", /^value: id cannot be 0$/],
  ["{1:1}", true],
  ["{8191:1}", true],
  ["{8192:1}", /^value: id cannot be 8192$/],
  ...["undefined", "null", "5", "{}", "[]"].map((one): [string, RegExp] => [one, /^value: content cannot be 0 bytes$/]),
  ...["'text'", "[1,2]"].map((one): [string, RegExp] => [one, /^value: id cannot be 0$/]),
];

for (const name of ENGINES) {
  describe(`application data at its edges (${name})`, function () {
    this.timeout(60_000);
    let world: World;
    let proxy: Proxy | undefined;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const say = (code: string): Promise<unknown> => world.device.eval(code);
    const begin = async (haste?: number): Promise<void> => {
      const files = { WifiBindingData: built("WifiBindingData") };
      const server = async (mqtt: string): Promise<string> => (proxy = await Proxy.start(mqtt)).url;
      world = await World.start(name, { program: PROGRAM, library: true, files, server, haste });
      await world.own();
    };
    const valueOf7 = async (): Promise<unknown> => {
      const { data } = await world.call("GET", "/v2/binding/enduserapi/getDeviceBusinessAttributes");
      const told = data!.customizeTslInfo as { abId: number; resourceValce: string }[];
      return told.find(({ abId }) => abId === 7)?.resourceValce;
    };
    /** What the device sends from now on is on its way for ever. */
    const swallow = (): unknown => proxy!.passages.at(-1)!.device.unpipe();
    const isAway = (): Promise<unknown> => eventually(async () => (await say("W.state()")) === "connecting");

    afterEach(async () => {
      await world.stop();
      await proxy?.stop();
    });

    it("carries a value exactly, or refuses it by a sentence", async () => {
      await begin();
      let taken = 0;
      for (const [values, expected, has] of [
        ...VALUES.map(([value, ...rest]): [string, RegExp | true, string?] => [`{7:${value}}`, ...rest]),
        ...REPORTS,
      ]) {
        const said = await say(`report(${values})`);
        if (expected !== true) expect(said, values).to.match(expected);
        else {
          expect(said, values).to.equal(true);
          taken++;
          await eventually(async () => (await say("acked")) === taken);
          if (has !== undefined) expect(await valueOf7(), values).to.equal(has);
        }
      }
      expect(await say("[acked,failed]")).to.deep.equal([taken, 0]);
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("a queue that is full while connections break: all that was taken arrives, the last one last", async () => {
      // Each break in a row makes the next attempt later.
      await begin(10);
      const before = world.count("0014");
      // Eight are taken in a turn.
      const some = "(function(){var n=0;while(D.report({7:next},{},done)){next++;n++}return n})()";
      await say("(global.next=0)");
      for (let round = 0; round < 4; round++) {
        swallow();
        for (const taken of [8, 8, 0]) {
          expect(await say(some)).to.equal(taken);
          await pause(20);
        }
        // Four are in flight. The second break comes while they are sent again.
        const { length } = proxy!.passages;
        proxy!.passages.at(-1)!.cut();
        if (round & 1) await eventually(() => proxy!.passages.length > length);
        proxy!.passages.at(-1)!.cut();
        await eventually(async () => (await say("acked")) === 16 * (round + 1), 30_000);
      }
      expect(await say("[failed,next,drains>3]")).to.deep.equal([0, 64, true]);
      expect(world.count("0014") - before).to.be.at.least(64);
      expect(await valueOf7()).to.equal("63");
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("`latest` never changes what is in flight: the newer value follows it", async () => {
      await begin();
      const before = world.count("0014");
      swallow();
      expect(await say("[1,2,3].map(function(n){return D.report({7:n},{latest:true},done)})")).to.deep.equal([
        true,
        true,
        true,
      ]);
      await pause(300);
      // All three are in flight.
      expect(await say("[acked,failed]")).to.deep.equal([0, 0]);
      await proxy!.down();
      await isAway();
      expect(await say("[4,5,6].map(function(n){return D.report({7:n},{latest:true},done)})")).to.deep.equal([
        true,
        true,
        true,
      ]);
      await eventually(async () => (await say("failed")) === 2);
      await proxy!.up();
      await eventually(async () => (await say("acked")) === 4, 20_000);
      expect(world.count("0014") - before).to.equal(4);
      expect(await valueOf7()).to.equal("6");
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("QoS 0 alone, refused while 4 KiB wait for the network: who sends on at `drain` sends it all", async () => {
      await begin();
      const before = world.count("0024");
      await say(
        "(global.sent=0,global.send=function(){while(sent<20&&D.send('0123456789'.repeat(100),{qos:0}))sent++},0)",
      );
      await say("(D.on('drain',send),send(),0)");
      expect(await say("sent")).to.be.below(10);
      await eventually(async () => (await say("sent")) === 20, 20_000);
      await eventually(() => world.count("0024") - before === 20);
      const drains = await say("drains");
      await pause(1200);
      expect(await say("drains")).to.equal(drains);
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("a callback that throws takes nothing with it", async () => {
      await begin();
      await say("(function(){for(var i=0;i<8;i++)D.report({7:i},{},i&1?done:function(){throw new Error('mine')})})()");
      await eventually(async () => (await say("acked")) === 4);
      expect(await say("report({7:9})")).to.equal(true);
      await eventually(async () => (await say("acked")) === 5);
      expect(await valueOf7()).to.equal("9");
      expect(await say("W.state()")).to.equal("bound");
      // The interpreter prints one of several errors that come in the same pass.
      expect(world.device.uncaught).to.have.length.within(1, 4);
      for (const line of world.device.uncaught) expect(line).to.include("mine");
    });

    it("`stop` with reports in flight and waiting: each is told once, and none goes afterwards", async () => {
      await begin();
      swallow();
      await say("(function(){for(var i=0;i<8;i++)D.report({7:i},{},done)})()");
      await pause(200);
      const before = world.count("0014");
      await say("(D.stop(),0)");
      await eventually(async () => (await say("failed")) === 8);
      proxy!.passages.at(-1)!.cut();
      await eventually(async () => (await say("W.state()")) === "bound" && proxy!.passages.length > 1, 20_000);
      await pause(500);
      expect(await say("[acked,failed]")).to.deep.equal([0, 8]);
      expect(world.count("0014") - before).to.equal(0);
      expect(await say('(D=require("WifiBindingData").start(W),report({7:10}))')).to.equal(true);
      await eventually(async () => (await say("acked")) === 1);
      expect(world.device.uncaught).to.deep.equal([]);
    });
  });
}
