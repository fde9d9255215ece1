/**
 * Update files for the tests. A signature takes seconds to make, so those of two images are kept in test/vectors: `npx tsx
 * test/device/ota/files.ts` makes them anew.
 */

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { slh_dsa_sha2_128s } from "@noble/post-quantum/slh-dsa.js";

import { IMAGE, vectors, VECTORS } from "../../support/updates.js";

const CONTEXT = "wifi-binding update";
const PIECE = 2048;
export const PK = "p1demo";

/**
 * An application that says its name, and hands what the module sends and tells to whoever evaluates `C`: the cloud is the
 * test.
 */
export function application(
  name: string,
  end = "setTimeout(function(){global.appIsGood&&global.appIsGood()},200)",
): string {
  return (
    `var C={sent:[],told:[],on:{}},W=require("WifiBinding"),O=require("WifiBindingOta");` +
    `W.start({server:"mqtt://127.0.0.1:1",firmware:"1.0.0-app1"});` +
    `O.start({identity:W.identity,updates:W.updates,on:function(n,f){C.state=f},cloud:function(){return{` +
    `on:function(c,f){C.on[c]=f},publish:function(k,c,n,d){C.sent.push([k,c,n]);` +
    `if(d)setTimeout(d,10,true);return true}}}});` +
    `["progress","done","failed"].forEach(function(n){O.on(n,function(d){C.told.push([n,d])})});` +
    `print("app ${name}");${end};\n//${"0123456789".repeat(320)}\n`
  );
}

/** What is signed in the vectors; `even` ends where a piece does. */
const SIGNED = {
  good: application("two"),
  broken: application("broken", "0"),
  even: application("two").padEnd(3 * PIECE),
};
type Name = keyof typeof SIGNED;

/** The image of an update file. */
export const imageOf = (name: Name): string => SIGNED[name];

export interface FileOptions {
  product?: string;
  version?: string;
}

export function manifestOf(image: Buffer, { product = PK, version = "2.0.0" }: FileOptions = {}): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const pieces = Array.from({ length: Math.ceil(image.length / PIECE) }, (_, at) =>
    createHash("sha256")
      .update(image.subarray(at * PIECE, (at + 1) * PIECE))
      .digest(),
  );
  const rest = Buffer.concat([text(product), text(version), ...pieces]);
  const head = Buffer.alloc(10);
  head.write("WBU1");
  head.writeUInt16BE(10 + rest.length, 4);
  head.writeUInt32BE(image.length, 6);
  return Buffer.concat([head, rest]);
}

/** The public key, 64 hexadecimal digits. */
export const updateKey = (): string => vectors().publicKey;

/** A whole update file. One whose options are others than those that were signed has a signature that does not hold. */
export function updateFile(name: Name = "good", options: FileOptions = {}): Buffer {
  const image = Buffer.from(SIGNED[name], "latin1");
  return Buffer.concat([manifestOf(image, options), Buffer.from(vectors().signatures[name], "base64"), image]);
}

function sign(): void {
  const keys = slh_dsa_sha2_128s.keygen(new Uint8Array(48).map((_, at) => at * 5));
  const context = new TextEncoder().encode(CONTEXT);
  const manifests = Object.entries(SIGNED).map(
    ([name, text]) => [name, manifestOf(Buffer.from(text, "latin1"))] as const,
  );
  const multi = manifestOf(IMAGE, { product: "multi", version: "1.1.0" });
  const signatures = Object.fromEntries(
    [...manifests, ["multi", multi] as const].map(([name, manifest]) => {
      const options = { context, extraEntropy: false } as const;
      const signature = slh_dsa_sha2_128s.sign(new Uint8Array(manifest), keys.secretKey, options);
      return [name, Buffer.from(signature).toString("base64")];
    }),
  );
  const publicKey = Buffer.from(keys.publicKey).toString("hex");
  writeFileSync(VECTORS, JSON.stringify({ publicKey, signatures }, null, 2) + "\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) sign();
