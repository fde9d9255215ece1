/** The fleet bench by itself, small. */

import { expect } from "chai";

import { measure } from "../../../bench/fleets.js";
import { memory } from "../../../bench/memory.js";

describe("a fleet", function () {
  this.timeout(30_000);

  it("of 40 devices is bound through one cloud at the same time, each device exactly once", async () => {
    const told: number[] = [];
    const result = await measure({ devices: 40, concurrency: 40, onProgress: (done) => told.push(done) });
    expect(result.failures).to.deep.equal([]);
    expect(result.boundOnce).to.equal(40);
    expect(result.slowestMs).to.be.at.least(result.medianMs);
    expect(told).to.deep.equal(Array.from({ length: 40 }, (_, at) => at + 1));
  });

  it("is measured in a process of its own, whatever this one holds: two take the same memory", async () => {
    const first = await measure({ devices: 10, concurrency: 10 });
    const held = Array.from({ length: 400_000 }, (_, at) => ({ at }));
    const second = await measure({ devices: 10, concurrency: 10 });
    expect(held).to.have.length(400_000);
    expect(first.deviceKiB).to.be.above(100);
    expect(second.deviceKiB / first.deviceKiB).to.be.closeTo(1, 0.15);
    const error = await memory().catch((reason: Error) => reason);
    expect(error, "this process has no --expose-gc").to.be.an("error");
  });
});
