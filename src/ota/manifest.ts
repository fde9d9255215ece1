/** The signed part of an update file, as docs/update-format.md has it. */

import { at16 } from "../codec/bytes.js";
import { SIGNATURE_SIZE } from "./slh-dsa.js";

/** Bytes that are hashed, and written, at a time. */
export const PIECE = 2048;
const HASH = 32;
const MAGIC = "WBU1";
/** Bytes before the ProductKey's length. */
const FIXED = 10;
const MAX_TEXT = 32;
const MAX_IMAGE = 131072;
/** The longest manifest. */
export const MAX_MANIFEST = FIXED + 2 + 2 * MAX_TEXT + (HASH * MAX_IMAGE) / PIECE;

export interface Manifest {
  /** Its bytes. */
  length: number;
  /** Bytes of the image, and of the whole file. */
  size: number;
  total: number;
  product: string;
  version: string;
}

/** A text with its length before it; as long as a text may be, or "". */
function textAt(bytes: string, at: number): string {
  const length = bytes.charCodeAt(at);
  return length > MAX_TEXT ? "" : bytes.substr(at + 1, length);
}

/** How many pieces an image has. */
export function piecesOf(manifest: Manifest): number {
  return Math.ceil(manifest.size / PIECE);
}

/** Reads a manifest from the start of a file. @returns undefined for what is none */
export function readManifest(bytes: string): Manifest | undefined {
  const product = textAt(bytes, FIXED);
  const version = textAt(bytes, FIXED + 1 + product.length);
  const length = at16(bytes, 4);
  const size = at16(bytes, 6) * 65536 + at16(bytes, 8);
  const manifest = {
    length: length,
    size: size,
    total: length + SIGNATURE_SIZE + size,
    product: product,
    version: version,
  };
  const hashes = FIXED + 2 + product.length + version.length;
  return bytes.substr(0, 4) == MAGIC &&
    product &&
    version &&
    size > 0 &&
    size <= MAX_IMAGE &&
    length == hashes + HASH * piecesOf(manifest) &&
    length <= bytes.length
    ? manifest
    : undefined;
}

/** Offset of a piece's hash in the manifest. */
export function hashAt(manifest: Manifest, piece: number): number {
  return manifest.length - HASH * (piecesOf(manifest) - piece);
}
