/** What flash holds of updates: the one that is under way, and the newest version that was ever good. */

import type { Updates } from "../binding/index.js";
import { findBytes, findNumber } from "../codec/ttlv.js";

// Ids of the nodes under KEY_UPDATE.
const COMPONENT = 1;
const TARGET = 2;
const STATE = 3;
const URL = 4;
const SIZE = 5;
const LETTER = 6;
const FLOOR = 7;
const CODE = 8;

export interface Update {
  component: string;
  target: string;
  /** UPDATE_…, as it was when it was written last. */
  state: number;
  url: string;
  size: number;
  /** The slot that it goes to. */
  letter: string;
  /** Why it has failed, or "". */
  code: string;
}

export function readFloor(core: Updates): string {
  return findBytes(core.task(), FLOOR) || "";
}

/** The update that a reboot has left, or undefined. */
export function readUpdate(core: Updates): Update | undefined {
  const nodes = core.task();
  const text = (id: number): string => findBytes(nodes, id) || "";
  const state = findNumber(nodes, STATE);
  if (!state) return undefined;
  return {
    component: text(COMPONENT),
    target: text(TARGET),
    state: state,
    url: text(URL),
    size: findNumber(nodes, SIZE) || 0,
    letter: text(LETTER),
    code: text(CODE),
  };
}

/** Writes both as one. @param update undefined: none is under way */
export function writeUpdate(core: Updates, update: Update | undefined, floor: string): void {
  core.task(
    update
      ? [
          [COMPONENT, update.component],
          [TARGET, update.target],
          [STATE, update.state],
          [URL, update.url],
          [SIZE, update.size],
          [LETTER, update.letter],
          [FLOOR, floor],
          [CODE, update.code],
        ]
      : [[FLOOR, floor]],
  );
}
