/**
 * The record that everything durable is written in, and the block that records stand in.
 * Record: length n (2), its complement (2), CRC-32 of the content (4), content, padding with FF to a multiple of 4.
 * Block: a record with the block's sequence number at offset 0, then records from BLOCK_START on.
 */

import { at16, u16, u32 } from "./bytes.js";
import { decodeTtlv, encodeTtlv, findNumber } from "./ttlv.js";

/** Size of the block that is erased and written as one: a flash page of the ESP32. */
export const BLOCK_SIZE = 4096;
/** Offset of the first record behind a block's own header. */
export const BLOCK_START = 32;
/** Blocks 0 and 1 of the binding area hold the identity, twice; the others the journal. */
export const IDENTITY_BLOCKS = 2;
/** Id of the one node of a record whose content is sealed. */
export const SEALED = 8191;
const RECORD_HEADER = 8;
/** What erased flash has in place of a record's header. */
const ERASED = "\xff\xff\xff\xff\xff\xff\xff\xff";
const SEQUENCE = 1;

/** CRC-32 (IEEE 802.3) of a byte string, unsigned: the cloud's native one. */
export type Crc32 = (bytes: string) => number;

/** Bytes that a record with `length` bytes of content takes in flash. */
export function recordSize(length: number): number {
  return (RECORD_HEADER + length + 3) & ~3;
}

/** Encodes one record. Content up to 4,000 bytes. */
export function encodeRecord(content: string, crc32: Crc32): string {
  const padding = ERASED.substr(0, recordSize(content.length) - RECORD_HEADER - content.length);
  return u16(content.length) + u16(~content.length) + u32(crc32(content)) + content + padding;
}

/**
 * Reads the record that `bytes` start with.
 * @returns its content, "" where the flash is still erased, undefined for anything else (a torn write)
 */
export function decodeRecord(bytes: string, crc32: Crc32): string | undefined {
  const header = bytes.substr(0, RECORD_HEADER);
  if (header == ERASED) return "";
  const length = at16(header, 0);
  const content = bytes.substr(RECORD_HEADER, length);
  const whole = length > 0 && length + at16(header, 2) == 0xffff && content.length == length;
  return whole && header.substr(4) == u32(crc32(content)) ? content : undefined;
}

/** The header record of a block. */
export function encodeBlockHeader(sequence: number, crc32: Crc32): string {
  return encodeRecord(encodeTtlv([[SEQUENCE, sequence]]), crc32);
}

/** The sequence number of a block, or 0 for one that was never finished. */
export function decodeBlockHeader(block: string, crc32: Crc32): number {
  const content = decodeRecord(block, crc32);
  const nodes = content ? decodeTtlv(content) : undefined;
  return (nodes && findNumber(nodes, SEQUENCE)) || 0;
}

/** What the seal binds a record to: its place in the area, and the block's sequence number. */
export function placeOf(at: number, sequence: number): string {
  return u32(at) + u32(sequence);
}
