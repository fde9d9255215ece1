/** Everything that may happen to a device: what the application calls, what the world does, what apps ask. */

import fc from "fast-check";

import { advertises, api, opens, refused } from "./api.js";
import { asks, provisions } from "./apps.js";
import type { Command } from "./step.js";
import { arms, boots } from "./cuts.js";
import { losses, moves, returns } from "./moves.js";
import { binds, configures, guesses, passes, unbinds, world } from "./world.js";

/** What brings a device online: else few steps would find it there. */
const REACHES = /router is back|until it is online/;

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const always = (commands: Command[]): fc.Arbitrary<Command>[] => commands.map((one) => fc.constant(one));

/** Commands in their weights. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  ...times(2, opens),
  refused,
  advertises,
  ...times(2, passes),
  ...times(3, binds),
  unbinds,
  guesses,
  configures,
  ...times(3, moves),
  losses,
  ...times(5, returns),
  ...times(2, arms),
  boots,
  ...times(6, provisions),
  ...always([...world, ...api, ...times(3, asks).flat()]),
  ...always(
    times(
      5,
      world.filter((one) => REACHES.test(String(one))),
    ).flat(),
  ),
];
