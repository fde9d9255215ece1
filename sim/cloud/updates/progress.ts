/** How far one device is with one update, and what its reports (0114) make of that. */
import * as protocol from "../../../src/codec/commands.js";

/** How it ended: updated, the device has failed or refused, or it had this version already. */
export type End = "updated" | "failed" | "refused" | "current";

export interface Progress {
  /** The release's id. */
  release: string;
  /** What the device has reported last, 0 before it has. */
  state: number;
  /** How often the download was interrupted. */
  interruptions: number;
  ended?: End;
}

/** What the cloud does next: send the file's place (0113), or the task (0111) once more. */
export type Next = "file" | "task" | "nothing";

/** Interruptions after which an update has failed. The vendor's SDK gives up at the sixth by itself. */
const MOST_INTERRUPTIONS = 6;

/** Whether the device works on it, so that nothing else may be begun. */
export function isUnderWay({ state, ended }: Progress): boolean {
  return !ended && state >= protocol.UPDATE_CONFIRMED;
}

/** Whether a report can be of it: also of one that was given up here, and goes on at the device. */
export function isOpen({ ended }: Progress, state: number): boolean {
  const fails = state === protocol.UPDATE_INTERRUPTED || state === protocol.UPDATE_FAILED;
  return !ended || (ended === "failed" && !fails);
}

/** The name of a state, as devices send it. */
export const stateName = (state: number): string => protocol.UPDATE_STATE_NAMES.split(",")[state] ?? "";

/** Takes one reported state. @returns what follows from it */
export function advance(progress: Progress, state: number): Next {
  const before = progress.state;
  progress.state = state;
  progress.ended = undefined;
  switch (state) {
    case protocol.UPDATE_CONFIRMED:
      return "file";
    case protocol.UPDATE_REFUSED:
      return end(progress, "refused");
    case protocol.UPDATE_DONE:
      return end(progress, "updated");
    case protocol.UPDATE_INTERRUPTED:
      return again(progress, "file");
    case protocol.UPDATE_FAILED:
      // It was confirmed and has never had the place of the file: nothing of it was tried.
      return before === protocol.UPDATE_CONFIRMED ? again(progress, "task") : end(progress, "failed");
    default:
      return "nothing";
  }
}

function end(progress: Progress, how: End): Next {
  progress.ended = how;
  return "nothing";
}

function again(progress: Progress, next: Next): Next {
  return ++progress.interruptions < MOST_INTERRUPTIONS ? next : end(progress, "failed");
}
