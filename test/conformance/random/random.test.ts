/** The emulator on a fixed set of random programs, against the stored answers of both builds. */

import { expect } from "chai";

import { agree, agreeNearly, sample } from "./compare.js";
import { runEmulated } from "./engines.js";
import { readStored } from "./stored.js";

describe("conformance on random programs", function () {
  this.timeout(60_000);

  it("says what a build says to each of a fixed set", async () => {
    const stored = readStored();
    const emulated = await runEmulated(stored.map(({ program }) => program));
    const differing = stored.flatMap(({ program, linux, esp32 }, at) =>
      agree(emulated[at]!, linux) || (esp32 !== undefined && agree(emulated[at]!, esp32))
        ? []
        : [{ program, linux, esp32, emulator: emulated[at] }],
    );
    expect(stored).to.have.length.above(250);
    expect(differing).to.deep.equal([]);
  });

  it("passes over the last digits of a fraction only, and only for the build of 32 bits", () => {
    const near: [string, string, boolean][] = [
      ['["a",8,1e-7]', '["a",7.9999999,1e-7]', true],
      ["[0.1]", "[0.10000001]", true],
      ["[8]", "[7.999]", false],
      ["[8]", "[9]", false],
      ["[8000000001]", "[8000000002]", false],
      ['["a",8]', '["b",7.9999999]', false],
      ["[8]", "[7.9999999,1]", false],
    ];
    for (const [emulated, real, wanted] of near) {
      expect([real, agreeNearly(emulated, real)]).to.deep.equal([real, wanted]);
      expect(agree(emulated, real)).to.equal(false);
    }
  });

  it("makes the same programs of the same seed, most of which the gate allows", () => {
    expect(sample(60, 7)).to.deep.equal(sample(60, 7));
    expect(sample(60, 7)).to.have.length.above(40);
  });
});
