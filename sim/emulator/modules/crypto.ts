/** Espruino's `crypto`: hashes, PBKDF2, and AES without padding. Results are ArrayBuffers. */

import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from "node:crypto";

import type { Realm } from "../realm/realm.js";

interface AesOptions {
  iv?: unknown;
  mode?: string;
}

const BLOCK = 16;

/** An initialisation vector: what is missing of it is 0, what is too much is not read. */
function vectorOf(realm: Realm, given: unknown): Uint8Array {
  const vector = new Uint8Array(BLOCK);
  if (given) vector.set(realm.lowBytes(given).slice(0, BLOCK));
  return vector;
}

export function cryptoModule(realm: Realm, print: (line: string) => void): Record<string, unknown> {
  const buffer = (bytes: Uint8Array): ArrayBufferLike => realm.bytes(bytes).buffer;
  const hash = (name: string) => (data: unknown) =>
    data === undefined ? undefined : buffer(createHash(name).update(realm.pointedAt(data)).digest());

  const aes =
    (encrypt: boolean) =>
    (message: unknown, key: unknown, options: AesOptions = {}) => {
      const mode = options.mode ?? "CBC";
      if (mode !== "CBC" && mode !== "ECB") {
        if (!/^(CFB|CTR|OFB|CCM)$/.test(mode)) throw realm.error(`Unknown Crypto mode "${mode}"`);
        // Espruino ignores the iv of CTR, decrypts CFB wrong and fails on OFB.
        throw realm.error(`emulator: AES mode ${mode} does not work in Espruino, use CBC`, "InternalError");
      }
      if (message === undefined || key === undefined) return undefined;
      const input = realm.pointedAt(message);
      const bytes = realm.pointedAt(key);
      if (![16, 24, 32].includes(bytes.length)) return void print("ERROR: Unknown error: -0x20");
      if (input.length % BLOCK) return void print("ERROR: Invalid input length");
      const iv = mode === "CBC" ? vectorOf(realm, options.iv) : null;
      const make = encrypt ? createCipheriv : createDecipheriv;
      const cipher = make(`aes-${bytes.length * 8}-${mode.toLowerCase()}`, bytes, iv).setAutoPadding(false);
      return buffer(Buffer.concat([cipher.update(input), cipher.final()]));
    };

  const module = realm.make({
    SHA1: hash("sha1"),
    SHA224: hash("sha224"),
    SHA256: hash("sha256"),
    SHA384: hash("sha384"),
    SHA512: hash("sha512"),
    PBKDF2(password: unknown, salt: unknown, options: { keySize?: number; iterations?: number; hasher?: string }) {
      const { keySize = 4, iterations = 1, hasher = "SHA1" } = options ?? {};
      return buffer(
        pbkdf2Sync(realm.pointedAt(password), realm.pointedAt(salt), iterations, keySize * 4, hasher.toLowerCase()),
      );
    },
  });
  module.AES = realm.make({ encrypt: aes(true), decrypt: aes(false) });
  return module;
}
