/** The bench of a fleet, small. */

import { expect } from "chai";

import { measure } from "../../../bench/fleets.js";
import { memory } from "../../../bench/memory.js";
import { bench, expectFigures, valueOf } from "./figures.js";

describe("a fleet", function () {
  this.timeout(180_000);

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

  it("has figures for each size, and how a device's time and memory grow from the smallest to the largest", async () => {
    const lines = await bench(["fleet", "--devices", "4,2,3", "--concurrency", "2"]);
    expectFigures(lines, "fleet", 24);
    for (const count of [2, 3, 4]) expect(valueOf(lines, `${count} devices: bound exactly once`)).to.equal(count);
    const grown = (what: string): number => valueOf(lines, `2 to 4 devices: ${what}`);
    const ratio = (what: string): number => valueOf(lines, `4 devices: ${what}`) / valueOf(lines, `2 devices: ${what}`);
    expect(grown("memory of a device")).to.be.closeTo(ratio("memory of a device"), 0.01);
    expect(grown("time for a device")).to.be.closeTo(1 / ratio("devices per second"), 0.2);
  });
});
