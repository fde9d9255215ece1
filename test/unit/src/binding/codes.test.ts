/** The bindingCode: how long it lives, how it is revoked, and what the cloud knows of it. */

import { expect } from "chai";

import { createCodes, type Codes } from "../../../../src/binding/codes.js";
import { isBindingCode } from "../../../../src/codec/code.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { createRandom } from "../../../../src/random/drbg.js";
import { FakeClock, hasher } from "../../../support/hal.js";

const A = "0123456789ABCDEF";
const B = "FEDCBA9876543210";

describe("the bindingCode", () => {
  let clock: FakeClock;
  let ended: number[];
  let codes: Codes;

  const create = (trusted = true): Codes =>
    createCodes({ ...clock } as unknown as Hal, createRandom(hasher, "x".repeat(32)), trusted, () =>
      ended.push(clock.now()),
    );

  beforeEach(() => {
    clock = new FakeClock();
    ended = [];
    codes = create();
  });

  describe("of a window", () => {
    it("has its code for exactly its time, and then tells that it is over", () => {
      codes.open(120, A);
      clock.advance(119_999);
      expect([codes.window(), ended]).to.deep.equal([{ code: A, seconds: 0 }, []]);
      clock.advance(1);
      expect([codes.window(), ended]).to.deep.equal([undefined, [120_000]]);
    });

    it("never tells more seconds than are left", () => {
      codes.open(10, A);
      for (let t = 0; t < 10_000; t += 333) {
        expect(codes.window()!.seconds).to.equal(Math.floor((10_000 - t) / 1000));
        clock.advance(333);
      }
    });

    it("ends once, when it is closed, and does not expire any more", () => {
      codes.open(60, A);
      codes.close();
      codes.close();
      expect(codes.window()).to.equal(undefined);
      clock.advance(3_600_000);
      expect(ended).to.deep.equal([0]);
    });

    it("that is opened again has the new code and the new time, and nothing has ended", () => {
      codes.open(60, A);
      codes.acknowledged(A);
      clock.advance(50_000);
      codes.open(60, B);
      expect([codes.window(), codes.known(), ended]).to.deep.equal([{ code: B, seconds: 60 }, false, []]);
      clock.advance(60_000);
      expect(ended).to.deep.equal([110_000]);
    });

    it("can be opened again by who hears that it is over", () => {
      const again: Codes = createCodes({ ...clock } as unknown as Hal, createRandom(hasher, "x".repeat(32)), true, () =>
        again.open(5, B),
      );
      again.open(5, A);
      clock.advance(5000);
      expect(again.window()).to.deep.equal({ code: B, seconds: 5 });
    });

    it("whose timer is late ends when it is looked at, and one that follows has the seconds of its own", () => {
      const late = { ...clock, after: () => ({ _id: 1 }) } as unknown as Hal;
      codes = createCodes(late, createRandom(hasher, "x".repeat(32)), true, () => codes.open(30, B));
      codes.open(60, A);
      clock.advance(61_500);
      expect(codes.window()).to.deep.equal({ code: B, seconds: 30 });
    });

    it("is random unless it is chosen, and another one each time", () => {
      const seen = new Set<string>();
      for (let n = 0; n < 50; n++) {
        codes.open(60);
        expect(isBindingCode(codes.window()!.code)).to.equal(true);
        seen.add(codes.window()!.code);
      }
      expect(seen.size).to.equal(50);
    });

    for (const [seconds, code] of [
      [0, A],
      [3601, A],
      [NaN, A],
      [60, A.slice(1)],
      [60, A.toLowerCase()],
      [60, ""],
    ] as [number, string][]) {
      it(`is refused with ${seconds} s and "${code}", and changes nothing`, () => {
        codes.open(30, B);
        expect(() => codes.open(seconds, code)).to.throw(/^(seconds|code) must be /);
        expect(codes.window()).to.deep.equal({ code: B, seconds: 30 });
      });
    }
  });

  describe("is revoked by another one that no app is told", () => {
    const ways: Record<string, () => void> = {
      "the end of its time": () => clock.advance(60_000),
      "the closing of its window": () => codes.close(),
    };
    for (const [name, end] of Object.entries(ways)) {
      for (const reported of [true, false]) {
        it(`by ${name}, ${reported ? "known to the cloud" : "under way to the cloud"}`, () => {
          codes.open(60, A);
          if (reported) codes.acknowledged(A);
          end();
          const decoy = codes.current();
          expect(isBindingCode(decoy)).to.equal(true);
          expect(decoy).not.to.equal(A);
          expect([codes.window(), codes.known()]).to.deep.equal([undefined, false]);
          // The acknowledgement of what was under way does not hide it.
          expect(codes.acknowledged(A)).to.equal(false);
          expect(codes.known()).to.equal(false);
          expect(codes.acknowledged(decoy)).to.equal(false);
          expect(codes.known()).to.equal(true);
        });
      }
    }

    it("at boot, when an earlier boot may have left one at the cloud", () => {
      expect(isBindingCode(codes.current())).to.equal(true);
      expect([codes.window(), codes.known()]).to.deep.equal([undefined, false]);
    });

    it("not where a code could be guessed: there is none", () => {
      codes = create(false);
      expect([codes.current(), codes.known()]).to.deep.equal(["", true]);
    });
  });

  describe("is told to the cloud", () => {
    it("until it is acknowledged", () => {
      codes.open(60, A);
      expect([codes.current(), codes.known()]).to.deep.equal([A, false]);
      expect(codes.acknowledged(A)).to.equal(true);
      expect(codes.known()).to.equal(true);
    });

    it("again over each new connection while its window is open", () => {
      codes.open(60, A);
      codes.acknowledged(A);
      codes.disconnected();
      expect(codes.known()).to.equal(false);
    });

    it("once, when it has no window", () => {
      codes.acknowledged(codes.current());
      codes.disconnected();
      expect(codes.known()).to.equal(true);
    });

    it("as the new one, when another window was opened while the report was under way", () => {
      codes.open(60, A);
      codes.open(60, B);
      expect(codes.acknowledged(A)).to.equal(false);
      expect([codes.current(), codes.known()]).to.deep.equal([B, false]);
      expect(codes.acknowledged(B)).to.equal(true);
    });
  });
});

describe("the form of a bindingCode", () => {
  for (const code of [A, B, "0000000000000000", "ABCDEFABCDEFABCD"]) {
    it(`may be ${code}`, () => expect(isBindingCode(code)).to.equal(true));
  }
  for (const code of [
    "",
    A.slice(1),
    A + "0",
    A.toLowerCase(),
    "0123456789ABCDEG",
    " 123456789ABCDEF",
    "０".repeat(16),
  ]) {
    it(`may not be "${code}"`, () => expect(isBindingCode(code)).to.equal(false));
  }
});
