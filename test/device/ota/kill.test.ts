/** The real interpreter, killed at random moments of updates: an application that is whole boots after each. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { InterpreterDevice } from "../../../sim/emulator/index.js";
import { hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { patience, rounds } from "../../support/endurance.js";
import { application, imageOf, updateFile } from "./files.js";
import { Rig } from "./rig.js";
import { startFileServer, type FileServer } from "./server.js";

const KILLS = rounds(12, 300);
/** Milliseconds after a boot in which the power goes. */
const LONGEST = 1500;
const IMAGES = [application("one"), imageOf("good")];
const { UPDATE_CONFIRMED, UPDATE_FAILED, UPDATE_DONE } = protocol;

/** Does as a cloud does. @returns whether the update is at its end */
async function step(rig: Rig, server: FileServer): Promise<boolean> {
  const [states, sent] = [await rig.states(), await rig.sent()];
  if (!sent.length) await rig.device.eval(`(C.state({state:"connecting"}),C.state({state:"online"}),0)`);
  // Three kills during the trial are a trial that has failed: it is offered again.
  const failed = states.at(-1) === UPDATE_FAILED;
  if (failed || (sent[0]?.[1] === protocol.CMD_UPDATE_ASK && !states.length)) await rig.task();
  if (states.at(-1) === UPDATE_CONFIRMED) {
    await rig.file(server.url, server.file.length);
  }
  return states.includes(UPDATE_DONE);
}

describe(`updates of the real interpreter, killed ${KILLS} times`, function () {
  this.timeout(patience(KILLS, 8000));
  let server: FileServer;

  before(async function () {
    if (!hasEngine("espruino")) return this.skip();
    server = await startFileServer(updateFile());
  });
  after(() => server?.stop());

  it("boots an application that is whole each time, and comes to its end", async () => {
    let kills = 0;
    let ends = 0;
    const found: string[] = [];
    while (kills < KILLS) {
      const rig = await Rig.start("espruino");
      const device = rig.device as InterpreterDevice;
      try {
        for (let ended = false; !ended;) {
          const mortal = kills < KILLS;
          const end = Date.now() + (mortal ? Math.random() * LONGEST : 60_000);
          while (!ended && Date.now() < end) {
            ended = await step(rig, server).catch(() => false);
            await pause(10);
          }
          if (ended) break;
          if (!mortal) throw new Error("the update has not come to its end: " + device.lines.slice(-40).join("\n"));
          await device.powerOff();
          kills++;
          const before = device.lines.length;
          await device.reboot();
          const letter = String(await device.eval("appSlot"));
          const image = String(await device.eval(`require("Storage").read("wb.${letter}")`));
          const says = device.lines.slice(before).some((line) => line.includes("app "));
          if (!says || !IMAGES.includes(image)) found.push(`after kill ${kills}: ${letter}, ${image.length} bytes`);
        }
        ends++;
        expect(device.uncaught.slice(0, 5)).to.deep.equal([]);
      } finally {
        await device.stop();
      }
    }
    console.log(`      ${kills} kills, ${ends} updates at their end, ${found.length} violations`);
    expect(found).to.deep.equal([]);
  });
});
