/**
 * HMAC-DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2). Espruino's own generators repeat at every boot, so
 * everything secret comes from this one, which starts from a state that no other boot and no other device has.
 */

import { hmac, type Sha256 } from "../crypto/hmac.js";

/** Gives the next 1 to 1,024 random bytes. */
export type Random = (count: number) => string;

function repeat(character: string): string {
  let out = character;
  while (out.length < 32) out += out;
  return out;
}

/** @param seed entropy input, nonce and personalisation string, one after the other; at least 32 bytes of entropy */
export function createRandom(sha256: Sha256, seed: string): Random {
  let key = repeat("\x00");
  let value = repeat("\x01");

  function rekey(input: string): void {
    key = hmac(sha256, key, value + input);
    value = hmac(sha256, key, value);
  }

  rekey("\x00" + seed);
  rekey("\x01" + seed);
  return (count) => {
    let out = "";
    while (out.length < count) {
      value = hmac(sha256, key, value);
      out += value;
    }
    rekey("\x00");
    return out.substr(0, count);
  };
}
