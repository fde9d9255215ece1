/** Writes changes to flash so that an interruption anywhere leaves what was there before, or all of them. */

import {
  BLOCK_SIZE,
  BLOCK_START,
  encodeBlockHeader,
  encodeRecord,
  placeOf,
  recordSize,
  SEALED,
  type Crc32,
} from "../codec/record.js";
import { encodeTtlv, type Node } from "../codec/ttlv.js";
import type { FlashArea } from "../hal/hal.js";
import type { Area, Changes } from "./area.js";
import type { Contents } from "./contents.js";
import type { Seal } from "./seal.js";
import type { Watch } from "./watch.js";

export interface Writer {
  /** @see put in journal.ts */
  put(changes: Changes): void;
  /** @see place in journal.ts */
  place(): string;
  /** The block that counts. */
  block(): number;
  /** @see worn in journal.ts */
  worn(): boolean;
  /** The next change goes to a fresh block. */
  skip(): void;
}

/**
 * @param first @param blocks as in `readArea`
 * @once
 */
export function createWriter(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  area: Area,
  contents: Contents,
  watch: Watch,
  seal?: Seal,
): Writer {
  let block = area.block;
  let sequence = area.sequence;
  let free = area.rest;
  let worn = false;

  /** Writes and looks whether the flash took it. */
  function written(at: number, bytes: string): boolean {
    flash.write(bytes, at);
    return flash.read(bytes.length, at) == bytes;
  }

  /**
   * Appends the changes to the block, or starts the next one with the whole state: each is tried once, one that is worn
   * out is passed over, and the block that counts is left alone. Anything here may be interrupted for want of stack or
   * memory, so what is known of the flash changes only when it is verified, and until then the next change goes to a
   * fresh block. Not split: it runs deep in the stack.
   */
  function put(changes: Changes): void {
    if (!changes.length) return;
    watch.begin();
    let to = block;
    let offset = free;
    let nodes = changes;
    let state: Node[] | undefined;
    free = BLOCK_SIZE;
    do {
      const start = (first + to) * BLOCK_SIZE;
      const at = start + offset;
      const place = placeOf(at, sequence);
      let content = encodeTtlv(nodes);
      if (seal) content = encodeTtlv([[SEALED, seal.close(content, place)]]);
      const end = offset + recordSize(content.length);
      if (to != block) {
        // No block will ever take it.
        if (end > BLOCK_SIZE) return watch.check();
        flash.erase(start);
      }
      if (
        end <= BLOCK_SIZE &&
        written(at, encodeRecord(content, crc32)) &&
        (to == block || written(start, encodeBlockHeader(sequence, crc32)))
      ) {
        contents.moved(nodes, place, to != block);
        block = to;
        free = end;
        return watch.end();
      }
      if (to == block) {
        state = contents.changed(changes);
        // A record says something: that of an empty state, what the changes leave of it.
        if (state.length) nodes = state;
      }
      to = (to + 1) % blocks;
      offset = BLOCK_START;
      sequence++;
    } while (to != block);
    contents.lose(state!);
    worn = true;
    watch.check();
  }

  return {
    put: put,
    place: () => placeOf(free, sequence),
    block: () => block,
    worn: () => worn,
    skip() {
      free = BLOCK_SIZE;
    },
  };
}
