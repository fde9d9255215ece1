/** What the application listens to. */

import { UNPACK_COMMAND } from "../codec/commands.js";

type Listener = (first?: unknown, second?: unknown) => void;

let listeners: [string, Listener][] = [];

export function listen(event: string, listener: Listener): void {
  listeners.push([event, listener]);
}

export function emptyListeners(): void {
  listeners = [];
}

/**
 * Calls each listener in a turn of its own, because this is deep in the stack.
 * @returns 0, or the code of 00A4 where nothing listens
 */
export function emit(event: string, first?: unknown, second?: unknown): number {
  let untaken = UNPACK_COMMAND;
  listeners.forEach((entry) => {
    if (entry[0] != event) return;
    untaken = 0;
    setTimeout(entry[1], 0, first, second);
  });
  return untaken;
}
