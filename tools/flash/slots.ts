/** The state of the two application files, as the boot file sees it, and its changes. Each is one byte, so it is atomic. */

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
  SECOND,
  STATE_FILES,
  STATE_SIZE,
  TRIALS,
} from "../../src/ota/slots.js";
import type { Evaluator } from "./console.js";
import { eraseFile, fileSum, readFile, writePiece } from "./files.js";

export interface Slots {
  /** Name of the state file that counts, or of the one to be made. */
  file: string;
  state: string;
  /** Offset of the last entry, 0 when there is none. */
  entry: number;
  /** Letter that the last entry names; undefined when there is none. */
  named?: string;
  good: boolean;
  /** Trial boots so far. */
  trials: number;
  /** Whether what runs now is on trial. */
  onTrial: boolean;
  /** Letter of the application that runs, as the boot file says; undefined when it has started none. */
  running?: string;
  /** The letter whose file must not be written: of what runs, or else of what the next boot would run. */
  kept?: string;
}

async function readState(device: Evaluator): Promise<Omit<Slots, "onTrial" | "running" | "kept">> {
  for (const file of STATE_FILES) {
    const state = (await readFile(device, file)) ?? "";
    const entry = lastEntry(state);
    if (!entry) continue;
    const marks = state.slice(entry, entry + ENTRY_SIZE);
    const trials = marks.slice(1, 1 + TRIALS).replaceAll(ERASED, "").length;
    return { file, state, entry, named: marks[0], good: marks[GOOD] !== ERASED, trials };
  }
  return { file: STATE_FILES[0], state: "", entry: 0, good: false, trials: 0 };
}

export async function readSlots(device: Evaluator): Promise<Slots> {
  const asked = await device.eval("[global.appIsGood?1:0,global.appSlot||0]");
  const [onTrial, slot] = asked as [number, string | number];
  const state = await readState(device);
  const running = slot === FIRST || slot === SECOND ? slot : undefined;
  const slots: Slots = { ...state, onTrial: onTrial === 1, running, kept: running };
  if (running || !state.entry) return slots;
  const preferred = nextLetter(slots);
  for (const letter of [preferred, otherThan(preferred)]) {
    if (await fileSum(device, appFile(letter))) return { ...slots, kept: letter };
  }
  return slots;
}

/** Whether the trial of the application that is named goes on at the next boot. */
function isPending(slots: Slots): boolean {
  return slots.entry > 0 && !slots.good && slots.trials < TRIALS;
}

/** The letter that the next boot prefers, as the boot file decides: the other one runs only where its file is missing. */
export function nextLetter({ named = FIRST, entry, good, trials }: Slots): string {
  return entry && !good && trials === TRIALS ? otherThan(named) : named;
}

/** Whether every boot from now on runs this letter, whatever the other file holds. */
export function isSettled(slots: Slots, letter: string): boolean {
  return nextLetter(slots) === letter && !isPending(slots);
}

/** Whether the application that is named has given up its trial. */
export function gaveUp(slots: Slots): boolean {
  return slots.entry > 0 && !slots.good && !slots.onTrial && slots.trials === TRIALS;
}

/** The letter whose file may be written. */
export function freeLetter({ kept }: Slots): string {
  return kept ? otherThan(kept) : FIRST;
}

export function appFile(letter: string): string {
  return APP_FILE + letter;
}

/** Writes an entry where `slots` has room; its letter, which makes it count, last. */
async function writeEntry(device: Evaluator, file: string, at: number, letter: string, good: boolean): Promise<void> {
  if (good) await writePiece(device, file, at + GOOD, MARK);
  await writePiece(device, file, at, letter);
}

/** Offset where the next entry goes, or 0 when the file is full. */
function nextEntry({ state, entry }: Slots): number {
  for (let at = entry + ENTRY_SIZE; at + ENTRY_SIZE <= state.length; at += ENTRY_SIZE) {
    if (state.slice(at, at + ENTRY_SIZE) === ERASED.repeat(ENTRY_SIZE)) return at;
  }
  return 0;
}

/** A fresh state file, which says the same as the old one as soon as it says anything. */
async function moveOn(device: Evaluator, slots: Slots): Promise<void> {
  const next = slots.entry ? STATE_FILES.find((name) => name !== slots.file)! : slots.file;
  await eraseFile(device, next);
  await writePiece(device, next, 0, HEADER, STATE_SIZE);
  const letter = slots.kept ?? slots.named;
  if (!letter) return;
  await writeEntry(device, next, 1, letter, true);
  if (slots.entry) await eraseFile(device, slots.file);
}

/** Makes the next boot run this file: on trial, or for good. */
export async function pointTo(device: Evaluator, letter: string, good: boolean): Promise<void> {
  let slots = await readSlots(device);
  if (!slots.entry || !nextEntry(slots)) {
    await moveOn(device, slots);
    slots = await readSlots(device);
  }
  await writeEntry(device, slots.file, slots.entry ? nextEntry(slots) : 1, letter, good);
}

/** Before the free file is written: no boot may run it meanwhile, whatever has been named or tried before. */
export async function release(device: Evaluator, slots: Slots): Promise<void> {
  if (slots.kept && !isSettled(slots, slots.kept)) await pointTo(device, slots.kept, true);
}
