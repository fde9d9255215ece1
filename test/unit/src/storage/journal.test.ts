/** The journal: a map that survives a power cut inside any flash operation. */

import { expect } from "chai";

import type { Node } from "../../../../src/codec/ttlv.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { checksum, MemoryFlash, PowerCut } from "../../../support/hal.js";

const open = (flash: MemoryFlash): Journal => openJournal(flash, checksum, 2, 3);
const KEYS = [1, 2, 3, 4];
const stateOf = (journal: Journal): string => JSON.stringify(KEYS.map((key) => journal.get(key) ?? null));

/** Changes of two keys that belong together, long enough to fill blocks soon. */
const change = (n: number): Node[] => [
  [1, n],
  [2 + (n % 3), n % 5 ? `${n}`.padEnd(200 + (n % 7) * 100, "x") : false],
];

describe("journal", () => {
  it("is empty in erased flash", () => {
    expect(stateOf(open(new MemoryFlash()))).to.equal("[null,null,null,null]");
  });

  it("keeps what was put over any number of boots and blocks", () => {
    const flash = new MemoryFlash();
    const expected = new Map<number, unknown>();
    for (let n = 1; n <= 300; n++) {
      const journal = open(flash);
      for (const [key, value] of change(n)) expected.set(key, value === false ? undefined : value);
      journal.put(change(n));
      const wanted = JSON.stringify(KEYS.map((key) => expected.get(key) ?? null));
      expect(stateOf(journal)).to.equal(wanted);
      expect(stateOf(open(flash))).to.equal(wanted);
    }
  });

  it("keeps keys that it does not know", () => {
    const flash = new MemoryFlash();
    open(flash).put([[99, "from a newer version"]]);
    const journal = open(flash);
    for (let n = 1; n < 60; n++) journal.put(change(n));
    expect(open(flash).get(99)).to.equal("from a newer version");
  });

  it("has the old state or the new one after a power cut inside any operation", function () {
    this.timeout(60_000);
    const flash = new MemoryFlash();
    let cuts = 0;
    for (let n = 1; n <= 40; n++) {
      const before = flash.bytes;
      const old = stateOf(open(flash));
      const whole = open(flash);
      whole.put(change(n));
      let finished = false;
      for (let budget = n % 23; !finished; budget += 23) {
        flash.bytes = Buffer.from(before);
        flash.budget = budget;
        const journal = open(flash);
        try {
          journal.put(change(n));
          finished = true;
        } catch (error) {
          expect(error).to.be.instanceOf(PowerCut);
        }
        flash.budget = Infinity;
        cuts++;
        const after = open(flash);
        expect([old, stateOf(whole)]).to.include(stateOf(after));
        // And it goes on from there.
        after.put([[1, -n]]);
        expect(open(flash).get(1)).to.equal(-n);
      }
      flash.bytes = Buffer.from(before);
      flash.budget = Infinity;
      open(flash).put(change(n));
    }
    console.log(`      ${cuts} power cuts, no violation`);
    expect(cuts).to.be.above(500);
  });

  it("survives flash full of noise", () => {
    const flash = new MemoryFlash();
    for (let i = 0; i < flash.bytes.length; i++) flash.bytes[i] = (i * 7919) >> 3;
    open(flash).put([[1, "fresh"]]);
    expect(open(flash).get(1)).to.equal("fresh");
  });
});
