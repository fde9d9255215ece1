/** The authKey on its way to a device: id 12 of 00B4, in the form that is inferred for it. [I] */
import { createCipheriv, createHash } from "node:crypto";

import type { DeviceRecord } from "./device-record.js";

/** BASE64 of AES-128-CBC under PS of `PK,DK,` and the BASE64 of the key: 48 bytes for the keys of real devices. */
export function sealKey({ product: { pk, ps }, dk }: DeviceRecord, key: Buffer): string {
  const iv = createHash("sha256").update(ps, "latin1").digest().subarray(0, 16);
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(ps, "latin1").subarray(0, 16), iv);
  const plain = `${pk},${dk},${key.toString("base64")}`;
  return Buffer.concat([cipher.update(plain, "latin1"), cipher.final()]).toString("base64");
}
