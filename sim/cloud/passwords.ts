/** Checks the two passwords by which devices prove themselves, with the cloud's codes for what is wrong. */
import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";

import type { Product } from "./products.js";
import {
  BAD_FLAG,
  BAD_SIGNATURE,
  CLIENT_ID_DIFFERS,
  OK,
  UNDECODABLE,
  UNKNOWN_DEVICE,
  WRONG_DS,
  type Refusal,
} from "./refusals.js";

const sha256 = (text: string): Buffer => createHash("sha256").update(text, "latin1").digest();

/** AES-128-CBC with PKCS#7, key = first 16 bytes of the secret. */
export function decrypt(secret: string, iv: Buffer, base64: string): string | undefined {
  try {
    const key = Buffer.from(secret, "latin1").subarray(0, 16);
    const decipher = createDecipheriv("aes-128-cbc", key, iv);
    return Buffer.concat([decipher.update(base64, "base64"), decipher.final()]).toString("latin1");
  } catch {
    return undefined;
  }
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function same(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(x, y);
}

function signed(text: string, signature: string): boolean {
  return same(sha256(text).toString("base64"), signature);
}

/** `0;flag;PK;` BASE64(AES(PS, `DK;rand;BASE64(SHA256(DK;PS;rand))`)) @returns OK or the code for what is wrong */
export function checkAuthentication(password: string, product: Product, dk: string): Refusal | typeof OK {
  const [, flag, pk, body] = password.split(";");
  if (!/^000[01]$/.test(flag ?? "")) return BAD_FLAG;
  if (pk !== product.pk) return CLIENT_ID_DIFFERS;
  const iv = sha256(product.ps).subarray(0, 16);
  const parts = decrypt(product.ps, iv, body ?? "")?.split(";") ?? [];
  if (parts.length !== 3) return UNDECODABLE;
  const [deviceKey, rand, signature] = parts;
  if (deviceKey !== dk) return CLIENT_ID_DIFFERS;
  if (!/^[0-9A-Za-z]{16}$/.test(rand)) return UNDECODABLE;
  return signed(`${dk};${product.ps};${rand}`, signature) ? OK : BAD_SIGNATURE;
}

/** `1;flag;rand;` BASE64(SHA256(`DS;PS;rand`)) @returns OK or the code for what is wrong */
export function checkConnection(password: string, product: Product, ds: string | undefined): Refusal | typeof OK {
  const [, flag, rand, signature] = password.split(";");
  if (!/^000[01]$/.test(flag ?? "")) return BAD_FLAG;
  if (!ds) return UNKNOWN_DEVICE;
  if (!/^[0-9A-Za-z]{16}$/.test(rand ?? "")) return UNDECODABLE;
  return signed(`${ds};${product.ps};${rand}`, signature ?? "") ? OK : WRONG_DS;
}
