/**
 * HMAC-DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2). Espruino's own generators repeat at every boot, so
 * everything secret comes from this one, which starts from a state that no other boot and no other device has.
 */

import { repeat } from "../codec/bytes.js";
import type { Hal } from "../hal/hal.js";

/**
 * Gives the next `count` random bytes, 0 to 1,024. Whatever is handed in is stirred into what follows (the standard's
 * additional input): it can only add to the uncertainty, no matter who chose it.
 */
export type Random = (count: number, input?: string) => string;

/** Bytes of a hash. */
const LENGTH = 32;

/**
 * @param seed entropy input, nonce and personalisation string, one after the other; at least 32 bytes of entropy
 * @once
 */
export function createRandom(hal: Pick<Hal, "sha256" | "hmac" | "noise">, seed: string): Random {
  let key = repeat("\0", LENGTH);
  let value = repeat("\x01", LENGTH);
  let pool = "";

  for (const step of ["\0" + seed, "\x01" + seed]) {
    key = hal.hmac(key, value + step);
    value = hal.hmac(key, value);
  }
  // The build makes globals of all this.
  seed = "";
  return (count, input) => {
    // Inputs are gathered by a hash, which is cheap, until something random is wanted.
    if (input !== undefined) {
      const noise = hal.noise();
      pool = hal.sha256(pool + input + noise);
    }
    if (!count) return "";
    // HMAC_DRBG_Update with what was stirred in, if anything; the bytes; the Update behind them. All in this function: it
    // is called where most of the stack is used.
    let out = "";
    const steps = pool ? ["\0" + pool, "\x01" + pool, "", "\0" + pool, "\x01" + pool] : ["", "\0"];
    for (const step of steps) {
      if (step) key = hal.hmac(key, value + step);
      do {
        value = hal.hmac(key, value);
        if (!step) out += value;
      } while (!step && out.length < count);
    }
    pool = "";
    return out.substr(0, count);
  };
}
