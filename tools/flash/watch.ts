/** After a reboot: waits until the new application has said that it is good, has thrown, or the device has gone back. */

import { FailedError, messageOf } from "../../sim/errors.js";
import type { Evaluator } from "./console.js";
import { gaveUp, pointTo, readSlots, type Slots } from "./slots.js";

const PAUSE = 1000;

/** A console that can be lost and found again. */
export interface Reachable extends Evaluator {
  close(): void;
}

export interface Trial {
  /** Letter of the application that is tried; undefined when the device boots the one that it had. */
  letter?: string;
  /** Letter of the one to go back to. */
  previous?: string;
  /** Milliseconds. */
  timeout: number;
  /** Ends the waiting; the trial goes on. */
  signal?: AbortSignal;
  /** Finds the console again when it was lost. */
  open(): Promise<Reachable>;
  /** What the device has printed about an error that no code caught. */
  thrown(): string | undefined;
  /** Boots the device anew. */
  reboot(device: Evaluator): Promise<void>;
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How the trial has ended: "" well, else a sentence; undefined while it goes on. */
function endOf(slots: Slots, letter: string | undefined): string | undefined {
  if (!letter) return slots.running && "";
  if (slots.good && slots.running === letter) return "";
  if (!gaveUp(slots)) return undefined;
  const rest = slots.running === letter ? "it stays, as there is no other" : "the device has gone back to the old one";
  return `the new application never said that it is good: ${rest}`;
}

/** The application has thrown: the one before it takes its place at once. */
async function goBack(device: Reachable | undefined, trial: Trial, line: string): Promise<never> {
  const { letter, previous } = trial;
  if (!letter || !previous) throw new FailedError(`the application threw: ${line}`);
  try {
    const console = device ?? (await trial.open());
    await pointTo(console, previous, true);
    await trial.reboot(console);
  } catch (error) {
    throw new FailedError(`the new application threw: ${line}; going back failed (${messageOf(error)})`);
  }
  throw new FailedError(`the new application threw: ${line}; the device goes back to the old one`);
}

/** @throws FailedError when the application has thrown or not stayed, or nothing can be said in time */
export async function watchTrial(first: Reachable, trial: Trial): Promise<void> {
  const end = Date.now() + trial.timeout;
  let device: Reachable | undefined = first;
  let why = "";
  try {
    while (Date.now() < end) {
      await sleep(PAUSE);
      trial.signal?.throwIfAborted();
      let ended: string | undefined;
      try {
        device ??= await trial.open();
        ended = endOf(await readSlots(device), trial.letter);
      } catch (error) {
        why = `: ${messageOf(error)}`;
        device?.close();
        device = undefined;
      }
      const line = trial.thrown();
      if (line) await goBack(device, trial, line);
      if (ended === "") return;
      if (ended) throw new FailedError(ended);
    }
  } finally {
    device?.close();
  }
  throw new FailedError(`the new application has not said that it is good within ${trial.timeout / 1000} s${why}`);
}
