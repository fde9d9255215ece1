/** Ten thousand random programs, where there is a real interpreter. `npm run conformance -- --random N --seed S` repeats one run. */

import { expect } from "chai";

import { findEspruino } from "../../sim/emulator/index.js";
import { compare } from "./random/compare.js";

const RUNS = 10;
const PROGRAMS = 1250;

describe("conformance on ten thousand random programs", () => {
  // The same programs each time, so that a difference is made by a change; `npm run conformance -- --random N` takes others.
  const start = 12;

  for (let run = 0; run < RUNS; run++) {
    it(`seed ${start + run}`, async function () {
      const binary = findEspruino();
      if (!binary) return this.skip();
      const { compared, smallest } = await compare(binary, PROGRAMS, start + run);
      expect(compared).to.be.at.least(900);
      expect(smallest).to.equal(undefined);
    });
  }
});
