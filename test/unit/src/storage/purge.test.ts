/** What a journal has forgotten is not in its flash any more. */

import { expect } from "chai";

import { KEY_PURGE } from "../../../../src/storage/keys.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { checksum, MemoryFlash, PowerCut } from "../../../support/hal.js";

const PASSWORD = "the password of the network";
const FIRST = 2;
const BLOCKS = 4;
const open = (flash: MemoryFlash): Journal => openJournal(flash, checksum, FIRST, BLOCKS);

/** The password in several blocks, some of them never finished. */
function used(): MemoryFlash {
  const flash = new MemoryFlash();
  const journal = open(flash);
  journal.put([
    [3, PASSWORD],
    [9, "kept"],
  ]);
  for (let n = 0; n < 60; n++) journal.put([[4, `${n}`.padEnd(200)]]);
  flash.bytes.fill(0xff, FIRST * 4096, FIRST * 4096 + 32);
  return flash;
}

describe("purge", () => {
  it("erases all that was written before, what no block header tells of too", () => {
    const flash = used();
    expect(flash.bytes.includes(PASSWORD)).to.equal(true);
    open(flash).purge([[3, false]]);
    expect(flash.bytes.includes(PASSWORD)).to.equal(false);
    const after = open(flash);
    expect([after.get(3), after.get(9), after.get(KEY_PURGE)]).to.deep.equal([undefined, "kept", undefined]);
  });

  it("erases nothing when its changes are larger than a block", () => {
    const flash = used();
    const before = Buffer.from(flash.bytes);
    let told = 0;
    const journal = openJournal(flash, checksum, FIRST, BLOCKS, () => told++);
    journal.purge([[3, "x".repeat(4096)]]);
    expect(flash.bytes.equals(before)).to.equal(true);
    expect([told, open(flash).get(3), open(flash).get(9)]).to.deep.equal([1, PASSWORD, "kept"]);
  });

  it("is finished at the next boot when no block takes it until a later change", () => {
    const flash = used();
    const write = flash.write.bind(flash);
    const journal = open(flash);
    flash.write = () => {};
    journal.purge([[3, false]]);
    flash.write = write;
    journal.put([[4, "later"]]);
    expect(flash.bytes.includes(PASSWORD), "in the block that counted").to.equal(true);
    const after = open(flash);
    resume(after);
    expect([after.get(3), after.get(4), after.get(9), after.get(KEY_PURGE)]).to.deep.equal([
      undefined,
      "later",
      "kept",
      undefined,
    ]);
    expect(flash.bytes.includes(PASSWORD)).to.equal(false);
  });

  it("is finished at the next boot, wherever the power was cut", function () {
    this.timeout(60_000);
    let cuts = 0;
    for (let budget = 0, over = false; !over; budget += 97) {
      const flash = used();
      const journal = open(flash);
      flash.budget = budget;
      try {
        journal.purge([[3, false]]);
        over = true;
      } catch (error) {
        expect(error).to.be.instanceOf(PowerCut);
        cuts++;
      }
      // And once more, in what the boot does.
      flash.budget = over ? Infinity : (budget * 7) % 15_000;
      try {
        resume(open(flash));
      } catch (error) {
        expect(error).to.be.instanceOf(PowerCut);
      }
      flash.budget = Infinity;
      const after = open(flash);
      resume(after);
      expect(after.get(9)).to.equal("kept");
      if (after.get(3) === PASSWORD) continue;
      expect([after.get(3), after.get(KEY_PURGE)], `${budget} bytes`).to.deep.equal([undefined, undefined]);
      expect(flash.bytes.includes(PASSWORD), `${budget} bytes`).to.equal(false);
    }
    expect(cuts).to.be.above(50);
  });
});

function resume(journal: Journal): void {
  if (journal.get(KEY_PURGE)) journal.purge([]);
}
