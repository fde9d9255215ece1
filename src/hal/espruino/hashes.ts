/** Espruino's hashes and cipher, as device code uses them. */

import { ZEROS } from "../../codec/bytes.js";
import { hasModule } from "./modules.js";

// Builds without `crypto` have a module of this project in its place.
export const CRYPTO: EspruinoCrypto | undefined = hasModule("crypto")
  ? require("crypto")
  : require("Storage").read("WifiBindingCrypto") !== undefined
    ? require("WifiBindingCrypto")
    : undefined;

/** The bytes of a buffer as a string: Espruino's own function, by a short name. */
export const stringOf = E.toString;

const BLOCK = 64;
/** 64 bytes as words. */
const WORDS = 16;
const IPAD = 0x36363636;
const IPAD_TO_OPAD = 0x6a6a6a6a;

export function sha256(bytes: string): string {
  return stringOf(CRYPTO!.SHA256(bytes));
}

/** Calls no other function of ours: it is called where most of the stack is used. A word is padded as fast as a byte. */
export function hmac(key: string, message: string): string {
  if (key.length > BLOCK) key = stringOf(CRYPTO!.SHA256(key));
  while (key.length < BLOCK) key += ZEROS;
  const words = new Uint32Array(E.toUint8Array(key.substr(0, BLOCK)).buffer);
  for (const pad of [IPAD, IPAD_TO_OPAD]) {
    for (let i = WORDS; i--;) words[i] ^= pad;
    message = stringOf(CRYPTO!.SHA256(stringOf(words.buffer) + message));
  }
  return message;
}

export function aes(encrypt: boolean, bytes: string, key: string, iv: string): string {
  const AES = CRYPTO!.AES;
  const options: { iv: string; mode: "CBC" } = { iv: iv, mode: "CBC" };
  return stringOf(AES[encrypt ? "encrypt" : "decrypt"](bytes, key, options)!);
}
