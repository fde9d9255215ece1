/** The emulator on a fixed set of random programs, against the stored answers of both builds. */

import { expect } from "chai";

import { agree, sample } from "./compare.js";
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

  it("makes the same programs of the same seed, most of which the gate allows", () => {
    expect(sample(60, 7)).to.deep.equal(sample(60, 7));
    expect(sample(60, 7)).to.have.length.above(40);
  });
});
