/** One step of a run: something happens, and model, device and cloud are compared. */

import fc from "fast-check";

import { agree } from "./agree.js";
import { lose, type Before } from "./lose.js";
import type { Model } from "./model.js";
import type { System } from "./system.js";

export type Command = fc.AsyncCommand<Model, System>;

/** Default of the option `window`. */
export const WINDOW = 120;
/** Milliseconds of the clock after which every step is looked at. */
export const SETTLE = 20;

/** Steps of all runs so far, how many of them ended online, and in how many the power went inside a flash operation. */
export const steps = { count: 0, online: 0, cuts: 0 };

/** The device has lost its power: model and device go on from what flash says. */
async function revive(before: Before, model: Model, system: System): Promise<void> {
  steps.cuts++;
  lose(model, before, await system.power.wreck(), system.connections());
  await system.power.revive(model.router);
  model.boot();
}

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
      const before = { ...model.durable(), secret: system.power.durable().secret, resetPending: model.resetPending };
      model.maybe = {};
      try {
        await run(model, system);
        await system.clock.advance(SETTLE);
      } catch (error) {
        // Whoever talks to a device that loses its power has no answer.
        if (system.device.alive) throw error;
      }
      if (!system.device.alive) await revive(before, model, system);
      agree(model, system.clock.now(), await system.look());
      if (model.online) steps.online++;
    },
  };
}
