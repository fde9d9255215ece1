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
  placeOf,
  recordSize,
  SEALED,
  type Crc32,
} from "../codec/record.js";
import { at16 } from "../codec/bytes.js";
import { decodeTtlv, encodeTtlv, find, findBytes, textOf, type Node, type Value } from "../codec/ttlv.js";
import type { FlashArea, Hal } from "../hal/hal.js";
import { KEY_PURGE } from "./keys.js";
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

/**
 * By key, the place of the record that has its value, as `placeOf` makes it, or "". The value stays in flash: a console
 * shows all of RAM.
 */
type Places = Record<number, string>;

export interface Journal {
  /** As in `Area`. */
  locked: boolean;
  /** Whether no block has taken a change: the next boot starts from the same random state again. */
  worn: boolean;
  /** Where the next record goes: never again the same once one was written, whatever becomes of it. */
  place(): string;
  get(key: number): Value | undefined;
  /** The text under a key, or "". */
  text(key: number): string;
  /** Writes all changes as one: after a power cut, or an interruption, either all of them are there or none. */
  put(changes: Changes): void;
  /** As `put`, and erases all that was written before; a power cut leaves KEY_PURGE, and `purge` has to be called again. */
  purge(changes: Changes): void;
}

/** Notes where the values of these keys are now. */
function move(places: Places, changes: Changes, place: string): void {
  for (let i = 0; i < changes.length; i++) places[changes[i][0]] = changes[i][1] === false ? "" : place;
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
  let places: Places = {};
  const area = readArea(flash, crc32, first, blocks, (changes, place) => move(places, changes, place), seal);
  let lost: Node[] | undefined; // the state, when no block has taken it
  let block = area.block;
  let sequence = area.sequence;
  let free = area.rest;
  let begun = false;

  /** Writes and looks whether the flash took it. */
  function written(at: number, bytes: string): boolean {
    flash.write(bytes, at);
    return flash.read(bytes.length, at) == bytes;
  }

  /** Tells of a `put` that has not come to its end. */
  function check(): void {
    if (begun && failed) failed();
    begun = false;
  }

  /**
   * Appends the changes to the block, or starts the next one with the whole state: each is tried once, one that is worn
   * out is passed over, and the block that counts is left alone. Anything here may be interrupted for want of stack or
   * memory, so what is known of the flash changes only when it is verified, and until then the next change goes to a
   * fresh block. Not split: it runs deep in the stack.
   */
  function put(changes: Changes): void {
    let state = lost;
    if (!changes.length) return;
    check();
    begun = true;
    if (after) after(0, check);
    let to = block;
    let offset = free;
    let nodes = changes;
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
        if (end > BLOCK_SIZE) return check();
        flash.erase(start);
      }
      if (
        end <= BLOCK_SIZE &&
        written(at, encodeRecord(content, crc32)) &&
        (to == block || written(start, encodeBlockHeader(sequence, crc32)))
      ) {
        const next: Places = {};
        if (to == block) for (const key in places) next[key] = places[key];
        move(next, nodes, place);
        block = to;
        places = next;
        lost = undefined;
        free = end;
        begun = false;
        return;
      }
      if (to == block) {
        state = state || [];
        for (const key in lost ? {} : places) {
          const value = find(changesAt(flash, crc32, places[key], seal), +key);
          if (value !== undefined) state.push([+key, value]);
        }
        state = state
          .filter((node) => find(changes, node[0]) === undefined)
          .concat(changes.filter((node) => node[1] !== false));
        // A record says something: that of an empty state, what the changes leave of it.
        if (state.length) nodes = state;
      }
      to = (to + 1) % blocks;
      offset = BLOCK_START;
      sequence++;
    } while (to != block);
    // It holds until the power goes.
    lost = state;
    self.worn = true;
    check();
  }

  const self: Journal = {
    locked: area.locked,
    worn: false,
    place: () => placeOf(free, sequence),
    get: (key) => find(lost || changesAt(flash, crc32, places[key], seal), key),
    text: (key) => textOf(lost || changesAt(flash, crc32, places[key], seal), key),
    put: put,
    purge(changes) {
      const before = block;
      free = BLOCK_SIZE;
      put(changes.concat([[KEY_PURGE, true]]));
      // Refused: what the other blocks hold still counts. Or no block has taken it, and each was erased.
      if (block == before) return;
      // All of them: an erasure that was cut off may look like one that was not.
      for (let i = 1; i < blocks; i++) flash.erase((first + ((block + i) % blocks)) * BLOCK_SIZE);
      put([[KEY_PURGE, false]]);
    },
  };
  return self;
}
