/** The signed part of an update file, as docs/update-format.md has it. */

import { at16 } from "../codec/bytes.js";

/** Bytes of an SLH-DSA-SHA2-128s signature. */
export const SIGNATURE_SIZE = 7856;
/** Bytes that are hashed, and written, at a time. */
export const PIECE = 2048;
export const HASH = 32;
const MAGIC = "WBU1";
/** Bytes before the ProductKey's length. */
const FIXED = 10;
const MAX_TEXT = 32;
const MAX_IMAGE = 131072;
/** The longest manifest. */
export const MAX_MANIFEST = FIXED + 2 + 2 * MAX_TEXT + (HASH * MAX_IMAGE) / PIECE;

export interface Manifest {
  pk: string;
  target: string;
  /** Bytes of the manifest, of it with the signature, and of the whole file. */
  signed: number;
  head: number;
  whole: number;
  /** How many pieces the image has. */
  pieces: number;
}

/** Reads a manifest from the start of a file. @returns undefined for what is none */
export function readManifest(bytes: string): Manifest | undefined {
  const pk = bytes.substr(FIXED + 1, bytes.charCodeAt(FIXED));
  const at = FIXED + 1 + pk.length;
  const target = bytes.substr(at + 1, bytes.charCodeAt(at));
  const signed = at16(bytes, 4);
  const size = (at16(bytes, 6) << 16) | at16(bytes, 8);
  const pieces = Math.ceil(size / PIECE);
  const head = signed + SIGNATURE_SIZE;
  return bytes.substr(0, 4) == MAGIC &&
    size &&
    signed == at + 1 + target.length + HASH * pieces &&
    signed <= Math.min(bytes.length, MAX_MANIFEST)
    ? { pk: pk, target: target, signed: signed, head: head, whole: head + size, pieces: pieces }
    : undefined;
}
