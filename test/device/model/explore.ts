/** The whole binding against a model of it: whatever happens in whatever order, device, cloud and model agree. */

import { expect } from "chai";
import fc from "fast-check";

import { COMMANDS } from "./commands.js";
import { Model } from "./model.js";
import { rounds } from "../../support/endurance.js";
import { steps } from "./step.js";
import { System } from "./system.js";

const LONGEST = 400;
/** The same walk each time, so that a change of the code makes the difference; another one each time in endurance. */
const seed = Number(process.env.MODEL_SEED ?? rounds(1, Date.now() % 1_000_000_000));

/** @param count how many steps, unless MODEL_STEPS is in the environment */
export function describeModel(count: number): void {
  const wanted = Number(process.env.MODEL_STEPS ?? count);

  describe("the binding and its model", function () {
    this.timeout(300_000);

    for (const autoRotate of [0, 30]) {
      it(`agree, with autoRotate ${autoRotate} (endurance takes another walk each time)`, async () => {
        const start = performance.now();
        steps.count = steps.online = steps.cuts = 0;
        for (let run = 0; steps.count < wanted / 2; run++) await explore(autoRotate, seed + run);
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        console.log(
          `      ${steps.count} steps, ${steps.online} online, ${steps.cuts} power cuts inside the flash, in ${seconds} s, ` +
            `from seed ${seed} (MODEL_SEED, MODEL_STEPS)`,
        );
      });
    }
  });
}

/** One device, from its first boot to up to 400 steps later. */
async function explore(autoRotate: number, seed: number): Promise<void> {
  const property = fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: LONGEST, size: "max" }), async (commands) => {
    const system = await System.start(autoRotate);
    const model = new Model(autoRotate);
    try {
      await fc.asyncModelRun(() => ({ model, real: system }), commands);
      expect(system.device.uncaught.slice(0, 3)).to.deep.equal([]);
      expect(system.events.map(({ event }) => event)).not.to.include("malformed");
      if (model.online) expect(system.secretReported(), "the bindingSecret is known").to.equal(true);
    } finally {
      await system.stop();
    }
  });
  const { failed, errorInstance, counterexample } = await fc.check(property, { seed, numRuns: 1, endOnFailure: true });
  if (!failed) return;
  const last = String(counterexample![0]).split(",").slice(-12).join(" → ");
  throw new Error(`seed ${seed}: … ${last}`, { cause: errorInstance });
}
