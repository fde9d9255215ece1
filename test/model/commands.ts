/** Everything that may happen to a device: what the application calls, what the world does, what apps ask. */

import fc from "fast-check";

import { advertises, api, opens, refused } from "./api.js";
import { asks, provisions } from "./apps.js";
import type { Command } from "./step.js";
import { binds, configures, guesses, times, unbinds, world } from "./world.js";

/** Commands in their weights. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  opens,
  opens,
  refused,
  advertises,
  times,
  times,
  times,
  binds,
  binds,
  unbinds,
  guesses,
  configures,
  provisions,
  provisions,
  ...[...world, ...asks, ...asks, ...api].map((one) => fc.constant(one)),
];
