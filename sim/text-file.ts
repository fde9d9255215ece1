/** The one reader of text files: options, secrets, products, identities, lists and labels. */

import { createReadStream, readFileSync } from "node:fs";

import { messageOf, systemCode, UsageError } from "./errors.js";

const STANDARD_INPUT = 0;

/** Bytes of a text: UTF-8 with or without a byte order mark. @throws UsageError that names `name` and quotes nothing */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not UTF-8 text: save it as UTF-8`);
  }
}

function unreadable(path: string, error: unknown): UsageError {
  if (systemCode(error) === "ENOENT") return new UsageError(`there is no file ${path}: give another path`);
  return new UsageError(`cannot read ${path} (${messageOf(error)})`);
}

/** The bytes of a file. @param path `-` is standard input @throws UsageError that names the file */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? STANDARD_INPUT : path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The same, as they come. */
export async function* streamBytes(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* (path === "-" ? process.stdin : createReadStream(path)) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The text of a file, without a byte order mark and without one newline (LF or CRLF) at its end.
 * @param path `-` is standard input
 * @throws UsageError that names the file
 */
export function readTextFile(path: string): string {
  return decodeText(readBytes(path), path === "-" ? "standard input" : path).replace(/\r?\n$/, "");
}

/** The one line of a file, such as a secret; white space in it counts. @throws UsageError also when it has more lines */
export function readLineOf(path: string): string {
  const text = readTextFile(path);
  if (/[\r\n]/.test(text)) throw new UsageError(`${path} has more than one line`);
  return text;
}
