/** The files of updates in Storage: two applications, the manifest of each, and which one boots. Names Espruino's own. */

import {
  APP_FILE,
  ENTRY_SIZE,
  ERASED,
  FIRST,
  GOOD,
  HEADER,
  lastEntry,
  MARK,
  STATE_FILES,
  STATE_SIZE,
} from "./slots.js";
import { HASH, MAX_MANIFEST, PIECE, readManifest, type Manifest } from "./manifest.js";
import { slot, updates } from "./update.js";

/** The manifest of an application, and its signature, are in this and the letter. */
export const HEAD_FILE = "wb.m";

export const storage = require("Storage");

/** Bytes of a file; "" where there are none. */
export function read(file: string, offset?: number, length?: number): string {
  return storage.read(file, offset, length) || "";
}

export function readHead(letter: string): Manifest | undefined {
  return readManifest(read(HEAD_FILE + letter, 0, MAX_MANIFEST));
}

/** Whether bytes are a piece as the manifest of the letter has it. */
export function isPiece(letter: string, manifest: Manifest, piece: number, bytes: string): boolean {
  return updates.sha256(bytes) == read(HEAD_FILE + letter, manifest.signed - HASH * (manifest.pieces - piece), HASH);
}

/** Whether a piece is in flash as the manifest of the letter says. */
export function pieceHolds(letter: string, manifest: Manifest, piece: number): boolean {
  return isPiece(letter, manifest, piece, read(APP_FILE + letter, piece * PIECE, PIECE));
}

/**
 * Makes the next boots run an application: on trial, unless it is the one that runs now. Each write is one byte; that of
 * the letter, the last one, makes an entry count.
 */
export function pointTo(letter: string): void {
  const second = !lastEntry(read(STATE_FILES[0])) && lastEntry(read(STATE_FILES[1])) ? 1 : 0;
  const file = STATE_FILES[second];
  const other = STATE_FILES[1 - second];
  const state = read(file);
  const good = letter == slot;
  let at = lastEntry(state);
  if (good && (at ? state[at] == letter && state[at + GOOD] != ERASED : letter == FIRST)) return;
  do at = at ? at + ENTRY_SIZE : STATE_SIZE;
  while (state[at] && state.substr(at, ENTRY_SIZE) != ERASED.repeat(ENTRY_SIZE));
  if (state[at]) {
    if (good) storage.write(file, MARK, at + GOOD);
    storage.write(file, letter, at);
  } else {
    // A fresh file, which says the same as the old one as soon as it says anything.
    storage.erase(other);
    storage.write(other, HEADER, 0, STATE_SIZE);
    storage.write(other, MARK, 1 + GOOD);
    storage.write(other, slot, 1);
    if (read(other)[1] == slot) {
      storage.erase(file);
      pointTo(letter);
    }
  }
}
