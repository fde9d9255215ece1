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
import type { Changes } from "./area.js";
import type { Contents } from "./contents.js";
import type { Seal } from "./seal.js";
import type { Watch } from "./watch.js";

export interface Writer {
  /** @see put in journal.ts @param fresh whether the changes go to a fresh block in any case */
  put(changes: Changes, fresh?: boolean): void;
  /** @see place in journal.ts */
  place(): string;
  /** The block that counts. */
  block(): number;
}

/** The content of a record, sealed if it can be. */
function wrap(nodes: Node[], seal: Seal | undefined, place: string): string {
  const content = encodeTtlv(nodes);
  return seal ? encodeTtlv([[SEALED, seal.close(content, place)]]) : content;
}

/** Writes and looks whether the flash took it. */
function written(flash: FlashArea, at: number, bytes: string): boolean {
  flash.write(bytes, at);
  return flash.read(bytes.length, at) == bytes;
}

/**
 * Appends the changes to the block, or starts the next one with the whole state: each is tried once, one that is worn
 * out is passed over, and the block that counts is left alone. Anything here may be interrupted for want of stack or
 * memory, so what is known of the flash changes only when it is verified, and until then the next change goes to a
 * fresh block. Not split: it runs deep in the stack.
 * @param first @param blocks as in `readArea`
 * @param block @param sequence @param free where to begin: as block, sequence and rest of an Area
 * @once
 */
export function createWriter(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  block: number,
  sequence: number,
  free: number,
  contents: Contents,
  watch: Watch,
  seal?: Seal,
): Writer {
  function put(changes: Changes, fresh?: boolean): void {
    if (!changes.length) return;
    watch.begin();
    let to = block;
    let offset = fresh ? BLOCK_SIZE : free;
    let nodes = changes;
    let state: Node[] | undefined;
    free = BLOCK_SIZE;
    do {
      const start = (first + to) * BLOCK_SIZE;
      const at = start + offset;
      const place = placeOf(at, sequence);
      const content = wrap(nodes, seal, place);
      const end = offset + recordSize(content.length);
      if (to != block) {
        // No block will ever take it.
        if (end > BLOCK_SIZE) return watch.check();
        flash.erase(start);
      }
      const taken = end <= BLOCK_SIZE && written(flash, at, encodeRecord(content, crc32));
      if (taken && (to == block || written(flash, start, encodeBlockHeader(sequence, crc32)))) {
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
    watch.check();
  }

  return {
    put: put,
    place: () => placeOf(free, sequence),
    block: () => block,
  };
}
