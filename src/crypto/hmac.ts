/** HMAC-SHA256 (RFC 2104) over the platform's SHA-256. */

import type { Platform } from "../platform.js";

/** SHA-256 of a byte string: 32 bytes. */
export type Sha256 = Platform["sha256"];
export type Hasher = Pick<Platform, "sha256" | "xor">;

const IPAD = 0x36363636;
const OPAD = 0x5c5c5c5c;
const BLOCK = 64;
const ZEROS = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/** @param key any length; longer than 64 bytes is hashed first, as the RFC says */
export function hmac(hasher: Hasher, key: string, message: string): string {
  if (key.length > BLOCK) key = hasher.sha256(key);
  while (key.length < BLOCK) key += ZEROS;
  key = key.substr(0, BLOCK);
  return hasher.sha256(hasher.xor(key, OPAD) + hasher.sha256(hasher.xor(key, IPAD) + message));
}

/** Whether two byte strings are equal, in a time that tells only their lengths. */
export function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference == 0;
}
