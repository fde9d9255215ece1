/** Erases what the binding keeps in a device's flash, so that no power cut leaves an identity whose journal is gone. */

import { randomBytes } from "node:crypto";

import type { Identity } from "../../src/codec/identity.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../src/codec/record.js";
import { FailedError } from "../../sim/errors.js";
import { encodeIdentity } from "../factory/identity-image.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";
import { eraseBlock, usedBytes, writeDeviceIdentity } from "./identity-blocks.js";

/** Blocks of the binding's 64 KiB: the identity, then the journal. */
const AREA_BLOCKS = 16;
/** A program that runs may write its journal meanwhile. */
const ROUNDS = 3;

/** Erases blocks from `first` on, and looks. @throws FailedError when they do not stay erased */
async function eraseBlocks(
  device: Evaluator,
  board: Board,
  first: number,
  onBlock: (done: number, total: number) => void,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    let erased = 0;
    for (let block = first; block < AREA_BLOCKS; block++) {
      const start = board.area + block * BLOCK_SIZE;
      if (await usedBytes(device, start)) {
        await eraseBlock(device, start);
        erased++;
      }
      if (!round) onBlock(block + 1 - first, AREA_BLOCKS - first);
    }
    if (!erased) return;
  }
  throw new FailedError("the flash does not stay erased: stop the application (reset()), and run this again");
}

/** Erases identity and journal. */
export function eraseAll(
  device: Evaluator,
  board: Board,
  onBlock: (done: number, total: number) => void,
): Promise<void> {
  return eraseBlocks(device, board, 0, onBlock);
}

/**
 * Erases the journal and keeps the identity, with a new seed: with the old one the random generator, whose state the
 * journal holds, would repeat its codes and secrets.
 */
export async function eraseJournal(
  device: Evaluator,
  board: Board,
  { pk, ps, dk, ds, pop, updateKey: key }: Identity,
  damaged: number[],
  flashKey: string | undefined,
  onBlock: (done: number, total: number) => void,
): Promise<void> {
  const updateKey = Buffer.from(key, "latin1").toString("hex");
  const area = encodeIdentity({ pk, ps, dk, ds, pop, updateKey, seed: randomBytes(32), flashKey });
  await writeDeviceIdentity(device, board, area, damaged);
  await eraseBlocks(device, board, IDENTITY_BLOCKS, onBlock);
}
