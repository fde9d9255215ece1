/**
 * Secrets at rest, for devices whose application has a key that is not in this flash: records are encrypted and
 * authenticated. The tag is made of the record's place and its plain text, and is the iv at the same time, so that no
 * nonce can ever repeat. Identity and journal have keys of their own. [C]
 */

import { first16 } from "../codec/bytes.js";
import { LABEL_ENCRYPT, LABEL_MAC } from "../codec/commands.js";
import { decryptCbc, encryptCbc } from "../crypto/cbc.js";
import { equal } from "../crypto/equal.js";
import type { Hal } from "../hal/hal.js";

/** Bytes of a tag, as `first16` takes them. */
const TAG = 16;

export interface Seal {
  /** The tag, 16 bytes, and the ciphertext. @param place 8 bytes, never twice the same with another text */
  close(plain: string, place: string): string;
  /** @returns undefined for what this key has not sealed for this place */
  open(sealed: string, place: string): string | undefined;
}

/** What a seal is for. */
export const SEAL_IDENTITY = "i";
export const SEAL_JOURNAL = "j";

/**
 * @param key 16 characters or more, of any kind
 * @param area SEAL_IDENTITY or SEAL_JOURNAL: what is sealed for one cannot be opened as the other
 */
export function createSeal(hal: Pick<Hal, "hmac" | "aes">, key: string, area: string): Seal {
  const encrypt = first16(hal.hmac(key, LABEL_ENCRYPT + area));
  const mac = hal.hmac(key, LABEL_MAC + area);
  // A scope can be looked into at a console.
  key = "";

  return {
    close(plain, place) {
      const tag = first16(hal.hmac(mac, place + plain));
      return tag + encryptCbc(hal.aes, encrypt, tag, plain);
    },
    open(sealed, place) {
      const tag = first16(sealed);
      const plain = decryptCbc(hal.aes, encrypt, tag, sealed.substr(TAG));
      return plain !== undefined && equal(first16(hal.hmac(mac, place + plain)), tag) ? plain : undefined;
    },
  };
}
