/** One thing at a time: what is under way goes on in turns of the event loop, and the next thing takes its place. */

/** Seconds of a turn after which a step is the last one of it. */
const TURN = 0.005;

let turn = 0;

/** Whether anything was ever under way. */
export function begun(): boolean {
  return turn > 0;
}

/** What was to come does not. */
export function halt(): void {
  turn++;
}

/** Goes on with a step after some milliseconds, in place of what was to come. */
export function go(step: () => void, milliseconds: number): void {
  const mine = ++turn;
  setTimeout(() => {
    if (mine == turn) step();
  }, milliseconds);
}

/** Does a step again and again until it returns what follows. */
export function repeat(step: () => (() => void) | undefined): void {
  const end = getTime() + TURN;
  let next: (() => void) | undefined;
  do next = step();
  while (!next && getTime() < end);
  go(next || (() => repeat(step)), 0);
}
