/** What a device's flash says, read from outside while the device has no power. */

import { IDENTITY_BLOCKS, BLOCK_SIZE, BLOCK_START, decodeBlockHeader } from "../../../src/codec/record.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { openJournal, type Journal } from "../../../src/storage/journal.js";
import * as keys from "../../../src/storage/keys.js";
import { checksum, MemoryFlash } from "../../support/hal.js";

const BLOCKS = 14;
/** A key that no version of the device knows, which has to stay. */
export const FOREIGN_KEY = 999;

const KEYS = [...Object.values(keys), FOREIGN_KEY];

export type Facts = Record<keyof typeof keys | "FOREIGN", unknown>;

function journalOf(flash: MemoryFlash): Journal {
  return openJournal(flash, checksum, IDENTITY_BLOCKS, BLOCKS);
}

function flashOf(bytes: Uint8Array): MemoryFlash {
  const flash = new MemoryFlash();
  flash.bytes = Buffer.from(bytes);
  return flash;
}

export function readFacts(bytes: Uint8Array): Facts {
  const journal = journalOf(flashOf(bytes));
  const entries = [...Object.entries(keys), ["FOREIGN", FOREIGN_KEY] as const];
  return Object.fromEntries(entries.map(([name, key]) => [name, journal.get(key)])) as Facts;
}

/** All that the journal holds, to be compared. */
export function textOf(bytes: Uint8Array): string {
  const journal = journalOf(flashOf(bytes));
  return JSON.stringify(KEYS.map((key) => journal.get(key) ?? null));
}

/** Bytes that are left in the block that is written now. */
function room(bytes: Uint8Array): number {
  const blocks = Array.from({ length: BLOCKS }, (_, at) => {
    const start = (IDENTITY_BLOCKS + at) * BLOCK_SIZE;
    return Buffer.from(bytes.subarray(start, start + BLOCK_SIZE));
  });
  const sequence = (block: Buffer): number => decodeBlockHeader(block.toString("latin1", 0, BLOCK_START), checksum);
  const newest = blocks.sort((a, b) => sequence(b) - sequence(a))[0];
  let end = BLOCK_SIZE;
  while (end > 0 && newest[end - 1] === 0xff) end--;
  return BLOCK_SIZE - ((end + 3) & ~3);
}

/** The same journal, grown until its block has room for no more than `left` bytes. */
export function fill(bytes: Uint8Array, left: number): Buffer {
  const flash = flashOf(bytes);
  const journal = journalOf(flash);
  const least = encodeTtlv([[FOREIGN_KEY, "x"]]).length + 8;
  journal.put([[FOREIGN_KEY, "x"]]);
  while (room(flash.bytes) > left + least + 3) journal.put([[FOREIGN_KEY, "x"]]);
  return flash.bytes;
}
