/** The fleet bench by itself, small. */

import { expect } from "chai";

import { fleet } from "../../sim/bench/fleet.js";

describe("a fleet", function () {
  this.timeout(30_000);

  it("of 40 devices is bound through one cloud at the same time, each device exactly once", async () => {
    const result = await fleet({ devices: 40, concurrency: 40 });
    expect(result.failures).to.deep.equal([]);
    expect(result.boundOnce).to.equal(40);
    expect(result.slowestMs).to.be.at.least(result.medianMs);
  });
});
