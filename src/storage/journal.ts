/**
 * An atomic journal in raw flash: a map from keys to values that survives a power cut between or inside any two flash
 * operations. Changes are appended as records to a block; when it is full, the whole state is written to the next
 * block, which counts only from the moment its header is written, last.
 */

import {
  BLOCK_SIZE,
  BLOCK_START,
  decodeBlockHeader,
  decodeRecord,
  encodeBlockHeader,
  encodeRecord,
  recordSize,
  SEALED,
  type Crc32,
} from "../codec/record.js";
import { at16 } from "../codec/bytes.js";
import { decodeTtlv, encodeTtlv, find, findBytes, type Node, type Value } from "../codec/ttlv.js";
import type { FlashArea } from "../hal/hal.js";
import type { Seal } from "./seal.js";

/** Changes to be made together. The value false removes the key. */
export type Changes = Node[];

/** What stands in an area of flash. */
export interface Area {
  state: Node[];
  /** The block that counts, or -1, its sequence number, and where the next record goes in it. */
  block: number;
  sequence: number;
  /** At the end of the block when it must not be written any more. */
  free: number;
  /** Whether flash holds what cannot be read: sealed with another key, or not sealed although a key was given. */
  locked: boolean;
}

export interface Journal {
  /** As in `Area`. */
  locked: boolean;
  get(key: number): Value | undefined;
  /** The text under a key, or "". */
  text(key: number): string;
  /** Writes all changes as one: after a power cut either all of them are there or none. */
  put(changes: Changes): void;
}

/** The text under a key of an area's state, or "". */
export function textOf(state: Node[], key: number): string {
  return findBytes(state, key) || "";
}

function apply(state: Node[], change: Node): Node[] {
  const others = state.filter((node) => node[0] != change[0]);
  if (change[1] !== false) others.push(change);
  return others;
}

/** The changes that a record's content says. */
function unwrap(content: string, area: Area, seal: Seal | undefined): Changes | undefined {
  const nodes = decodeTtlv(content);
  const sealed = nodes && findBytes(nodes, SEALED);
  if (!seal && sealed === undefined) return nodes;
  const plain = seal && sealed && seal.open(sealed);
  area.locked = !plain;
  return plain ? decodeTtlv(plain) : undefined;
}

/**
 * Reads the state; writes nothing.
 * @param first first block of the area, counted from the start of the flash
 * @param blocks how many blocks take turns, at least 2 to be safe against power cuts
 * @param seal what is written is sealed with it, and nothing else is read
 */
export function readArea(flash: FlashArea, crc32: Crc32, first: number, blocks: number, seal?: Seal): Area {
  const area: Area = { state: [], block: -1, sequence: 0, free: BLOCK_SIZE, locked: false };
  for (let i = 0; i < blocks; i++) {
    const found = decodeBlockHeader(flash.read(BLOCK_START, (first + i) * BLOCK_SIZE), crc32);
    if (found > area.sequence) {
      area.sequence = found;
      area.block = i;
    }
  }
  // The block's records in order. A torn one ends it: the next change goes to a fresh block.
  const start = (first + area.block) * BLOCK_SIZE;
  for (let offset = BLOCK_START; area.sequence && offset < BLOCK_SIZE;) {
    const size = recordSize(at16(flash.read(2, start + offset), 0));
    const content = decodeRecord(flash.read(Math.min(size, BLOCK_SIZE - offset), start + offset), crc32);
    if (content == "") area.free = offset;
    const changes = content && unwrap(content, area, seal);
    if (!changes) break;
    for (let i = 0; i < changes.length; i++) area.state = apply(area.state, changes[i]);
    offset += size;
  }
  return area;
}

/**
 * Opens an area for writing; see `readArea`.
 * @once
 * @param failed told when no block takes a change: it is lost with the power
 */
export function openJournal(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  failed?: () => void,
  seal?: Seal,
): Journal {
  const area = readArea(flash, crc32, first, blocks, seal);
  let state = area.state;
  let block = area.block;
  let sequence = area.sequence;
  let free = area.free;

  /** Writes and looks whether the flash took it. */
  function written(offset: number, bytes: string): boolean {
    const at = (first + block) * BLOCK_SIZE + offset;
    flash.write(bytes, at);
    return flash.read(bytes.length, at) == bytes;
  }

  /** The content of a record that says this. */
  function wrap(changes: Changes): string {
    const content = encodeTtlv(changes);
    return seal ? encodeTtlv([[SEALED, seal.close(content)]]) : content;
  }

  function append(content: string): boolean {
    const at = free;
    free += recordSize(content.length);
    return free <= BLOCK_SIZE && written(at, encodeRecord(content, crc32));
  }

  /**
   * Starts the next block with the whole state. Tries each block once: one that is worn out is passed over. Not split
   * further: it runs deep in the stack.
   * @returns whether it did; the last block that worked still counts
   */
  function rewrite(content: string): boolean {
    for (let i = 0; i < blocks; i++) {
      block = (block + 1) % blocks;
      flash.erase((first + block) * BLOCK_SIZE);
      free = BLOCK_START;
      if (append(content) && written(0, encodeBlockHeader(++sequence, crc32))) return true;
    }
    free = BLOCK_SIZE;
    return false;
  }

  return {
    locked: area.locked,
    get: (key) => find(state, key),
    text: (key) => textOf(state, key),
    put(changes) {
      for (let i = 0; i < changes.length; i++) state = apply(state, changes[i]);
      const content = wrap(changes);
      const fits = free + recordSize(content.length) <= BLOCK_SIZE && append(content);
      if (!fits && !rewrite(wrap(state)) && failed) failed();
    },
  };
}
