/** One update that an operator has uploaded: its file, and which devices get it. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { decodeUpdate } from "../../update/file.js";

/** Which devices get an update. */
export interface Staging {
  /** Of all devices, chosen by their DeviceKeys; a higher percentage only adds devices. */
  percent: number;
  /** Only these DeviceKeys; absent: all. */
  dks?: string[];
}

/** What a device downloads. */
export interface Download {
  bytes: Buffer;
  /** In lower case, as the vendor's SDK compares it. */
  md5: string;
  crc: string;
  sha256: string;
}

export interface Release extends Staging {
  /** The beginning of the file's SHA-256. */
  id: string;
  pk: string;
  version: string;
  /** For devices of this project: manifest, signature and image. */
  signed: Download;
  /** For devices of the vendor's SDK, which know of no manifest: the image alone. */
  image: Download;
}

const hash = (name: string, bytes: Buffer): string => createHash(name).update(bytes).digest("hex");

function downloadOf(bytes: Buffer): Download {
  const crc = crc32(bytes).toString(16).padStart(8, "0");
  return { bytes, md5: hash("md5", bytes), crc, sha256: hash("sha256", bytes) };
}

/** @throws UpdateError for bytes that are no update file */
export function releaseOf(bytes: Buffer, staging: Staging): Release {
  const { pk, version, image } = decodeUpdate(bytes);
  const signed = downloadOf(bytes);
  return { ...staging, id: signed.sha256.slice(0, 16), pk, version, signed, image: downloadOf(image) };
}

/** Whether a device gets the update. */
export function includes({ percent, dks }: Staging, dk: string): boolean {
  if (dks && !dks.includes(dk)) return false;
  return createHash("sha256").update(dk).digest().readUInt32BE() % 100 < percent;
}
