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
import type { FlashArea } from "../platform.js";
import type { Seal } from "./seal.js";

/** Changes to be made together. The value false removes the key. */
export type Changes = Node[];

export interface Journal {
  /** Whether flash holds what cannot be read: sealed with another key, or not sealed although a key was given. */
  locked: boolean;
  get(key: number): Value | undefined;
  /** The text under a key, or "". */
  text(key: number): string;
  /** Writes all changes as one: after a power cut either all of them are there or none. */
  put(changes: Changes): void;
}

/**
 * Reads the state; writes nothing.
 * @param first first block of the area, counted from the start of the flash
 * @param blocks how many blocks take turns, at least 2 to be safe against power cuts
 * @param failed told when no block takes a change: it is lost with the power
 * @param seal what is written is sealed with it, and nothing else is read
 */
export function openJournal(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  failed?: () => void,
  seal?: Seal,
): Journal {
  let state: Node[] = [];
  let block = -1;
  let sequence = 0;
  let locked = false;
  let free = BLOCK_SIZE; // where the next record goes; at the end when the block must not be written any more

  function read(at: number, offset: number, length: number): string {
    return flash.read(length, (first + at) * BLOCK_SIZE + offset);
  }

  function write(offset: number, bytes: string): void {
    flash.write(bytes, (first + block) * BLOCK_SIZE + offset);
  }

  /** Writes and looks whether the flash took it. */
  function written(offset: number, bytes: string): boolean {
    write(offset, bytes);
    return read(block, offset, bytes.length) == bytes;
  }

  /** The content of a record that says this. */
  function wrap(changes: Changes): string {
    const content = encodeTtlv(changes);
    return seal ? encodeTtlv([[SEALED, seal.close(content)]]) : content;
  }

  function unwrap(content: string): Changes | undefined {
    const nodes = decodeTtlv(content);
    const sealed = nodes && findBytes(nodes, SEALED);
    if (!seal && sealed === undefined) return nodes;
    const plain = seal && sealed && seal.open(sealed);
    locked = !plain;
    return plain ? decodeTtlv(plain) : undefined;
  }

  function append(content: string): boolean {
    const at = free;
    free += recordSize(content.length);
    return free <= BLOCK_SIZE && written(at, encodeRecord(content, crc32));
  }

  function apply(change: Node): void {
    state = state.filter((node) => node[0] != change[0]);
    if (change[1] !== false) state.push(change);
  }

  /** Applies the block's records in order. A torn one ends it: the next change goes to a fresh block. */
  function replay(): void {
    for (let offset = BLOCK_START; offset < BLOCK_SIZE;) {
      const size = recordSize(at16(read(block, offset, 2), 0));
      const content = decodeRecord(read(block, offset, Math.min(size, BLOCK_SIZE - offset)), crc32);
      if (content == "") free = offset;
      const changes = content && unwrap(content);
      if (!changes) return;
      changes.forEach(apply);
      offset += size;
    }
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

  for (let i = 0; i < blocks; i++) {
    const found = decodeBlockHeader(read(i, 0, BLOCK_START), crc32);
    if (found > sequence) {
      sequence = found;
      block = i;
    }
  }
  if (sequence) replay();

  const get = (key: number): Value | undefined => find(state, key);
  return {
    locked: locked,
    get: get,
    text(key) {
      const value = get(key);
      return typeof value == "string" ? value : "";
    },
    put(changes) {
      changes.forEach(apply);
      const content = wrap(changes);
      const fits = free + recordSize(content.length) <= BLOCK_SIZE && append(content);
      if (!fits && !rewrite(wrap(state)) && failed) failed();
    },
  };
}
