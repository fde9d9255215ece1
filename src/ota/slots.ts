/**
 * Which of two application files boots. A state file has one byte of header, then one entry for each update: the letter
 * of the file, three marks of trial boots, and the mark that it is good. Erased bytes are FF, and each byte is written
 * once, alone: a power cut leaves it either way. Shared by the boot file, the module for updates and the flashing tool.
 */

/** The state files; when one is full the other goes on. The first that has an entry counts. */
export const STATE_FILES = ["wb.s", "wb.t"];
/** An application file is this and a letter. */
export const APP_FILE = "wb.";
export const FIRST = "a";
export const SECOND = "b";
export const ERASED = "\xff";
/** How often a new application may boot without saying that it is good. */
export const TRIALS = 3;
/** Offset of the good mark in an entry. */
export const GOOD = TRIALS + 1;
export const ENTRY_SIZE = TRIALS + 2;
/** A state file has space for 50 updates. */
export const STATE_SIZE = 1 + 50 * ENTRY_SIZE;
export const HEADER = "\x01";
export const MARK = "\0";

/** The letter of the other file. */
export function otherThan(letter: string): string {
  return letter == FIRST ? SECOND : FIRST;
}

/** Offset of the last entry, or 0. A letter that was torn by a power cut is neither, and its entry does not count. */
export function lastEntry(state: string): number {
  let entry = 0;
  for (let at = 1; at + ENTRY_SIZE <= state.length; at += ENTRY_SIZE) {
    if (state[at] == FIRST || state[at] == SECOND) entry = at;
  }
  return entry;
}
