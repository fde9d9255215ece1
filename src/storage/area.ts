/** An area of flash as it is read: which of its blocks counts, and the changes in its records. */

import {
  BLOCK_SIZE,
  BLOCK_START,
  decodeBlockHeader,
  decodeRecord,
  placeOf,
  recordSize,
  SEALED,
  type Crc32,
} from "../codec/record.js";
import { at16 } from "../codec/bytes.js";
import { decodeTtlv, findBytes, type Node } from "../codec/ttlv.js";
import type { FlashArea } from "../hal/hal.js";
import type { Seal } from "./seal.js";

/** Changes to be made together, of each key one. The value false removes the key. */
export type Changes = Node[];

/** What an area of flash holds. */
export interface Area {
  /** The block that counts, or any when none does; the newest sequence number; and where the next record goes. */
  block: number;
  sequence: number;
  /** At the end of the block when it must not be written any more. */
  rest: number;
  /** Whether flash holds what cannot be read: sealed with another key, or not sealed although a key was given. */
  locked: boolean;
}

/** As `decodeRecord`, for the record at an offset: one that its block has no room for is torn. */
function readRecord(flash: FlashArea, crc32: Crc32, at: number): string | undefined {
  const size = recordSize(at16(flash.read(2, at), 0));
  return decodeRecord(flash.read(Math.min(size, BLOCK_SIZE - (at % BLOCK_SIZE)), at), crc32);
}

/** The changes that a record's content says, or undefined for what cannot be read. */
function unwrap(content: string, seal: Seal | undefined, place: string): Changes | undefined {
  const nodes = decodeTtlv(content);
  const sealed = nodes && findBytes(nodes, SEALED);
  if (!seal && sealed === undefined) return nodes;
  const plain = seal && sealed && seal.open(sealed, place);
  return plain ? decodeTtlv(plain) : undefined;
}

/** The changes in the record at a place; none where there is none. */
export function changesAt(flash: FlashArea, crc32: Crc32, place: string | undefined, seal?: Seal): Changes {
  const content = place && readRecord(flash, crc32, at16(place, 2));
  return (content && unwrap(content, seal, place)) || [];
}

/**
 * Looks what there is, and reads each record once; writes nothing. The newest block counts whose first record is whole.
 * @param first first block of the area, counted from the start of the flash
 * @param blocks how many blocks take turns, at least 2 to be safe against power cuts
 * @param take told the changes of each record, in their order
 * @param seal what is written is sealed with it, and nothing else is read
 */
export function readArea(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  take: (changes: Changes, place: string) => void,
  seal?: Seal,
): Area {
  const area: Area = { block: blocks - 1, sequence: 0, rest: BLOCK_SIZE, locked: false };
  let newest = 0;
  let content: string | undefined;
  for (let i = 0; i < blocks; i++) {
    const start = (first + i) * BLOCK_SIZE;
    const found = decodeBlockHeader(flash.read(BLOCK_START, start), crc32);
    newest = Math.max(newest, found);
    const record = found > area.sequence && readRecord(flash, crc32, start + BLOCK_START);
    if (record) {
      area.sequence = found;
      area.block = i;
      content = record;
    }
  }
  // The block's records in order. A torn one ends it: the next change goes to a fresh block.
  let at = (first + area.block) * BLOCK_SIZE + BLOCK_START;
  while (content) {
    const place = placeOf(at, area.sequence);
    const changes = unwrap(content, seal, place);
    area.locked = !changes;
    if (!changes) break;
    take(changes, place);
    at += recordSize(content.length);
    content = at % BLOCK_SIZE ? readRecord(flash, crc32, at) : undefined;
    if (content == "") area.rest = at % BLOCK_SIZE;
  }
  // A newer block is damaged: what comes next is newer than that.
  if (newest > area.sequence) area.rest = BLOCK_SIZE;
  area.sequence = newest;
  return area;
}
