/** Everything that may happen to a device: what the application calls, what the world does, what apps ask. */

import fc from "fast-check";

import { advertises, api, opens, refused } from "./api.js";
import { asks, provisions } from "./apps.js";
import type { Command } from "./step.js";
import { binds, configures, guesses, times, unbinds, world } from "./world.js";

/** What brings a device online: else few steps would find it there. */
const REACHES = /back|until it is online/;

/** Commands in their weights. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  opens,
  opens,
  refused,
  advertises,
  times,
  times,
  binds,
  binds,
  unbinds,
  guesses,
  configures,
  provisions,
  provisions,
  provisions,
  provisions,
  ...[...world, ...asks, ...asks, ...asks, ...api].map((one) => fc.constant(one)),
  ...[...world, ...world].filter((one) => REACHES.test(String(one))).map((one) => fc.constant(one)),
];
