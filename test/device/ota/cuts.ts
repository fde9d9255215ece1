/**
 * Power cuts before, inside and after each flash operation of a whole update, of Storage and of the journal: the device
 * has to boot an application that is whole each time, and to bring the update to its end.
 */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import type { EmulatedDevice, PowerCut } from "../../../sim/emulator/index.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { noiseOf, TEARS } from "../lives/tears.js";
import { application, imageOf, updateFile } from "./files.js";
import { Rig } from "./rig.js";
import { startFileServer, type FileServer } from "./server.js";

const { UPDATE_CONFIRMED, UPDATE_DONE, UPDATE_REQUESTED } = protocol;
const HASTE = 20;
const IMAGES = [application("one"), imageOf("good")];

/** What runs, or why nothing does. */
async function running(device: EmulatedDevice): Promise<string> {
  const at = (await device.eval("appSlot==='a'?'a':'b'")) as string;
  return (await device.eval(`require("Storage").read("wb.${at}")`)) as string;
}

/** Does as a cloud does until the update is at its end, or the power is. */
async function live(rig: Rig, server: FileServer): Promise<void> {
  const device = rig.device as EmulatedDevice;
  let boots = -1;
  let given = false;
  await eventually(async () => {
    if (!device.alive) return true;
    try {
      const now = device.lines.filter((line) => line.startsWith("app ")).length;
      if (now !== boots) {
        await device.eval(`(C.state({state:"connecting"}),C.state({state:"online"}),0)`);
        boots = now;
        given = false;
      }
      const sent = await rig.sent();
      const states = await rig.states();
      // The cloud has it, and the device has noted that.
      if (states.includes(UPDATE_DONE)) return (await device.eval("W.updates().task()[1][1]")) === 0;
      // It asks for an update when it has none.
      if (sent[0]?.[1] === protocol.CMD_UPDATE_ASK && !states.length) await rig.task();
      if (states.includes(UPDATE_CONFIRMED) && !states.includes(UPDATE_REQUESTED) && !given) {
        given = true;
        await rig.file(server.url, server.file.length);
      }
    } catch {
      // It boots, or has lost its power.
    }
    return false;
  }, 20_000);
}

async function start(): Promise<Rig> {
  const rig = await Rig.start("emulator", { haste: HASTE });
  await eventually(() => rig.device.lines.includes("app one"));
  return rig;
}

/** @returns what was violated, or "" */
async function story(server: FileServer, cut: PowerCut, again: boolean): Promise<string> {
  const rig = await start();
  const device = rig.device as EmulatedDevice;
  try {
    device.cutPower(cut);
    await live(rig, server);
    if (device.alive) return "the power did not go";
    for (const next of again ? [{ ...cut, afterOperations: 0 }, undefined] : [undefined]) {
      const before = device.lines.length;
      await device.reboot(next);
      if (!device.alive) continue;
      const boots = device.lines.slice(before).some((line) => line.startsWith("app "));
      if (!boots) return "no application boots";
      if (!IMAGES.includes(await running(device))) return "an application runs that is not whole";
      if (next) await live(rig, server);
    }
    await live(rig, server);
    if ((await running(device)) !== IMAGES[1]) return "the update has not come to its end";
    return device.uncaught.join();
  } catch (error) {
    return String(error);
  } finally {
    await device.stop();
  }
}

/** @param every how many operations apart the cuts are */
export function describeCuts(every: number): void {
  describe(`an update over the cloud, cut ${every > 1 ? "now and then" : "everywhere"}`, function () {
    this.timeout(every > 1 ? 120_000 : 1_200_000);
    let server: FileServer;
    const noise = noiseOf(7);

    before(async () => {
      server = await startFileServer(updateFile());
    });
    after(() => server.stop());

    it("leaves an application that boots, and comes to its end", async () => {
      const rig = await start();
      let operations = 0;
      (rig.device as EmulatedDevice).onFlash(() => operations++);
      await live(rig, server);
      await rig.device.stop();
      expect(operations).to.be.above(15);
      let tried = 0;
      let seen = 0;
      const found: string[] = [];
      for (let at = 0; at < operations; at++) {
        for (const [how, tear] of Object.entries(TEARS)) {
          // What was there after the last operation is what is there before the next.
          if ((at && how === "before it") || seen++ % every) continue;
          const again = how === "with any of its bits";
          const wrong = await story(server, { afterOperations: at, tear: tear(noise) }, again);
          if (wrong) found.push(`operation ${at + 1} of ${operations}, ${how}: ${wrong}`);
          tried += again ? 2 : 1;
        }
      }
      console.log(`      ${tried} power cuts in ${operations} operations, ${found.length} violations`);
      expect(found).to.deep.equal([]);
    });
  });
}
