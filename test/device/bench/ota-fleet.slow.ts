/** The bench of a fleet that is updated, small. */
import { expect } from "chai";

import { otaFleet } from "../../../bench/ota-fleet.js";

describe("a fleet that is updated", function () {
  this.timeout(180_000);

  it("of 8 devices gets one update in two stages, each device exactly once", async () => {
    const { failures, updatedOnce, stages } = await otaFleet(8, [40, 100], () => {});
    expect(failures).to.deep.equal([]);
    expect(updatedOnce).to.equal(8);
    // By the hashes of these DeviceKeys.
    expect(stages.map(({ updated }) => updated)).to.deep.equal([5, 8]);
  });
});
