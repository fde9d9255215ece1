/** The proof of possession: its key, and what the module that asks apps for it is handed. */

import type { Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { KEY_WRONG_PROOFS } from "../storage/keys.js";
import type { Emitter } from "./emitter.js";
import type { Basis } from "./prepare.js";
import type { Secrets } from "./secrets.js";

/**
 * What the module of the proof is handed: K, milliseconds that never jump, the hashes, the random generator, and the
 * number of wrong proofs in a row, which it may set.
 */
export type Guard = (
  key: () => string,
  now: Hal["now"],
  hmac: Hal["hmac"],
  aes: Hal["aes"],
  random: Random,
  wrong: (value?: number) => number,
) => void;

export interface Possession {
  /** K of an identity that holds a proof, while the device is unbound. */
  key(): string;
  /** @see guard in index.ts */
  guard(guard: Guard): void;
}

/**
 * @param count a value in flash
 * @once
 */
export function createPossession(
  hal: Hal,
  emitter: Emitter,
  basis: Basis,
  secrets: Secrets,
  count: (value?: number, key?: number) => number,
): Possession {
  let guarded = false; // whether the module is there

  function key(): string {
    return hal.sha256(basis.factory().pop);
  }

  hal.after(0, () => {
    if (basis.proof && !guarded) emitter.problem("proof", "the module WifiBindingProof is missing");
  });

  return {
    key: key,
    guard(guard) {
      if (!basis.proof) return;
      guarded = true;
      guard(
        () => secrets.authKey() || key(),
        hal.now,
        hal.hmac,
        hal.aes,
        // A worn flash makes the next boot repeat them.
        (length, input) => (basis.journal.worn ? "" : basis.random(length, input)),
        (value) => count(value, KEY_WRONG_PROOFS),
      );
    },
  };
}
