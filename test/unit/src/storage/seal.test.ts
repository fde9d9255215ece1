/** Records that are sealed with a key that the flash does not hold. */

import { expect } from "chai";
import fc from "fast-check";

import { sealOf } from "../../../../tools/factory/seal.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { encodeIdentity } from "../../../../tools/factory/identity-image.js";
import { readIdentity } from "../../../../src/credentials/factory-identity.js";
import { BLOCK_SIZE, BLOCK_START, encodeBlockHeader, IDENTITY_BLOCKS } from "../../../../src/codec/record.js";
import { SEAL_JOURNAL } from "../../../../src/storage/seal.js";
import { checksum, MemoryFlash } from "../../../support/hal.js";

const KEY = "a key from the eFuse";
const open = (flash: MemoryFlash, key?: string): Journal =>
  openJournal(flash, checksum, 2, 3, undefined, sealOf(key, SEAL_JOURNAL));
const PLACE = "12345678";
const SECRET = "the password of the network";

describe("sealed records", () => {
  const seal = sealOf(KEY)!;

  it("give back what was sealed, whatever it was", () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    fc.assert(fc.property(bytes, (plain) => seal.open(seal.close(plain, PLACE), PLACE) === plain));
  });

  it("cannot be changed, cut or opened with another key", () => {
    const sealed = seal.close("DeviceSecret", PLACE);
    for (let at = 0; at < sealed.length; at++) {
      const changed = String.fromCharCode(sealed.charCodeAt(at) ^ 1);
      expect(seal.open(sealed.slice(0, at) + changed + sealed.slice(at + 1), PLACE)).to.equal(undefined);
      expect(seal.open(sealed.slice(0, at), PLACE)).to.equal(undefined);
    }
    for (let at = 0; at < PLACE.length; at++) {
      expect(seal.open(sealed, PLACE.slice(0, at) + "x" + PLACE.slice(at + 1))).to.equal(undefined);
    }
    expect(sealOf(KEY, SEAL_JOURNAL)!.open(sealed, PLACE), "as the journal's").to.equal(undefined);
    expect(sealOf(KEY + "?")!.open(sealed, PLACE)).to.equal(undefined);
  });

  it("keep a journal over boots and blocks, and its secrets out of the flash", () => {
    const flash = new MemoryFlash();
    for (let n = 1; n <= 100; n++) {
      open(flash, KEY).put([
        [3, SECRET],
        [4, n],
      ]);
    }
    const journal = open(flash, KEY);
    expect([journal.locked, journal.text(3), journal.get(4)]).to.deep.equal([false, SECRET, 100]);
    expect(flash.bytes.includes(SECRET)).to.equal(false);
  });

  it("are told from a torn record: without the key, or with another one, the journal is locked", () => {
    const flash = new MemoryFlash();
    open(flash, KEY).put([[3, SECRET]]);
    for (const key of [undefined, "another key, as long"]) expect(open(flash, key).locked).to.equal(true);
    flash.write("\x00\x00\x00\x00", 2 * 4096 + 32);
    expect(open(flash, KEY).locked).to.equal(false);
  });

  it("are all that is read where there is a key: nobody slips a plain one in", () => {
    const flash = new MemoryFlash();
    open(flash).put([[3, "network of a stranger"]]);
    const journal = open(flash, KEY);
    expect([journal.locked, journal.text(3)]).to.deep.equal([true, ""]);
  });

  describe("that somebody moves who has no key", () => {
    const IDENTITY = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", flashKey: KEY };
    const identityOf = (flash: MemoryFlash): { ps: string; locked?: boolean } =>
      readIdentity({ flash, crc32: checksum }, sealOf(KEY));
    /** A device with an identity, and a journal of two records in its first block. */
    function device(): MemoryFlash {
      const flash = new MemoryFlash();
      flash.bytes.set(encodeIdentity(IDENTITY));
      open(flash, KEY).put([[3, SECRET]]);
      open(flash, KEY).put([[4, "later"]]);
      return flash;
    }
    const blockAt = (block: number): number => block * BLOCK_SIZE;
    const record = (flash: MemoryFlash, from: number, length = 256): Buffer =>
      Buffer.from(flash.bytes.subarray(from, from + length));
    const header = (sequence: number): Buffer => Buffer.from(encodeBlockHeader(sequence, checksum), "latin1");

    it("from the identity to the journal, and back, under a header of their own, open nothing", () => {
      const [first, journal] = [blockAt(0), blockAt(IDENTITY_BLOCKS)];
      for (const sequence of [1, 2, 9]) {
        const flash = device();
        flash.bytes.fill(0xff, journal, journal + BLOCK_SIZE);
        flash.bytes.set(header(sequence), journal);
        flash.bytes.set(record(flash, first + BLOCK_START), journal + BLOCK_START);
        const moved = open(flash, KEY);
        expect([moved.locked, moved.text(2), moved.text(3)]).to.deep.equal([true, "", ""]);

        const other = device();
        const sealed = record(other, journal + BLOCK_START);
        other.bytes.fill(0xff, first, blockAt(IDENTITY_BLOCKS));
        other.bytes.set(header(sequence), first);
        other.bytes.set(sealed, first + BLOCK_START);
        expect(identityOf(other)).to.include({ ps: "", locked: true });
      }
    });

    it("from one copy of the identity to the other, open nothing", () => {
      const flash = device();
      const whole = identityOf(flash);
      expect(whole.ps).to.equal(IDENTITY.ps);
      flash.bytes.set(record(flash, blockAt(0) + BLOCK_START), blockAt(1) + BLOCK_START);
      expect(identityOf(flash)).to.include({ ps: "", locked: true });
    });

    it("within a block, from block to block, or under a newer header, open nothing", () => {
      const start = blockAt(IDENTITY_BLOCKS);
      const size = 8 + decodedLength(device(), start + BLOCK_START);
      const second = start + BLOCK_START + size;
      const moves: ((flash: MemoryFlash) => void)[] = [
        // The first record once more, behind the second.
        (flash) => flash.bytes.set(record(flash, start + BLOCK_START, size), freeOf(flash, second)),
        // The second in the place of the first.
        (flash) => flash.bytes.set(record(flash, second, size), start + BLOCK_START),
        // The whole block, as it is and as a newer one.
        (flash) => flash.bytes.copy(flash.bytes, blockAt(3), start, start + BLOCK_SIZE) && renumber(flash, 3, 2),
        (flash) => renumber(flash, IDENTITY_BLOCKS, 2),
      ];
      for (const [at, move] of moves.entries()) {
        const flash = device();
        expect(open(flash, KEY).text(4)).to.equal("later");
        move(flash);
        expect(open(flash, KEY).locked, `move ${at}`).to.equal(true);
      }
    });

    function renumber(flash: MemoryFlash, block: number, sequence: number): void {
      flash.bytes.fill(0xff, blockAt(block), blockAt(block) + BLOCK_START);
      flash.bytes.set(header(sequence), blockAt(block));
    }
    const decodedLength = (flash: MemoryFlash, at: number): number => (flash.bytes.readUInt16BE(at) + 3) & ~3;
    const freeOf = (flash: MemoryFlash, at: number): number => at + 8 + decodedLength(flash, at);
  });
});
