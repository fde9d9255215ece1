/** Power that goes inside a flash operation: how much of it still happens, and what the journal may say then. */

import type { FlashOperation, Tear } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE } from "../../../src/codec/record.js";
import { textOf } from "./facts.js";

/** Bits that look random, 0-255, the same ones for the same seed. */
export function noiseOf(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24;
}

/** How much of an operation still happens, by name. */
export const TEARS: Record<string, (noise: () => number) => Tear> = {
  "before it": () => () => 0,
  "behind its first bytes": (noise) => {
    const some = 1 + (noise() & 31);
    return (at) => (at < some ? 0xff : 0);
  },
  "with any of its bits": (noise) => noise,
  "after it": () => () => 0xff,
};

/** What the journal says before an operation, and what it will say behind it. */
export function outcomes(flash: Uint8Array, { file, kind, offset, bytes }: FlashOperation): string[] {
  const done = Buffer.from(flash);
  if (file) return [textOf(flash)];
  if (kind === "erase") done.fill(0xff, offset, offset + BLOCK_SIZE);
  bytes?.forEach((byte, at) => (done[offset + at] &= byte));
  return [textOf(flash), textOf(done)];
}
