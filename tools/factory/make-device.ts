/** Makes one device a device of a product: its identity in flash, its label on the bench. */

import type { Identity } from "../../src/codec/identity.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { encodeIdentity, newPop } from "./identity-image.js";
import type { Label } from "./label.js";
import { accessPointName } from "./names.js";
import type { Board } from "../flash/board.js";
import type { Evaluator } from "../flash/console.js";
import { deviceKeyOf, readCopies, readDeviceIdentity, writeDeviceIdentity } from "../flash/identity-blocks.js";

/** What the device shall be. */
export interface Wanted {
  pk: string;
  ps: string;
  /** DeviceKey; of the chip when absent. */
  dk?: string;
  ds?: string;
  /** Its proof of possession; true draws one, false leaves it without. */
  pop: string | boolean;
  /** The public key that updates are signed with: 64 hexadecimal digits. */
  updateKey?: string;
  /** 32 bytes; drawn when absent. */
  seed?: Uint8Array;
  /** Option `flashKey` of the device. */
  flashKey?: string;
  /** Option `prefix` of the device: its access point is this, a dash and the end of the DK. */
  prefix: string;
  force: boolean;
}

export interface Made {
  label: Label;
  /** False: it was so already, and its label was made from what it has. */
  written: boolean;
  /** Whether it was so already but for one of the two copies, which a power cut had left unwritten. */
  mended: boolean;
}

function labelOf(wanted: Wanted, dk: string, pop: string): Label {
  return { pk: wanted.pk, dk, ssid: accessPointName(wanted.prefix, dk), pop };
}

const hex = (bytes: string): string => Buffer.from(bytes, "latin1").toString("hex");

/** Whether the device is already what it shall be; a run that was cut short then only lacks the label. */
function fits(present: Identity, wanted: Wanted, dk: string): boolean {
  const { pk, ps, ds = "", pop, updateKey = "" } = wanted;
  const same = present.pk === pk && present.ps === ps && present.dk === dk && present.ds === ds;
  const sameKey = hex(present.updateKey) === updateKey.toLowerCase();
  const possession = typeof pop === "string" ? present.pop === pop : Boolean(present.pop) === pop;
  return same && sameKey && Boolean(present.seed) && possession;
}

/** Writes the identity that the device has once more, where a copy of it is missing. */
async function mend(
  device: Evaluator,
  board: Board,
  { pk, ps, dk, ds, seed, pop, updateKey }: Identity,
  damaged: number[],
  flashKey: string | undefined,
): Promise<void> {
  const bytes = Buffer.from(seed, "latin1");
  const area = encodeIdentity({ pk, ps, dk, ds, pop, seed: bytes, updateKey: hex(updateKey), flashKey });
  await writeDeviceIdentity(device, board, area, damaged);
}

/**
 * Writes an identity with a new seed and, where wanted, a new proof of possession; both are drawn here, on the host.
 * @param mayBe called with the DK that it shall have, and that it has, before anything is written; throws when this
 * device must not be the one
 * @throws UsageError when the device has another identity and `force` is false
 */
export async function makeDevice(
  device: Evaluator,
  board: Board,
  wanted: Wanted,
  mayBe: (dk: string, present: string | undefined) => void = () => {},
): Promise<Made> {
  const dk = wanted.dk ?? deviceKeyOf(board);
  const { pk, ps, ds, seed, updateKey, flashKey } = wanted;
  const { identity: present, damaged } = await readCopies(device, board, flashKey);
  mayBe(dk, present?.dk);
  if (present?.locked && !wanted.force) {
    throw new UsageError(
      "the device has an identity already, sealed with another flashKey or none: --force replaces it",
    );
  }
  if (present && !wanted.force) {
    if (fits(present, wanted, dk)) {
      if (damaged.length) await mend(device, board, present, damaged, flashKey);
      return { label: labelOf(wanted, dk, present.pop), written: false, mended: damaged.length > 0 };
    }
    throw new UsageError(
      `the device has an identity already (PK ${present.pk}, DK ${present.dk}): --force replaces it`,
    );
  }
  const pop = wanted.pop === true ? newPop() : wanted.pop || "";
  await writeDeviceIdentity(device, board, encodeIdentity({ pk, ps, dk, ds, seed, pop, updateKey, flashKey }), damaged);
  const now = await readDeviceIdentity(device, board, flashKey);
  if (!now || !fits(now, wanted, dk) || now.pop !== pop) {
    throw new FailedError("the identity reads back otherwise than it was written: write it again");
  }
  return { label: labelOf(wanted, dk, pop), written: true, mended: false };
}
