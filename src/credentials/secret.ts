/** The bindingSecret on its way to the cloud. */

import { encryptCbc, keyOf } from "../crypto/cbc.js";
import type { Identity } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";

/**
 * BASE64(AES-128-CBC(`PK,DK,bindingSecret`)), key = first 16 bytes of PS, iv = the 16 bytes of `random`. [P]
 * @param random 16 characters 0-9A-Za-z that travel beside it
 */
export function encryptSecret(hal: Hal, identity: Identity, secret: string, random: string): string {
  const plain = identity.pk + "," + identity.dk + "," + secret;
  return hal.base64(encryptCbc(hal.aes, keyOf(identity.ps), random, plain));
}
