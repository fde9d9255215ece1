/** Files in a device's Storage: read, written in pieces and verified. */

import { crc32 } from "node:zlib";

import { FailedError } from "../../sim/errors.js";
import { literal } from "../../compiler/literal.js";
import type { Evaluator } from "./console.js";

/** Bytes that one packet writes: small enough for the console's buffer, even as an escaped literal. */
const PIECE = 512;
/** Bytes that one packet reads. */
const READ_PIECE = 384;

const STORAGE = 'require("Storage")';

/** Length and CRC-32 of a file, or undefined when there is none. */
export interface FileSum {
  length: number;
  crc: number;
}

export function sumOf(bytes: string): FileSum {
  return { length: bytes.length, crc: crc32(Buffer.from(bytes, "latin1")) };
}

/** What the device itself computes over a file: SHA-256 would need the whole file on its stack. */
export async function fileSum(device: Evaluator, name: string): Promise<FileSum | undefined> {
  const sum = `(function(f){return f===undefined?0:[f.length,E.CRC32(f)]})(${STORAGE}.read(${literal(name)}))`;
  const found = (await device.eval(sum)) as 0 | [number, number];
  return found ? { length: found[0], crc: found[1] >>> 0 } : undefined;
}

export async function isSame(device: Evaluator, name: string, bytes: string): Promise<boolean> {
  const found = await fileSum(device, name);
  const wanted = sumOf(bytes);
  return found?.length === wanted.length && found.crc === wanted.crc;
}

/** A small file as a byte string, or undefined. */
export async function readFile(device: Evaluator, name: string): Promise<string | undefined> {
  const found = await fileSum(device, name);
  if (!found) return undefined;
  let bytes = "";
  while (bytes.length < found.length) {
    const piece = await device.eval(`btoa(${STORAGE}.read(${literal(name)},${bytes.length},${READ_PIECE}))`);
    bytes += Buffer.from(piece as string, "base64").toString("latin1");
  }
  return bytes;
}

export async function eraseFile(device: Evaluator, name: string): Promise<void> {
  await device.eval(`(${STORAGE}.erase(${literal(name)}),0)`);
}

/**
 * Writes bytes into a file that holds nothing but FF; the same bytes again change nothing.
 * @param size of the file, when it is made by this write
 */
export async function writePiece(device: Evaluator, name: string, at: number, piece: string, size = 0): Promise<void> {
  const write = `s.read(n,${at},c.length)===c||s.write(n,c,${at}${size ? `,${size}` : ""})`;
  await device.eval(`(function(s,n,c){return ${write}})(${STORAGE},${literal(name)},${literal(piece)})`);
}

/**
 * Replaces a file; one that is already so is left alone. From the end, behind its first byte: of one that is not whole
 * nothing runs, also when a device that is updated over the cloud boots it meanwhile.
 * @param onBytes told how many of its bytes are there
 * @returns whether it was written
 * @throws FailedError when the device then reads something else
 */
export async function writeFile(
  device: Evaluator,
  name: string,
  bytes: string,
  onBytes: (written: number) => void = () => {},
): Promise<boolean> {
  if (await isSame(device, name, bytes)) return false;
  await eraseFile(device, name);
  await writePiece(device, name, 0, bytes[0]!, bytes.length);
  for (let end = bytes.length; end > 1; end -= PIECE) {
    const at = Math.max(1, end - PIECE);
    await writePiece(device, name, at, bytes.slice(at, end));
    onBytes(bytes.length - at + 1);
  }
  if (!(await isSame(device, name, bytes))) {
    throw new FailedError(`${name} reads back otherwise than it was written: the device keeps its old program`);
  }
  return true;
}
