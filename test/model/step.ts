/** One step of a run: something happens, and model, device and cloud are compared. */

import fc from "fast-check";

import type { Model } from "./model.js";
import type { System } from "./system.js";

export type Command = fc.AsyncCommand<Model, System>;

/** Default of the option `window`. */
export const WINDOW = 120;
/** Milliseconds of the clock after which every step is looked at. */
const SETTLE = 20;

/** Steps of all runs so far, and how many of them ended online. */
export const steps = { count: 0, online: 0 };

export function command(
  name: string,
  run: (model: Model, system: System) => Promise<void>,
  check = (_: Model) => true,
): Command {
  return {
    toString: () => name,
    check,
    async run(model, system) {
      steps.count++;
      model.now = system.clock.now();
      await run(model, system);
      await system.clock.advance(SETTLE);
      model.agree(system.clock.now(), await system.look());
      if (model.online) steps.online++;
    },
  };
}
