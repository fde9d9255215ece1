/** AES-128-CBC with PKCS#7 padding over the cloud's bare AES, and the cloud's rule for keys made of secrets. */

import { chars, first16, repeat } from "../codec/bytes.js";
import type { Hal } from "../hal/hal.js";

/** AES-128-CBC without padding, as the cloud gives it. */
export type Aes = (encrypt: boolean, bytes: string, key: string, iv: string) => string;

/** Encrypts with a 16-byte key and iv. The padding is 1 to 16 bytes, each of which is their number. */
export function encryptCbc(aes: Aes, key: string, iv: string, plain: string): string {
  const fill = 16 - (plain.length & 15);
  return aes(true, plain + repeat(chars(fill), fill), key, iv);
}

/** @returns undefined for what is no multiple of 16 bytes, or has another padding than PKCS#7 */
export function decryptCbc(aes: Aes, key: string, iv: string, cipher: string): string | undefined {
  if (!cipher || cipher.length & 15) return undefined;
  const padded = aes(false, cipher, key, iv);
  const fill = padded.charCodeAt(padded.length - 1);
  const at = padded.length - fill;
  return fill && fill <= 16 && padded.substr(at) == repeat(chars(fill), fill) ? padded.substr(0, at) : undefined;
}

/** The key that a secret gives: its own first 16 characters. Secrets are at least 16 long. [S+] */
export const keyOf = first16;

/** The iv that a secret gives: the first 16 bytes of its hash. [S+] */
export function ivOf(sha256: Hal["sha256"], secret: string): string {
  return first16(sha256(secret));
}
