/** The identity of one device as a file: what `wifi-binding identity` writes and every other command reads. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { nearest } from "../../sim/cloud/schema-check.js";
import { messageOf, systemCode, UsageError } from "../../sim/errors.js";
import { readJson } from "../../sim/json.js";
import { readTextFile } from "../../sim/text-file.js";
import { encodeIdentity } from "./identity-image.js";

/** What the file holds. */
export interface IdentityFile {
  pk: string;
  ps: string;
  dk: string;
  /** Proof of possession, or "". */
  pop: string;
  /** 32 bytes in hexadecimal. */
  seed: string;
  /** The public key that updates are signed with, 64 hexadecimal digits; absent on a device that takes none. */
  updateKey?: string;
}

const KNOWN: Record<keyof IdentityFile, true> = {
  pk: true,
  ps: true,
  dk: true,
  pop: true,
  seed: true,
  updateKey: true,
};

/** A misspelt `pop` would be a device that demands no proof. */
function demandKnown(file: object): void {
  const known = Object.keys(KNOWN);
  const name = Object.keys(file).find((one) => !known.includes(one));
  if (name === undefined) return;
  const meant = nearest(name, known);
  throw new UsageError(
    `it has ${JSON.stringify(name.slice(0, 40))}${meant ? `: is "${meant}" meant?` : ", which is not known"}`,
  );
}

/** A DeviceKey that looks like a MAC address, 12 digits 0-9A-F. */
export function newDeviceKey(): string {
  return randomBytes(6).toString("hex").toUpperCase();
}

/** Writes a new file, whole and on the disk, or none. */
function writeNew(path: string, content: string | Uint8Array): void {
  const file = openSync(path, "wx", 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Writes files that only their owner may read: all of them or none, and never over another file: it may be an only copy. */
export function writePrivate(files: Record<string, string | Uint8Array>): void {
  const written: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    try {
      writeNew(path, content);
      written.push(path);
    } catch (error) {
      written.forEach((earlier) => unlinkSync(earlier));
      if (systemCode(error) === "EEXIST") throw new UsageError(`${path} exists: give another path, or remove it first`);
      throw new UsageError(`cannot write ${path} (${messageOf(error)}): give another path`);
    }
  }
}

/** @throws UsageError for a file that is not there or no identity */
export function readIdentityFile(path: string): IdentityFile {
  const text = readTextFile(path);
  try {
    const file = readJson(text, "it") as IdentityFile;
    demandKnown(file);
    encodeIdentity({ ...file, seed: Buffer.from(file.seed, "hex") });
    return file;
  } catch (error) {
    const why = error instanceof SyntaxError ? "no JSON" : messageOf(error);
    throw new UsageError(`${path} holds no identity (${why}): \`wifi-binding identity --write\` makes one`);
  }
}
