/** The update file: manifest, signature and image, as docs/update-format.md describes it. */
import { createHash } from "node:crypto";

import { isKey } from "../../src/codec/identity.js";
import { UsageError } from "../errors.js";
import { isVersion } from "./version.js";

const MAGIC = "WBU1";
/** Bytes of the image that one SHA-256 covers. */
const PIECE = 2048;
const HASH = 32;
/** Bytes before the ProductKey: magic, two lengths, the length of the ProductKey. */
const HEAD = 11;
const LONGEST_TEXT = 32;
const LARGEST_IMAGE = 131_072;

/** Bytes of a signature. */
export const SIGNATURE = 7856;

/** Bytes of the largest update file. */
export const LARGEST_UPDATE = HEAD + 1 + 2 * LONGEST_TEXT + (HASH * LARGEST_IMAGE) / PIECE + SIGNATURE + LARGEST_IMAGE;

export interface Update {
  pk: string;
  version: string;
  /** What is signed. */
  manifest: Buffer;
  signature: Buffer;
  /** The application. */
  image: Buffer;
}

/** What is wrong with an update file, by a name that other programs can read. */
export class UpdateError extends UsageError {
  constructor(
    readonly code: "format" | "truncated" | "longer" | "damaged" | "product" | "version" | "size" | "signature",
    message: string,
  ) {
    super(message);
  }
}

function hashes(image: Uint8Array): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < image.length; at += PIECE) {
    pieces.push(
      createHash("sha256")
        .update(image.subarray(at, at + PIECE))
        .digest(),
    );
  }
  return Buffer.concat(pieces);
}

/** A text behind a byte with its length. */
const sized = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text, "latin1")]);

function checkTexts(pk: string, version: string): void {
  if (!isKey(pk, 1, LONGEST_TEXT)) throw new UpdateError("product", "its ProductKey is not 1-32 letters and digits");
  if (!isVersion(version)) {
    throw new UpdateError("version", "a version is one to four numbers of one to six digits, as 1.2.0");
  }
}

function checkSize(size: number): void {
  if (size >= 1 && size <= LARGEST_IMAGE) return;
  throw new UpdateError("size", `an application has 1 to ${LARGEST_IMAGE} bytes, this one ${size}`);
}

/** The manifest of an image. @throws UpdateError */
export function encodeManifest(pk: string, version: string, image: Uint8Array): Buffer {
  checkTexts(pk, version);
  checkSize(image.length);
  const texts = Buffer.concat([sized(pk), sized(version)]);
  const pieces = hashes(image);
  const head = Buffer.alloc(HEAD - 1);
  head.write(MAGIC, "latin1");
  head.writeUInt16BE(head.length + texts.length + pieces.length, 4);
  head.writeUInt32BE(image.length, 6);
  return Buffer.concat([head, texts, pieces]);
}

/** Reads bytes one after the other. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  take(count: number): Buffer {
    const part = this.bytes.subarray(this.at, this.at + count);
    if (part.length < count) throw new UpdateError("truncated", `it ends after ${this.bytes.length} bytes`);
    this.at += count;
    return part;
  }

  text(): string {
    return this.take(this.take(1)[0]).toString("latin1");
  }

  get position(): number {
    return this.at;
  }
}

/**
 * Takes an update file apart; its signature is not verified.
 * @throws UpdateError
 */
export function decodeUpdate(bytes: Buffer): Update {
  const reader = new Reader(bytes);
  if (reader.take(4).toString("latin1") !== MAGIC) throw new UpdateError("format", `it does not begin with ${MAGIC}`);
  const length = reader.take(2).readUInt16BE();
  const size = reader.take(4).readUInt32BE();
  const [pk, version] = [reader.text(), reader.text()];
  checkTexts(pk, version);
  checkSize(size);
  const pieces = reader.take(HASH * Math.ceil(size / PIECE));
  if (length !== reader.position) throw new UpdateError("format", "the length of its manifest is wrong");
  const signature = reader.take(SIGNATURE);
  const image = reader.take(size);
  if (bytes.length > reader.position) {
    throw new UpdateError("longer", `${bytes.length - reader.position} bytes follow the application`);
  }
  const found = hashes(image);
  if (!found.equals(pieces)) throw new UpdateError("damaged", `piece ${differs(found, pieces)} of it is damaged`);
  return { pk, version, manifest: bytes.subarray(0, length), signature, image };
}

/** Which hash is the first that differs. */
function differs(found: Buffer, expected: Buffer): number {
  let at = 0;
  while (found.subarray(at, at + HASH).equals(expected.subarray(at, at + HASH))) at += HASH;
  return at / HASH;
}
