/** A hundred thousand reports: the memory of a device is what it was before them. */

import { expect } from "chai";

import { Proxy } from "../../support/proxy.js";
import { eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { built, World } from "../scenarios/world.js";

const REPORTS = 100_000;
/** Reports until the memory is looked at. */
const STAGE = 10_000;
/** Reports until everything that is made once is made. Counters and package ids above 8,191 take a JsVar of their own. */
const WARM = 10_000;
/** Milliseconds after which a connection counts as a success, and what it and the binding have left is gone. */
const BOUND = 70_000;
/**
 * Acknowledges nothing that was sent. A busy machine makes the device send a report twice, and the second acknowledgement
 * of it is such a packet: the time of the first one takes a JsVar, once.
 */
const STRAY = Buffer.from([0x40, 2, 0x27, 0x0f]);
/** Looks at the memory, of which the least counts, and milliseconds between two: what runs at that moment takes some. */
const LOOKS = 10;
const BETWEEN = 1000;
/** Milliseconds that a report may take. */
const PATIENCE = 200;
/** Milliseconds after which no answer and no timer of a report is left. */
const SETTLED = 5000;
/**
 * In RAM: the Linux build reads its flash from a file, which takes more than the work itself. The timer keeps that build
 * from its sleep, up to 50 ms for an acknowledgement that comes a moment late.
 */
const HURRY = `setInterval(function () {}, 1);
["WifiBinding", "WifiBindingData"].forEach(function (name) {
  Modules.addCached(name, (" " + require("Storage").read(name)).substr(1));
});`;
const PROGRAM = `${HURRY}
var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
var D = require("WifiBindingData").start(W, { flight: 6 }), acked = 0, failed = 0, sent = 0, goal = 0;
function done(ok) { if (ok) acked++; else failed++; }
function send() { while (sent < goal && D.report({ 7: sent, 8: "text" }, {}, done)) sent++; }
D.on("drain", send);`;

describe("the memory of the real interpreter", () => {
  it(`endurance: ${REPORTS} reports, each acknowledged`, async function () {
    if (!hasEngine("espruino")) return this.skip();
    this.timeout(0);
    const files = { WifiBindingData: built("WifiBindingData") };
    let proxy: Proxy | undefined;
    const server = async (url: string): Promise<string> => (proxy = await Proxy.start(url)).url;
    const world = await World.start("espruino", { program: PROGRAM, library: true, files, server });
    try {
      await world.own();
      await pause(BOUND);
      proxy!.passages.at(-1)!.device.write(STRAY);
      const run = async (goal: number): Promise<number> => {
        await world.device.eval(`(goal=${goal},send(),0)`);
        const end = Date.now() + goal * PATIENCE;
        while (Date.now() < end && (await world.device.eval("acked")) !== goal) await pause(1000);
        expect(await world.device.eval("[acked,failed]")).to.deep.equal([goal, 0]);
        await pause(SETTLED);
        let least = Infinity;
        for (let look = 0; look < LOOKS; look++) {
          least = Math.min(least, (await world.device.eval("process.memory().usage")) as number);
          await pause(BETWEEN);
        }
        return least;
      };
      const before = await run(WARM);
      const start = performance.now();
      for (let sent = STAGE; sent <= REPORTS; sent += STAGE) {
        const after = await run(WARM + sent);
        const seconds = Math.round((performance.now() - start) / 1000);
        console.log(`      ${before} JsVars before, ${after} after ${sent} reports; ${seconds} s`);
        expect(after).to.be.at.most(before);
      }
      expect(world.count("0014")).to.equal(WARM + REPORTS);
      await eventually(() => world.device.eval("W.state() == 'bound'"));
    } finally {
      await world.stop();
      await proxy?.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    }
  });
});
