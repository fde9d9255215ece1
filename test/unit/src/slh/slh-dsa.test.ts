/** The verification of signatures: published and precomputed vectors, each of which @noble/post-quantum takes too. */

import { readFileSync } from "node:fs";

import { slh_dsa_sha2_128s } from "@noble/post-quantum/slh-dsa.js";
import { expect } from "chai";

import { SIGNATURE_SIZE } from "../../../../src/ota/manifest.js";
import { verification } from "../../../../src/slh/index.js";
import { acvpRows } from "../../../support/acvp.js";
import { fromHex, latin1, sha256 } from "../../../support/hal.js";

const decode = (base64: string): string => Buffer.from(base64, "base64").toString("latin1");
const bytesOf = (text: string): Uint8Array => new Uint8Array(latin1(text));

const file = readFileSync("test/vectors/slh-dsa.json", "utf8");
const rows = (JSON.parse(file) as Record<"source" | "context" | "key" | "message" | "signature", string>[]).map(
  ({ source, context, key, message, signature }) => ({
    source,
    context,
    key: fromHex(key),
    message: decode(message),
    signature: decode(signature),
  }),
);

interface Verified {
  result: boolean;
  /** How many it took, and how many one step took at most. */
  hashes: number;
  most: number;
}

/** @param prefixed M' of FIPS 205 */
function verifyPrefixed(signature: string, key: string, prefixed: string): Verified {
  let hashes = 0;
  let most = 0;
  const hash = (bytes: string): string => (hashes++, sha256(bytes));
  const step = verification(hash, (at) => signature.slice(at, at + 16), key, prefixed);
  for (;;) {
    const before = hashes;
    const result = step();
    most = Math.max(most, hashes - before);
    if (result !== undefined) return { result, hashes, most };
  }
}

function verify(signature: string, key: string, message: string, context: string): Verified {
  return verifyPrefixed(signature, key, "\0" + String.fromCharCode(context.length) + context + message);
}

/** What the device says, which has to be what the library says. */
function holds(signature: string, key: string, message: string, context: string): boolean {
  const { result } = verify(signature, key, message, context);
  const options = { context: bytesOf(context) };
  const theirs = slh_dsa_sha2_128s.verify(bytesOf(signature), bytesOf(message), bytesOf(key), options);
  expect(result).to.equal(theirs);
  return result;
}

describe("SLH-DSA-SHA2-128s", () => {
  const { signature, key, message, context } = rows[1];
  const flip = (text: string, at: number): string =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);

  it("has signatures of 7,856 bytes", () => {
    expect(SIGNATURE_SIZE).to.equal(7856);
  });

  for (const row of rows) {
    it(`holds: ${row.source}`, () => {
      expect(holds(row.signature, row.key, row.message, row.context)).to.equal(true);
      expect(holds(row.signature, row.key, row.message + "\0", row.context)).to.equal(false);
    });
  }

  for (const row of acvpRows()) {
    it(row.source, () => {
      const { signature, message, key, valid } = row;
      expect(slh_dsa_sha2_128s.internal.verify(bytesOf(signature), bytesOf(message), bytesOf(key))).to.equal(valid);
      expect(verifyPrefixed(signature, key, message).result).to.equal(valid);
    });
  }

  it("takes about 2,100 hashes, one at most in a step", () => {
    for (const row of rows) {
      const { hashes, most } = verify(row.signature, row.key, row.message, row.context);
      expect(hashes).to.be.within(1_900, 2_300);
      expect(most).to.be.at.most(1);
    }
  });

  it("does not hold when one bit of anything is another", () => {
    // The random string, a leaf and a path of FORS, a chain and a path of the first and of the last layer.
    for (const at of [0, 16, 2_900, 2_930, 3_490, 3_600, 7_200, 7_855]) {
      expect(holds(flip(signature, at), key, message, context), String(at)).to.equal(false);
    }
    for (const at of [0, 31]) expect(holds(signature, flip(key, at), message, context)).to.equal(false);
    expect(holds(signature, key, flip(message, 3), context)).to.equal(false);
    for (const other of ["", "wifi-binding updat", "wifi-binding update\0"]) {
      expect(holds(signature, key, message, other), other).to.equal(false);
    }
  });

  it("does not hold for a signature that is cut short, or none", () => {
    for (const length of [0, 15, 16, 2_000, 7_855]) {
      expect(verify(signature.slice(0, length), key, message, context).result, String(length)).to.equal(false);
    }
  });
});
