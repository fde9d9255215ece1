/** Puts the public key of updates into the identity that a device has; the rest of it stays. */
import { FailedError, UsageError } from "../../sim/errors.js";
import { LOCKED } from "../../src/codec/identity.js";
import type { Board } from "../flash/board.js";
import type { Evaluator } from "../flash/console.js";
import { readCopies, readDeviceIdentity, writeDeviceIdentity } from "../flash/identity-blocks.js";
import { encodeIdentity } from "./identity-image.js";

export interface KeyOptions {
  /** 64 hexadecimal digits. */
  updateKey: string;
  /** Option `flashKey` of the device. */
  flashKey?: string;
  /** Whether it takes the place of another one. */
  force?: boolean;
}

const hex = (bytes: string): string => Buffer.from(bytes, "latin1").toString("hex");

/**
 * Looks at the device; writes nothing.
 * @returns writes the key, so that a power cut leaves the identity with it or without; undefined when the device has it
 * already; "none" when it has no identity
 * @throws FailedError when that is sealed otherwise, UsageError when it has another key and `force` is not given
 */
export async function planUpdateKey(
  device: Evaluator,
  board: Board,
  { updateKey, flashKey, force }: KeyOptions,
): Promise<(() => Promise<void>) | "none" | undefined> {
  const { identity, damaged } = await readCopies(device, board, flashKey);
  if (!identity) return "none";
  if (identity.locked) throw new FailedError(LOCKED);
  const wanted = updateKey.toLowerCase();
  const present = hex(identity.updateKey);
  if (present === wanted && !damaged.length) return undefined;
  if (present && present !== wanted && !force) {
    throw new UsageError("the device takes updates of another key: --force replaces it");
  }
  const seed = Buffer.from(identity.seed, "latin1");
  const area = encodeIdentity({ ...identity, seed, updateKey: wanted, flashKey });
  return async () => {
    await writeDeviceIdentity(device, board, area, damaged);
    const now = await readDeviceIdentity(device, board, flashKey);
    if (!now || hex(now.updateKey) !== wanted) {
      throw new FailedError("the identity reads back otherwise than it was written: write it again");
    }
  };
}
