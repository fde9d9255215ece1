/** NIST's rows for SLH-DSA-SHA2-128s: test/vectors/slh-dsa-acvp.json. */

import { readFileSync } from "node:fs";

export interface AcvpRow {
  source: string;
  valid: boolean;
  /** As bytes, one a character. */
  key: string;
  signature: string;
  /** What the verification is handed: M' of FIPS 205. */
  message: string;
}

/**
 * All rows. Their signatures are 7,856 bytes, or one less. A row with one more is left out: the verification is told where
 * a signature begins, and reads as many bytes as one has.
 */
export function acvpRows(): AcvpRow[] {
  const bytes = (text: string, encoding: BufferEncoding): string => Buffer.from(text, encoding).toString("latin1");
  const text = readFileSync(new URL("../vectors/slh-dsa-acvp.json", import.meta.url), "utf8");
  return (JSON.parse(text) as (AcvpRow & { interface: "internal" | "pure" })[]).map((row) => ({
    source: row.source,
    valid: row.valid,
    key: bytes(row.key, "hex"),
    signature: bytes(row.signature, "base64"),
    // The internal interface signs M' itself; the pure one puts a zero and a context before it, here an empty one.
    message: (row.interface === "pure" ? "\0\0" : "") + bytes(row.message, "base64"),
  }));
}
