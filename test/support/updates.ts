/** Updates for tests. */
import { encodeManifest, SIGNATURE } from "../../sim/update/file.js";
import { newSecretKey, publicKeyOf, signUpdate } from "../../sim/update/signature.js";

/** An application of several pieces. */
export const IMAGE = Buffer.from(Array.from({ length: 5000 }, (_, at) => 32 + (at % 90)));

/** The update file of IMAGE for a product, with a signature of zeros: signing takes seconds. */
export function unsigned(pk: string, version = "1.1.0", image = IMAGE): Buffer {
  return Buffer.concat([encodeManifest(pk, version, image), Buffer.alloc(SIGNATURE), image]);
}

let made: { key: string; file: Buffer } | undefined;

/** A public key in hexadecimal, and an update of the product `multi` to 1.1.0 that is signed for it. */
export function signed(): { key: string; file: Buffer } {
  if (made) return made;
  const secretKey = newSecretKey();
  const key = publicKeyOf(secretKey).toString("hex");
  return (made = { key, file: signUpdate(secretKey, "multi", "1.1.0", IMAGE) });
}
