/** Signatures of updates: SLH-DSA-SHA2-128s (FIPS 205), the pure variant, with a context. */
import { slh_dsa_sha2_128s as scheme } from "@noble/post-quantum/slh-dsa.js";

import { decodeUpdate, encodeManifest, UpdateError, type Update } from "./file.js";

const CONTEXT = { context: new TextEncoder().encode("wifi-binding update") };
/** Bytes of a public key, which a secret key ends with. */
export const PUBLIC_KEY = 32;
/** Bytes of a secret key. */
export const SECRET_KEY = 64;

/** A new secret key. */
export const newSecretKey = (): Buffer => Buffer.from(scheme.keygen().secretKey);

export const publicKeyOf = (secretKey: Buffer): Buffer => secretKey.subarray(SECRET_KEY - PUBLIC_KEY);

/** The update file of an application; takes seconds. @throws UpdateError */
export function signUpdate(secretKey: Buffer, pk: string, version: string, image: Uint8Array): Buffer {
  const manifest = encodeManifest(pk, version, image);
  return Buffer.concat([manifest, scheme.sign(manifest, secretKey, CONTEXT), image]);
}

/** Takes an update file apart, of which every byte is as the owner of the key has signed it. @throws UpdateError */
export function verifyUpdate(publicKey: Buffer, bytes: Buffer): Update {
  const update = decodeUpdate(bytes);
  const good = scheme.verify(update.signature, update.manifest, publicKey, CONTEXT);
  if (!good) throw new UpdateError("signature", "it is not signed with the secret key of this public key");
  return update;
}
