/**
 * An atomic journal in raw flash: a map from keys to values that survives a power cut between or inside any two flash
 * operations. Changes are appended as records to a block; when it is full, the whole state is written to the next
 * block, which counts only from the moment its header is written, last.
 */

import { BLOCK_SIZE, type Crc32 } from "../codec/record.js";
import type { FlashArea, Hal } from "../hal/hal.js";
import { readArea, type Changes } from "./area.js";
import { createContents, type Contents } from "./contents.js";
import { KEY_PURGE } from "./keys.js";
import type { Seal } from "./seal.js";
import { createWatch } from "./watch.js";
import { createWriter } from "./writer.js";

export interface Journal extends Pick<Contents, "get" | "text" | "worn"> {
  /** As in `Area`. */
  locked: boolean;
  /** Where the next record goes: never again the same once one was written, whatever becomes of it. */
  place(): string;
  /** Writes all changes as one: after a power cut, or an interruption, either all of them are there or none. */
  put(changes: Changes): void;
  /** As `put`, and erases all that was written before; a power cut leaves KEY_PURGE, and `purge` has to be called again. */
  purge(changes: Changes): void;
}

/**
 * Opens an area for writing; see `readArea`.
 * @once
 * @param failed told when a change is lost: no block takes it (`worn`), it is too large, or its `put` was interrupted
 * @param after the hal's; whatever interrupts a `put` passes over catch and finally, so that it is noticed later
 */
export function openJournal(
  flash: FlashArea,
  crc32: Crc32,
  first: number,
  blocks: number,
  failed?: () => void,
  seal?: Seal,
  after?: Hal["after"],
): Journal {
  const contents = createContents(flash, crc32, seal);
  const area = readArea(flash, crc32, first, blocks, contents.note, seal);
  const watch = createWatch(failed, after);
  const writer = createWriter(flash, crc32, first, blocks, area.block, area.sequence, area.rest, contents, watch, seal);

  return {
    locked: area.locked,
    worn: contents.worn,
    place: writer.place,
    get: contents.get,
    text: contents.text,
    put: writer.put,
    purge(changes) {
      const before = writer.block();
      writer.put(changes.concat([[KEY_PURGE, true]]), true);
      // Refused: what the other blocks hold still counts. Or no block has taken it, and each was erased.
      if (writer.block() == before) return;
      // All of them: an erasure that was cut off may look like one that was not.
      for (let i = 1; i < blocks; i++) flash.erase((first + ((writer.block() + i) % blocks)) * BLOCK_SIZE);
      writer.put([[KEY_PURGE, false]]);
    },
  };
}
