/** Updates for tests. */
import { readFileSync } from "node:fs";

import { encodeManifest, SIGNATURE } from "../../sim/update/file.js";

/** An application of several pieces. */
export const IMAGE = Buffer.from(Array.from({ length: 5000 }, (_, at) => 32 + (at % 90)));

/** The update file of IMAGE for a product, with a signature of zeros: signing takes seconds. */
export function unsigned(pk: string, version = "1.1.0", image = IMAGE): Buffer {
  return Buffer.concat([encodeManifest(pk, version, image), Buffer.alloc(SIGNATURE), image]);
}

/** Of an update of the product `multi` to 1.1.0, signed once: a key that protects nothing. */
interface Vector {
  secretKey: string;
  publicKey: string;
  file: string;
}

const vector = JSON.parse(readFileSync("test/vectors/update.json", "utf8")) as Vector;

export const SIGNED = {
  secretKey: vector.secretKey,
  publicKey: vector.publicKey,
  file: Buffer.from(vector.file, "base64"),
};
