/**
 * Secrets at rest, for who gives a key that is not in this flash: records are encrypted and authenticated. The tag is
 * made of the plain text and is the iv at the same time, so that no nonce can ever repeat. [C]
 */

import { LABEL_ENCRYPT, LABEL_MAC } from "../codec/commands.js";
import { decryptCbc, encryptCbc } from "../crypto/cbc.js";
import { equal } from "../crypto/equal.js";
import type { Hal } from "../hal/hal.js";

const TAG = 16;

export interface Seal {
  /** The tag, 16 bytes, and the ciphertext. */
  close(plain: string): string;
  /** @returns undefined for what this key has not sealed */
  open(sealed: string): string | undefined;
}

/**
 * @param key 16 characters or more, of any kind
 * @once
 */
export function createSeal(hal: Pick<Hal, "hmac" | "aes">, key: string): Seal {
  const encrypt = hal.hmac(key, LABEL_ENCRYPT).substr(0, 16);
  const mac = hal.hmac(key, LABEL_MAC);

  return {
    close(plain) {
      const tag = hal.hmac(mac, plain).substr(0, TAG);
      return tag + encryptCbc(hal.aes, encrypt, tag, plain);
    },
    open(sealed) {
      const tag = sealed.substr(0, TAG);
      const plain = decryptCbc(hal.aes, encrypt, tag, sealed.substr(TAG));
      return plain !== undefined && equal(hal.hmac(mac, plain).substr(0, TAG), tag) ? plain : undefined;
    },
  };
}
