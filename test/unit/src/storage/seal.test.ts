/** Records that are sealed with a key that the flash does not hold. */

import { expect } from "chai";
import fc from "fast-check";

import { sealOf } from "../../../../tools/factory/seal.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { checksum, MemoryFlash } from "../../../support/hal.js";

const KEY = "a key from the eFuse";
const open = (flash: MemoryFlash, key?: string): Journal => openJournal(flash, checksum, 2, 3, undefined, sealOf(key));
const SECRET = "the password of the network";

describe("sealed records", () => {
  const seal = sealOf(KEY)!;

  it("give back what was sealed, whatever it was", () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    fc.assert(fc.property(bytes, (plain) => seal.open(seal.close(plain)) === plain));
  });

  it("cannot be changed, cut or opened with another key", () => {
    const sealed = seal.close("DeviceSecret");
    for (let at = 0; at < sealed.length; at++) {
      const changed = String.fromCharCode(sealed.charCodeAt(at) ^ 1);
      expect(seal.open(sealed.slice(0, at) + changed + sealed.slice(at + 1))).to.equal(undefined);
      expect(seal.open(sealed.slice(0, at))).to.equal(undefined);
    }
    expect(sealOf(KEY + "?")!.open(sealed)).to.equal(undefined);
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
});
