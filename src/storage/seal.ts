/**
 * Secrets at rest, for who gives a key that is not in this flash: records are encrypted and authenticated. The tag is
 * made of the plain text and is the iv at the same time, so that no nonce can ever repeat. [C]
 */

import { LABEL_ENCRYPT, LABEL_MAC } from "../codec/commands.js";
import { decryptCbc, encryptCbc, type Aes } from "../crypto/cbc.js";
import { equal, hmac, type Sha256 } from "../crypto/hmac.js";

const TAG = 16;

export interface Seal {
  /** The tag, 16 bytes, and the ciphertext. */
  close(plain: string): string;
  /** @returns undefined for what this key has not sealed */
  open(sealed: string): string | undefined;
}

/** @param key 16 characters or more, of any kind */
export function createSeal(sha256: Sha256, aes: Aes, key: string): Seal {
  const encrypt = hmac(sha256, key, LABEL_ENCRYPT).substr(0, 16);
  const mac = hmac(sha256, key, LABEL_MAC);

  function tagOf(plain: string): string {
    return hmac(sha256, mac, plain).substr(0, TAG);
  }

  return {
    close(plain) {
      const tag = tagOf(plain);
      return tag + encryptCbc(aes, encrypt, tag, plain);
    },
    open(sealed) {
      const tag = sealed.substr(0, TAG);
      const plain = decryptCbc(aes, encrypt, tag, sealed.substr(TAG));
      return plain !== undefined && equal(tagOf(plain), tag) ? plain : undefined;
    },
  };
}
