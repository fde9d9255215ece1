/** What a device makes for itself at boot: random numbers that never repeat, and a bindingSecret that fits its identity. */

import { expect } from "chai";

import type { Identity } from "../../../../src/codec/identity.js";
import { ensureSecret, newSecret, startRandom } from "../../../../src/credentials/birth.js";
import { hex } from "../../../../src/codec/bytes.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import {
  KEY_AUTH_KEY,
  KEY_DS,
  KEY_IDENTITY,
  KEY_PK,
  KEY_PS,
  KEY_SECRET,
  KEY_SECRET_REPORTED,
  KEY_SERVER,
  KEY_SSID,
} from "../../../../src/storage/keys.js";
import { checksum, hasher, MemoryFlash, PowerCut } from "../../../support/hal.js";

const hal = hasher as Hal;
const identity: Identity = {
  pk: "p1demo",
  ps: "QUJDREVGR0hJSktM",
  dk: "DEVICE01",
  ds: "",
  seed: "s".repeat(32),
  pop: "",
  updateKey: "",
};
const open = (flash: MemoryFlash): Journal => openJournal(flash, checksum, 2, 14);
const firstOutput = (flash: MemoryFlash, of = identity): string => startRandom(hal, of, open(flash))(32);

/** One boot: the journal after everything that a boot makes. */
function boot(flash: MemoryFlash, of = identity): Journal {
  const journal = open(flash);
  ensureSecret(hal, of, journal, startRandom(hal, of, journal));
  return journal;
}

describe("the random generator at boot", () => {
  it("repeats no code over 1,000 boots of one image, cut off anywhere, with nothing random from outside", () => {
    const flash = new MemoryFlash();
    const codes: string[] = [];
    let cuts = 0;
    for (let n = 0; n < 1000; n++) {
      // Every second boot loses its power while it writes, each a byte later than the one before.
      flash.budget = n % 2 ? n % 90 : Infinity;
      try {
        const random = startRandom(hal, identity, open(flash));
        for (let i = 0; i < 3; i++) codes.push(hex(random(8)));
      } catch (error) {
        expect(error).to.be.instanceOf(PowerCut);
        cuts++;
      }
    }
    expect(cuts).to.be.above(200);
    expect(new Set(codes).size).to.equal(codes.length);
  });

  it("never repeats what it gave, wherever the power was cut at boot", () => {
    const start = new MemoryFlash();
    const given = firstOutput(start);
    let cuts = 0;
    for (let finished = false; !finished;) {
      const flash = new MemoryFlash();
      flash.bytes = Buffer.from(start.bytes);
      flash.budget = cuts;
      const seen = new Set([given]);
      try {
        seen.add(firstOutput(flash));
        finished = true;
      } catch (error) {
        expect(error).to.be.instanceOf(PowerCut);
        cuts++;
      }
      flash.budget = Infinity;
      expect(seen.has(firstOutput(flash))).to.equal(false);
    }
    // Every byte of the record that holds the next state.
    expect(cuts).to.be.above(32);
  });

  it("differs between devices that were given the same seed, and between seeds", () => {
    const outputs = [{}, { dk: "DEVICE02" }, { ps: "x".repeat(16) }, { seed: "t".repeat(32) }].map((other) =>
      firstOutput(new MemoryFlash(), { ...identity, ...other }),
    );
    expect(new Set(outputs).size).to.equal(4);
  });
});

describe("what the generator starts from", () => {
  it("is the factory's seed and the stored state, both", () => {
    const flash = new MemoryFlash();
    firstOutput(flash);
    const copies = [identity, { ...identity, seed: "t".repeat(32) }].map((of) => {
      const copy = new MemoryFlash();
      copy.bytes = Buffer.from(flash.bytes);
      return firstOutput(copy, of);
    });
    expect(copies[0]).not.to.equal(copies[1]);
  });

  it("is not what an earlier boot has started from, when the newest state is damaged", () => {
    const flash = new MemoryFlash();
    const outputs = [firstOutput(flash), firstOutput(flash)];
    for (let n = 0; n < 5; n++) {
      const last = flash.bytes.findLastIndex((byte) => byte !== 0xff);
      flash.bytes[last]! ^= 1;
      outputs.push(firstOutput(flash));
    }
    expect(new Set(outputs).size).to.equal(outputs.length);
  });

  it("comes again when the flash takes nothing: the journal says so, and no secret is made", () => {
    const flash = new MemoryFlash();
    boot(flash).put([[KEY_SECRET_REPORTED, true]]);
    flash.write = () => {};
    const worn = open(flash);
    const random = startRandom(hal, identity, worn);
    expect(worn.worn()).to.equal(true);
    expect(newSecret(worn, random)).to.deep.equal([]);
    ensureSecret(hal, { ...identity, dk: "DEVICE02" }, worn, random);
    const left = [KEY_SECRET, KEY_SECRET_REPORTED, KEY_IDENTITY].map((key) => worn.get(key));
    expect(left).to.deep.equal([undefined, undefined, undefined]);
    const fresh = open(new MemoryFlash());
    expect(fresh.worn()).to.equal(false);
  });
});

describe("the bindingSecret", () => {
  it("is 16 characters 0-9A-F, made at the first boot and kept", () => {
    const flash = new MemoryFlash();
    const secret = boot(flash).text(KEY_SECRET);
    expect(secret).to.match(/^[0-9A-F]{16}$/);
    for (let n = 0; n < 5; n++) expect(boot(flash).text(KEY_SECRET)).to.equal(secret);
  });

  it("is not reported at first", () => {
    expect(boot(new MemoryFlash()).get(KEY_SECRET_REPORTED)).to.equal(undefined);
  });

  for (const change of [{ pk: "p2" }, { ps: "x".repeat(16) }, { dk: "DEVICE02" }, { ds: "d".repeat(32) }]) {
    it(`is replaced when ${Object.keys(change)[0].toUpperCase()} is another, with what came of the old identity`, () => {
      const flash = new MemoryFlash();
      const before = boot(flash);
      const old = before.text(KEY_SECRET);
      before.put([
        [KEY_SECRET_REPORTED, true],
        [KEY_DS, "D"],
        [KEY_AUTH_KEY, "K"],
        [KEY_PK, "p2other"],
        [KEY_PS, "Z".repeat(16)],
        [KEY_SERVER, "mqtt://new:1884"],
        [KEY_SSID, "home"],
      ]);
      const after = boot(flash, { ...identity, ...change });
      expect(after.text(KEY_SECRET))
        .to.match(/^[0-9A-F]{16}$/)
        .and.not.equal(old);
      const gone = [KEY_SECRET_REPORTED, KEY_DS, KEY_AUTH_KEY, KEY_PK, KEY_PS, KEY_SERVER];
      expect(gone.filter((key) => after.get(key) !== undefined)).to.deep.equal([]);
      expect(after.text(KEY_SSID)).to.equal("home");
    });
  }
});
