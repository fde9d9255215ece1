/** Updates for tests. */
import { readFileSync } from "node:fs";

import { encodeManifest, SIGNATURE } from "../../sim/update/file.js";

/** An application of several pieces. */
export const IMAGE = Buffer.from(Array.from({ length: 5000 }, (_, at) => 32 + (at % 90)));

/** The update file of IMAGE for a product, with a signature of zeros: signing takes seconds. */
export function unsigned(pk: string, version = "1.1.0", image = IMAGE): Buffer {
  return Buffer.concat([encodeManifest(pk, version, image), Buffer.alloc(SIGNATURE), image]);
}

/** What was signed once, with a key that protects nothing; `npx tsx test/device/ota/files.ts` makes it anew. */
export interface Vectors {
  /** 64 hexadecimal digits. */
  publicKey: string;
  /** In BASE64, by the name of what they are of; `multi` is that of IMAGE for the product `multi`. */
  signatures: Record<string, string>;
}

export const VECTORS = "test/vectors/updates.json";
export const vectors = (): Vectors => JSON.parse(readFileSync(VECTORS, "utf8")) as Vectors;

/** The signed update of IMAGE for the product `multi` to 1.1.0, and its keys. */
export const SIGNED = {
  ...vectors(),
  get file(): Buffer {
    const signature = Buffer.from(vectors().signatures.multi, "base64");
    return Buffer.concat([encodeManifest("multi", "1.1.0", IMAGE), signature, IMAGE]);
  },
};
