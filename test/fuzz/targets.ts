/** Every decoder under fire. Those of a further room are one file beside these and one entry here. */
import fc from "fast-check";

import { APP } from "./app.js";
import { CLOUD } from "./cloud.js";
import { CODEC } from "./codec.js";
import type { Target } from "./inputs.js";
import { LAN } from "./lan.js";
import { MDNS } from "./mdns.js";

export const TARGETS: Target[] = [...CODEC, ...LAN, ...MDNS, ...CLOUD, ...APP];

/**
 * Feeds one decoder.
 * @throws Error with the seed, the smallest input that breaks the decoder, and how to repeat it
 */
export function fuzz({ inputs, decode }: Target, runs: number, seed: number): void {
  fc.assert(fc.property(inputs, decode), { numRuns: runs, seed });
}
