/** Power that goes inside a flash operation: of whatever comes next, or of a boot. */

import fc from "fast-check";

import { TEARS } from "../lives/tears.js";
import type { FlashCut } from "./power.js";
import { command } from "./step.js";

const cuts: fc.Arbitrary<FlashCut> = fc.record({
  afterOperations: fc.integer({ min: 0, max: 3 }),
  tear: fc.constantFrom(...Object.keys(TEARS)),
  seed: fc.nat(),
  again: fc.boolean(),
  left: fc.constantFrom(undefined, 0, 60, 140),
});

const nameOf = ({ afterOperations, tear, again, left }: FlashCut): string => {
  const more = [tear, again && "in the next boot too", left !== undefined && `${left} bytes left then`];
  return `flash operation ${afterOperations + 1} (${more.filter(Boolean).join("; ")})`;
};

export const arms = cuts.map((cut) =>
  command(`the power will go in ${nameOf(cut)}`, async (_, system) => system.power.arm(cut)),
);

export const boots = cuts.map((cut) =>
  command(`power cut and another in the boot: ${nameOf(cut)}`, async (model, system) => {
    await system.power.reboot(model.router, cut);
    model.boot();
  }),
);
