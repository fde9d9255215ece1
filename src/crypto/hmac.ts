/** HMAC-SHA256 (RFC 2104) over the platform's SHA-256. */

/** SHA-256 of a byte string: 32 bytes. */
export type Sha256 = (bytes: string) => string;

const IPAD = 0x36;
const OPAD = 0x5c;
const BLOCK = 64;

function pad(key: string, value: number): string {
  let out = "";
  for (let i = 0; i < BLOCK; i++) out += String.fromCharCode((i < key.length ? key.charCodeAt(i) : 0) ^ value);
  return out;
}

/** @param key any length; longer than 64 bytes is hashed first, as the RFC says */
export function hmac(sha256: Sha256, key: string, message: string): string {
  if (key.length > BLOCK) key = sha256(key);
  return sha256(pad(key, OPAD) + sha256(pad(key, IPAD) + message));
}

/** Whether two byte strings are equal, in a time that tells only their lengths. */
export function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference == 0;
}
