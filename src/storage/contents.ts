/** What the journal holds, as RAM knows it: where each value is in flash; or the values, when no block takes them. */

import type { Crc32 } from "../codec/record.js";
import { find, textOf, type Node, type Value } from "../codec/ttlv.js";
import type { FlashArea } from "../hal/hal.js";
import { changesAt, type Changes } from "./area.js";
import type { Seal } from "./seal.js";

/**
 * By key, the place of the record that has its value, as `placeOf` makes it, or "". The value stays in flash: a console
 * shows all of RAM.
 */
type Places = Record<number, string>;

export interface Contents {
  /** Whether no block has taken a change: the next boot starts from the same random state again. */
  worn(): boolean;
  get(key: number): Value | undefined;
  /** The text under a key, or "". */
  text(key: number): string;
  /** All values, changed. */
  changed(changes: Changes): Node[];
  /** At boot: a record at a place has these. */
  note(changes: Changes, place: string): void;
  /** These are at a place now. @param all whether they are all values */
  moved(changes: Changes, place: string, all: boolean): void;
  /** No block takes these values: they hold until the power goes. */
  lose(state: Node[]): void;
}

/** Notes where the values of these keys are now. */
function move(places: Places, changes: Changes, place: string): void {
  for (let i = 0; i < changes.length; i++) places[changes[i][0]] = changes[i][1] === false ? "" : place;
}

/** @once */
export function createContents(flash: FlashArea, crc32: Crc32, seal?: Seal): Contents {
  let places: Places = {};
  let lost: Node[] | undefined;
  let worn = false;

  return {
    worn: () => worn,
    get: (key) => find(lost || changesAt(flash, crc32, places[key], seal), key),
    text: (key) => textOf(lost || changesAt(flash, crc32, places[key], seal), key),
    changed(changes) {
      const state = lost || [];
      for (const key in lost ? {} : places) {
        const value = find(changesAt(flash, crc32, places[key], seal), +key);
        if (value !== undefined) state.push([+key, value]);
      }
      return state
        .filter((node) => find(changes, node[0]) === undefined)
        .concat(changes.filter((node) => node[1] !== false));
    },
    note: (changes, place) => move(places, changes, place),
    moved(changes, place, all) {
      const next: Places = {};
      if (!all) for (const key in places) next[key] = places[key];
      move(next, changes, place);
      places = next;
      lost = undefined;
    },
    lose(state) {
      lost = state;
      worn = true;
    },
  };
}
