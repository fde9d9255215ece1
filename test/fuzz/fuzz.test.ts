/** A short run of the fuzzer with every change; `npm run fuzz` is the long one. */
import { expect } from "chai";
import fc from "fast-check";

import { target } from "./inputs.js";
import { fuzz, TARGETS } from "./targets.js";

const INPUTS = 20_000;

describe("fuzz", () => {
  const seed = Date.now() & 0x7fffffff;
  for (const decoder of TARGETS) {
    it(`${decoder.name} survives everything (seed ${seed})`, () => {
      fuzz(decoder, Math.ceil(INPUTS / TARGETS.length), seed);
    }).timeout(60_000);
  }

  it("finds a decoder that does not, and tells the seed", () => {
    const weak = target("weak", fc.string(), (text) => JSON.parse(text));
    expect(() => fuzz(weak, 100, 42)).to.throw(/seed: 42/);
  });
});
