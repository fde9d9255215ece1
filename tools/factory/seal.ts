/** The device's hashes and cipher on the host, and by them the option flashKey: seals and opens flash. */

import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";

import { createSeal, SEAL_IDENTITY, type Seal } from "../../src/storage/seal.js";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

export function sha256(bytes: string): string {
  return createHash("sha256").update(latin1(bytes)).digest("binary");
}

export function hmac(key: string, message: string): string {
  return createHmac("sha256", latin1(key)).update(latin1(message)).digest("binary");
}

export function aes(encrypt: boolean, bytes: string, key: string, iv: string): string {
  const cipher = (encrypt ? createCipheriv : createDecipheriv)("aes-128-cbc", latin1(key), latin1(iv));
  cipher.setAutoPadding(false);
  return cipher.update(bytes, "latin1", "latin1") + cipher.final("latin1");
}

/**
 * @param flashKey 16 characters or more; without one there is no seal
 * @param area what it seals
 */
export function sealOf(flashKey: string | undefined, area = SEAL_IDENTITY): Seal | undefined {
  return flashKey === undefined ? undefined : createSeal({ hmac, aes }, flashKey, area);
}
