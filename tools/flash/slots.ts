/** The state of the two application files, as the boot file sees it, and its changes. Each is one byte, so it is atomic. */

import {
  APP_FILE,
  ENTRY_SIZE,
  ERASED,
  FIRST,
  GOOD,
  lastEntry,
  otherThan,
  STATE_FILES,
  TRIALS,
} from "../../firmware/slots.js";
import type { Evaluator } from "./console.js";
import { eraseFile, readFile, writePiece } from "./files.js";

/** Room for 50 updates. */
const STATE_SIZE = 1 + 50 * ENTRY_SIZE;
const HEADER = "\x01";
const MARK = "\0";

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
}

export async function readSlots(device: Evaluator): Promise<Slots> {
  const onTrial = ((await device.eval("global.appIsGood?1:0")) as number) === 1;
  for (const file of STATE_FILES) {
    const state = (await readFile(device, file)) ?? "";
    const entry = lastEntry(state);
    if (!entry) continue;
    const marks = state.slice(entry, entry + ENTRY_SIZE);
    const trials = marks.slice(1, 1 + TRIALS).replaceAll(ERASED, "").length;
    return { file, state, entry, named: marks[0], good: marks[GOOD] !== ERASED, trials, onTrial };
  }
  return { file: STATE_FILES[0], state: "", entry: 0, good: false, trials: 0, onTrial: false };
}

/** The letter whose file runs now, or undefined when nothing was installed. */
export function runningLetter(slots: Slots): string | undefined {
  return slots.named && (slots.good || slots.onTrial ? slots.named : otherThan(slots.named));
}

/** Whether a new application gave up its trial and the other one runs. */
export function rolledBack(slots: Slots): boolean {
  return Boolean(slots.named) && !slots.good && !slots.onTrial && slots.trials === TRIALS;
}

/** The letter whose file may be written. */
export function freeLetter(slots: Slots): string {
  const running = runningLetter(slots);
  return running ? otherThan(running) : FIRST;
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
  const running = runningLetter(slots);
  if (!running) return;
  await writeEntry(device, next, 1, running, true);
  await eraseFile(device, slots.file);
}

/** Makes the next boot run this file: on trial, or for good. */
export async function pointTo(device: Evaluator, letter: string, good: boolean): Promise<void> {
  const slots = await readSlots(device);
  const at = slots.entry ? nextEntry(slots) : 0;
  if (at) return writeEntry(device, slots.file, at, letter, good);
  await moveOn(device, slots);
  if (!slots.entry) return writeEntry(device, slots.file, 1, letter, good);
  await pointTo(device, letter, good);
}

/** Before a file is written: nothing may boot it meanwhile, though an update that was cut short has named it. */
export async function release(device: Evaluator, slots: Slots, letter: string): Promise<void> {
  const running = runningLetter(slots);
  const wouldBoot = slots.named === letter && slots.trials < TRIALS && !slots.good;
  if (running && running !== letter && wouldBoot) await pointTo(device, running, true);
}
