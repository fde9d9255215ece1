/** Checks the two passwords by which devices prove themselves, with the platform's codes for what is wrong. */
import { createCipheriv, createDecipheriv, createHash, timingSafeEqual } from "node:crypto";

import type { Product } from "./products.js";

// Codes of 00A3 [P]
export const OK = 0;
export const UNKNOWN_PK = 10423;
export const UNDECODABLE = 10424;
export const BAD_SIGNATURE = 10425;
export const BAD_DEVICE_KEY = 10431;
export const BAD_FLAG = 10433;
export const CLIENT_ID_DIFFERS = 10434;
export const WRONG_DS = 10437;
export const UNKNOWN_DEVICE = 10438;

const sha256 = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest();

const keyOf = (secret: string): Buffer => Buffer.from(secret, "latin1").subarray(0, 16);

/** AES-128-CBC with PKCS#7, key = first 16 bytes of the secret. */
export function decrypt(secret: string, iv: Buffer, base64: string): string | undefined {
  try {
    const decipher = createDecipheriv("aes-128-cbc", keyOf(secret), iv);
    return Buffer.concat([decipher.update(base64, "base64"), decipher.final()]).toString("latin1");
  } catch {
    return undefined;
  }
}

/** The inverse of `decrypt`, for tests and tools. */
export function encrypt(secret: string, iv: Buffer, plain: string): string {
  const cipher = createCipheriv("aes-128-cbc", keyOf(secret), iv);
  return Buffer.concat([cipher.update(plain, "latin1"), cipher.final()]).toString("base64");
}

/** The iv that a secret gives in passwords. */
export const ivOf = (secret: string): Buffer => sha256(Buffer.from(secret, "latin1")).subarray(0, 16);

function signed(text: string, signature: string): boolean {
  const expected = sha256(text);
  const given = Buffer.from(signature, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** `0;flag;PK;` BASE64(AES(PS, `DK;rand;BASE64(SHA256(DK;PS;rand))`)) @returns OK or the code for what is wrong */
export function checkAuthentication(password: string, product: Product, dk: string): number {
  const [, flag, pk, body] = password.split(";");
  if (!/^000[01]$/.test(flag ?? "")) return BAD_FLAG;
  if (pk !== product.pk) return CLIENT_ID_DIFFERS;
  const plain = decrypt(product.ps, ivOf(product.ps), body ?? "");
  const parts = plain?.split(";") ?? [];
  if (parts.length !== 3) return UNDECODABLE;
  const [deviceKey, rand, signature] = parts;
  if (deviceKey !== dk) return CLIENT_ID_DIFFERS;
  if (!/^[0-9A-Za-z]{16}$/.test(rand)) return UNDECODABLE;
  return signed(`${dk};${product.ps};${rand}`, signature) ? OK : BAD_SIGNATURE;
}

/** `1;flag;rand;` BASE64(SHA256(`DS;PS;rand`)) @returns OK or the code for what is wrong */
export function checkConnection(password: string, product: Product, ds: string | undefined): number {
  const [, flag, rand, signature] = password.split(";");
  if (!/^000[01]$/.test(flag ?? "")) return BAD_FLAG;
  if (!ds) return UNKNOWN_DEVICE;
  if (!/^[0-9A-Za-z]{16}$/.test(rand ?? "")) return UNDECODABLE;
  return signed(`${ds};${product.ps};${rand}`, signature ?? "") ? OK : WRONG_DS;
}
