/** Flash that is damaged, worn out, or written by somebody else: what still counts, and what is never touched. */

import { expect } from "chai";
import fc from "fast-check";

import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../../../src/codec/record.js";
import { readIdentity } from "../../../../src/credentials/factory-identity.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { encodeIdentity } from "../../../../tools/factory/identity-image.js";
import { sealOf } from "../../../../tools/factory/seal.js";
import { checksum, MemoryFlash } from "../../../support/hal.js";

const FLASH_KEY = "a key from the eFuse";
const IDENTITY = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", ds: "d".repeat(32), pop: "p".repeat(17) };
const BLOCKS = 14;

const open = (flash: MemoryFlash, failed?: () => void): Journal =>
  openJournal(flash, checksum, IDENTITY_BLOCKS, BLOCKS, failed);

describe("an identity in damaged flash", () => {
  for (const flashKey of [undefined, FLASH_KEY]) {
    it(`counts as long as one copy of it is whole, ${flashKey ? "sealed" : "plain"}`, function () {
      this.timeout(60_000);
      const area = encodeIdentity({ ...IDENTITY, flashKey });
      const flash = new MemoryFlash();
      const read = (): unknown => readIdentity({ flash, crc32: checksum }, sealOf(flashKey));
      flash.bytes.set(area);
      const whole = read();
      expect(whole).to.include({ ...IDENTITY, locked: false });
      // Erased bytes behind the record too: one in 16 of them.
      for (let at = 0; at < area.length; at += at % BLOCK_SIZE < 512 ? 1 : 16) {
        for (const bits of [0x01, 0x80, 0xff]) {
          flash.bytes[at]! ^= bits;
          expect(read(), `byte ${at}, bits ${bits}`).to.deep.equal(whole);
          flash.bytes[at]! ^= bits;
        }
      }
      for (let block = 0; block < IDENTITY_BLOCKS; block++) {
        flash.bytes.set(area);
        flash.bytes.fill(0, block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
        expect(read(), `block ${block}`).to.deep.equal(whole);
      }
    });
  }
});

describe("a journal in damaged flash", () => {
  /** Every state that a journal had, the newest last, and its flash. */
  function history(): { flash: MemoryFlash; states: string[] } {
    const flash = new MemoryFlash();
    const states = ["[null,null]"];
    const journal = open(flash);
    for (let n = 1; n <= 60; n++) {
      journal.put([
        [1, n],
        [2, `${n}`.padEnd(100, "x")],
      ]);
      states.push(stateOf(journal));
    }
    return { flash, states };
  }
  const stateOf = (journal: Journal): string => JSON.stringify([1, 2].map((key) => journal.get(key) ?? null));

  it("has a state that it once had, goes on from there, and never says twice where it is", () => {
    const { flash: before, states } = history();
    const damage = fc.array(fc.tuple(fc.nat(2 * BLOCK_SIZE - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1 });
    const property = fc.property(damage, (bytes) => {
      const flash = new MemoryFlash();
      flash.bytes = Buffer.from(before.bytes);
      for (const [at, bits] of bytes) flash.bytes[IDENTITY_BLOCKS * BLOCK_SIZE + at]! ^= bits;
      const journal = open(flash);
      expect(states).to.include(stateOf(journal));
      for (let n = 0; n < 3; n++) {
        const place = journal.place();
        journal.put([[1, -n]]);
        expect(journal.place()).not.to.equal(place);
        expect(stateOf(open(flash))).to.equal(stateOf(journal));
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("falls back to the block before when the newest does not begin with a whole record", () => {
    const { flash, states } = history();
    const blocks = [0, 1].map((block) => (IDENTITY_BLOCKS + block) * BLOCK_SIZE);
    const [older] = blocks.slice(0, 1);
    flash.bytes[blocks[1]! + 50]! ^= 1;
    const journal = open(flash);
    expect(states.indexOf(stateOf(journal))).to.be.within(25, 40);
    const kept = Buffer.from(flash.bytes.subarray(older, older! + BLOCK_SIZE));
    journal.put([[1, "later"]]);
    expect(flash.bytes.subarray(older, older! + BLOCK_SIZE).equals(kept), "the older block").to.equal(true);
    expect(open(flash).get(1)).to.equal("later");
  });
});

describe("a journal in flash that takes nothing", () => {
  function worn(): { flash: MemoryFlash; erased: number[] } {
    const flash = new MemoryFlash();
    for (let n = 0; n < 50; n++) open(flash).put([[1, `${n}`.padEnd(150)]]);
    const erased: number[] = [];
    const erase = flash.erase.bind(flash);
    flash.erase = (offset) => {
      erased.push(offset);
      erase(offset);
    };
    return { flash, erased };
  }

  it("says so, and leaves the block alone that counts", () => {
    const { flash, erased } = worn();
    const before = open(flash).text(1);
    let told = 0;
    const write = flash.write.bind(flash);
    flash.write = () => {};
    const journal = open(flash, () => told++);
    for (let n = 1; n <= 3; n++) {
      journal.put([[1, "lost"]]);
      expect([told, journal.worn(), erased.length]).to.deep.equal([n, true, n * (BLOCKS - 1)]);
      expect(open(flash).text(1)).to.equal(before);
    }
    expect(journal.text(1), "until the power goes").to.equal("lost");
    flash.write = write;
    journal.put([[2, "back"]]);
    expect([told, open(flash).text(1), open(flash).text(2)]).to.deep.equal([3, "lost", "back"]);
  });

  it("refuses what no block has room for, before anything is erased or written", () => {
    const { flash, erased } = worn();
    let told = 0;
    const journal = open(flash, () => told++);
    const bytes = Buffer.from(flash.bytes);
    for (const length of [4053, 5000, 70_000]) journal.put([[1, "x".repeat(length)]]);
    expect([told, journal.worn(), erased, flash.bytes.equals(bytes)]).to.deep.equal([3, false, [], true]);
    expect(journal.text(1).trim()).to.equal("49");
  });

  it("never takes more than it can write into one block later", () => {
    const { flash } = worn();
    let told = 0;
    const journal = open(flash, () => told++);
    for (let key = 2; key < 40; key++) journal.put([[key, "x".repeat(200)]]);
    expect(told).to.be.above(10);
    const kept = told;
    for (let n = 0; n < 40; n++) journal.put([[1, n]]);
    expect([told, open(flash).get(1)]).to.deep.equal([kept, 39]);
  });

  it("keeps an empty state, whatever it held before", () => {
    const flash = new MemoryFlash();
    const journal = open(flash);
    journal.put([[1, "x".repeat(3000)]]);
    journal.put([[1, "y".repeat(3000)]]);
    journal.put([[1, false]]);
    for (let n = 0; n < 2000; n++) journal.put([[1, false]]);
    expect(open(flash).get(1)).to.equal(undefined);
    journal.put([]);
    journal.put([[1, "z"]]);
    expect(open(flash).get(1)).to.equal("z");
  });
});
