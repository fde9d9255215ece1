/**
 * WifiBindingCrypto: what the device code takes from Espruino's `crypto`, for builds without it (ESP32 on IDF4). The
 * library requires it by itself where `crypto` is missing.
 */

import { aesCbc } from "./aes.js";
import { sha256 } from "./sha256.js";

/** SHA-256 of a byte string: 32 bytes. */
export const SHA256 = sha256;

/** AES-128-CBC without padding; `options` has iv, 16 bytes. Byte strings in and out. */
export const AES = {
  encrypt: (bytes: string, key: string, options: { iv: string }): string => aesCbc(true, bytes, key, options.iv),
  decrypt: (bytes: string, key: string, options: { iv: string }): string => aesCbc(false, bytes, key, options.iv),
};
