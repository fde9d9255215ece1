/**
 * Power cuts: each life of the whole bundle in the emulator loses its power before, inside and after its flash operations,
 * boots again, and has to keep what invariants.ts lists. One of the cuts is followed by another in the boot.
 */

import { expect } from "chai";

import type { FlashOperation, PowerCut } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE } from "../../../src/codec/record.js";
import { patience, rounds } from "../../support/endurance.js";
import { textOf } from "./facts.js";
import { AT_THE_CUT, broken, IN_THE_END, type Story } from "./invariants.js";
import { LIVES, type Life } from "./lives.js";
import { Stories, type Course, type Snapshot } from "./stories.js";
import { noiseOf, outcomes, TEARS } from "./tears.js";

/** Bytes that the journal's block has left when a life begins: so few that a change soon needs the next block, or all. */
const ROOMS = [60, 0, 100, 20, 140, 180, 220, BLOCK_SIZE];
/** The state is the old one or the new one; and what invariants.ts lists. */
const RULES = 1 + Object.keys({ ...AT_THE_CUT, ...IN_THE_END }).length;

/** @param every how many operations of a life there are to each one that is cut */
export function describeCuts(every: number): void {
  describe("endurance: power cuts in the life of a device", function () {
    this.timeout(patience(ROOMS.length, 20_000));
    let stories: Stories;
    let tried = 0;
    const noise = noiseOf(1);

    before(async () => {
      stories = await Stories.start("127.90.4.1");
    });

    after(() => stories.stop());

    afterEach(() => {
      expect(stories.device.uncaught).to.deep.equal([]);
    });

    async function story(life: Life, from: Snapshot, course: Course, cut: PowerCut, again: boolean): Promise<Story> {
      const { device } = stories;
      // What the operation that was cut found, and what the whole of it would leave.
      let texts: string[] = [];
      const onOperation = (operation: FlashOperation): void => void (texts = outcomes(device.flash, operation));
      const rig = await stories.boot(from, { ...cut, onOperation });
      await stories.live(life, rig);
      await stories.off();
      expect(texts, "the state before the operation or behind it").to.include(textOf(device.flash));
      return stories.tell(rig, from, course, async () => {
        if (!again) return;
        await device.reboot({ afterOperations: 0, tear: noise });
        await stories.off();
      });
    }

    /** Cuts of one life that begins with so much room. @param first operation @returns what was violated, and where */
    async function* violations(life: Life, left: number, first: number): AsyncGenerator<string> {
      const from = stories.begin(life, left);
      const course = await stories.whole(life, from);
      for (let at = first; at < course.operations; at += every) {
        for (const [how, tear] of Object.entries(TEARS)) {
          // What was there after the last operation is what is there before the next.
          if (at && how === "before it") continue;
          const cut = { afterOperations: at, tear: tear(noise) };
          const again = how === "with any of its bits";
          const told = await story(life, from, course, cut, again).catch(String);
          const where = `operation ${at + 1} of ${course.operations}, ${how}, ${left} bytes left: `;
          if (typeof told === "string") yield where + told;
          else for (const rule of [...broken(AT_THE_CUT, told), ...broken(IN_THE_END, told)]) yield where + rule;
          tried += again ? 2 : 1;
        }
      }
    }

    LIVES.forEach((life, at) => {
      const rooms = rounds(0, 1) ? ROOMS : [ROOMS[at % 3]];
      it(life.name, async () => {
        const found: string[] = [];
        for (const left of rooms) for await (const one of violations(life, left, at % every)) found.push(one);
        expect(found).to.deep.equal([]);
      });
    });

    it("were many", () => {
      console.log(`      ${tried} power cuts, no violation of ${RULES} rules`);
      expect(tried).to.be.above(500 / every);
    });
  });
}
