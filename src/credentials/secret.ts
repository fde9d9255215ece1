/** The bindingSecret on its way to the platform. */

import { encryptCbc, keyOf } from "../crypto/cbc.js";
import type { Identity } from "../codec/identity.js";
import type { Platform } from "../platform.js";

/**
 * BASE64(AES-128-CBC(`PK,DK,bindingSecret`)), key = first 16 bytes of PS, iv = the 16 bytes of `random`. [P]
 * @param random 16 characters 0-9A-Za-z that travel beside it
 */
export function encryptSecret(platform: Platform, identity: Identity, secret: string, random: string): string {
  const plain = identity.pk + "," + identity.dk + "," + secret;
  return platform.base64(encryptCbc(platform.aes, keyOf(identity.ps), random, plain));
}
