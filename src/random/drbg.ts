/**
 * HMAC-DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2). Espruino's own generators repeat at every boot, so
 * everything secret comes from this one, which starts from a state that no other boot and no other device has.
 */

import { hmac, type Hasher } from "../crypto/hmac.js";
import type { Platform } from "../platform.js";

/**
 * Gives the next `count` random bytes, 0 to 1,024. Whatever is handed in is stirred into what follows (the standard's
 * additional input): it can only add to the uncertainty, whoever chose it.
 */
export type Random = (count: number, input?: string) => string;

function repeat(character: string): string {
  let out = character;
  while (out.length < 32) out += out;
  return out;
}

/**
 * @param seed entropy input, nonce and personalisation string, one after the other; at least 32 bytes of entropy
 * @once
 */
export function createRandom(platform: Hasher & Pick<Platform, "noise">, seed: string): Random {
  let key = repeat("\x00");
  let value = repeat("\x01");
  let pool = "";

  /** The standard's HMAC_DRBG_Update. */
  function update(input: string): void {
    for (let round = 0; round < (input ? 2 : 1); round++) {
      key = hmac(platform, key, value + String.fromCharCode(round) + input);
      value = hmac(platform, key, value);
    }
  }

  update(seed);
  return (count, input) => {
    // Inputs are gathered by a hash, which is cheap, until something random is wanted.
    if (input !== undefined) pool = platform.sha256(pool + input + platform.noise());
    if (!count) return "";
    if (pool) update(pool);
    let out = "";
    while (out.length < count) {
      value = hmac(platform, key, value);
      out += value;
    }
    update(pool);
    pool = "";
    return out.substr(0, count);
  };
}
