/** The binding window: how long a bindingCode lives. */

import { expect } from "chai";

import { isBindingCode } from "../../../../src/codec/code.js";
import { createWindow, type BindingWindow } from "../../../../src/credentials/window.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { FakeClock } from "../../../support/hal.js";

const A = "0123456789ABCDEF";
const B = "FEDCBA9876543210";

describe("the binding window", () => {
  let clock: FakeClock;
  let expired: number[];
  let window: BindingWindow;

  beforeEach(() => {
    clock = new FakeClock();
    expired = [];
    window = createWindow(clock as unknown as Hal, () => expired.push(clock.now()));
  });

  it("is closed at first", () => {
    expect([window.code, window.reported, window.seconds()]).to.deep.equal(["", false, 0]);
  });

  it("has its code for exactly its time, and then tells that it is over", () => {
    window.open(A, 120);
    clock.advance(119_999);
    expect([window.code, window.seconds(), expired]).to.deep.equal([A, 0, []]);
    clock.advance(1);
    expect([window.code, window.seconds(), expired]).to.deep.equal(["", 0, [120_000]]);
  });

  it("never tells more seconds than are left", () => {
    window.open(A, 10);
    for (let t = 0; t < 10_000; t += 333) {
      expect(window.seconds()).to.equal(Math.floor((10_000 - t) / 1000));
      clock.advance(333);
    }
  });

  it("forgets code and report when it is closed, and does not expire any more", () => {
    window.open(A, 60);
    window.reported = true;
    window.close();
    expect([window.code, window.reported, window.seconds()]).to.deep.equal(["", false, 0]);
    clock.advance(3_600_000);
    expect(expired).to.deep.equal([]);
  });

  it("that is opened again has the new code, unreported, and the new time", () => {
    window.open(A, 60);
    window.reported = true;
    clock.advance(50_000);
    window.open(B, 60);
    expect([window.code, window.reported, window.seconds()]).to.deep.equal([B, false, 60]);
    clock.advance(59_999);
    expect(window.code).to.equal(B);
    clock.advance(1);
    expect(expired).to.deep.equal([110_000]);
  });

  it("can be opened again by whoever hears that it is over", () => {
    const again: BindingWindow = createWindow(clock as unknown as Hal, () => again.open(B, 5));
    again.open(A, 5);
    clock.advance(5000);
    expect([again.code, again.seconds()]).to.deep.equal([B, 5]);
  });
});

describe("a bindingCode", () => {
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
