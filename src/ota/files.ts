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
  otherThan,
  STATE_FILES,
  STATE_SIZE,
  TRIALS,
} from "./slots.js";
import { hashAt, MAX_MANIFEST, PIECE, readManifest, type Manifest } from "./manifest.js";

export { APP_FILE, otherThan };

/** The manifest of an application, and its signature, are in this and the letter. */
export const HEAD_FILE = "wb.m";
/** What Storage needs beyond the files: their headers, and a state file. */
const RESERVE = 1024;

export const storage = require("Storage");

export function readHead(letter: string): Manifest | undefined {
  const bytes = storage.read(HEAD_FILE + letter, 0, MAX_MANIFEST);
  return bytes ? readManifest(bytes) : undefined;
}

/** Whether a piece is in flash as the manifest of the letter says. */
export function pieceHolds(
  sha256: (bytes: string) => string,
  letter: string,
  manifest: Manifest,
  piece: number,
): boolean {
  const at = piece * PIECE;
  const app = APP_FILE + letter;
  const bytes = storage.read(app, at, Math.min(PIECE, manifest.size - at)) || "";
  return sha256(bytes) == storage.read(HEAD_FILE + letter, hashAt(manifest, piece), 32);
}

/** Whether Storage takes so many bytes without being compacted, which no power cut may interrupt. */
export function hasSpace(bytes: number): boolean {
  return storage.getStats().freeBytes >= bytes + RESERVE;
}

function writeEntry(file: string, at: number, letter: string, good: boolean): void {
  if (good) storage.write(file, MARK, at + GOOD);
  // It makes the entry count.
  storage.write(file, letter, at);
}

/**
 * Makes the next boots run an application: for good, or on trial. Each write is one byte.
 * @param running the letter of the application that runs
 */
export function pointTo(letter: string, good: boolean, running: string): void {
  let file = STATE_FILES[0];
  let state = storage.read(file) || "";
  if (!lastEntry(state)) {
    const other = storage.read(STATE_FILES[1]) || "";
    if (lastEntry(other)) {
      file = STATE_FILES[1];
      state = other;
    }
  }
  const empty = ERASED + ERASED + ERASED + ERASED + ERASED;
  const entry = lastEntry(state);
  let at = entry ? entry + ENTRY_SIZE : STATE_SIZE;
  while (at < STATE_SIZE && state.substr(at, ENTRY_SIZE) != empty) at += ENTRY_SIZE;
  if (at + ENTRY_SIZE > state.length) {
    // A fresh file, which says the same as the old one as soon as it says anything.
    const old = file;
    if (entry) file = STATE_FILES[old == STATE_FILES[0] ? 1 : 0];
    storage.erase(file);
    storage.write(file, HEADER, 0, STATE_SIZE);
    writeEntry(file, 1, running, true);
    if (entry) storage.erase(old);
    at = 1 + ENTRY_SIZE;
  }
  writeEntry(file, at, letter, good);
}

/** Before the other file is written: no boot may run it meanwhile, whatever was named before. */
export function release(running: string): void {
  for (let i = 0; i < STATE_FILES.length; i++) {
    const state = storage.read(STATE_FILES[i]) || "";
    const entry = lastEntry(state);
    if (!entry) continue;
    const marks = state.substr(entry, ENTRY_SIZE);
    const settled = marks[0] == running ? marks[GOOD] != ERASED : marks[GOOD] == ERASED && marks[TRIALS] != ERASED;
    if (!settled) pointTo(running, true, running);
    return;
  }
  if (running != FIRST) pointTo(running, true, running);
}
