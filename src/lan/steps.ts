/** The states of provisioning: what each does at each event, and the one timer. */

import type { Hal, Timer } from "../hal/hal.js";

// States: the first four are STATE_IDLE to STATE_CONNECTING, the others are shown as the two before
export const IDLE = 0; // no network is wanted
export const PAIRING = 1; // waits for an app
export const JOINING = 2; // the saved network, now or after a pause
export const CONNECTED = 3; // on the saved network
export const TRYING = 4; // an app's network
export const PROVING = 5; // on it, until the cloud has the code

// Events
export const START = 0; // the device boots
export const PAIR = 1; // the owner wants another network
export const BROUGHT = 2; // an app brings one
export const JOINED = 3;
export const FAILED = 4; // it could not be joined
export const LOST = 5;
const TIME = 6; // the state's own timer
export const REPORTED = 7; // the cloud has acknowledged the code
export const REFUSED = 8; // the cloud cannot be used, and waiting does not help

/** What each state does at each event, by the letter of an action; a dot ignores it. */
const TABLE =
  // START, PAIR, BROUGHT, JOINED, FAILED, LOST, TIME, REPORTED, REFUSED
  "jp......." + // IDLE
  ".pt...g.." + // PAIRING
  ".p.cr.j.." + // JOINING
  ".p...r..." + // CONNECTED
  ".p.vf.a.." + // TRYING
  ".p...ffkf"; // PROVING
const EVENTS = 9;

export interface Steps {
  current(): number;
  /** @param problem FAIL_… that comes with the event */
  fire(event: number, problem?: number): void;
  /** The next state, of which nothing is told. @param milliseconds to its TIME, if it has one */
  go(next: number, milliseconds?: number): void;
  /** As `go`, and tells. @param problem FAIL_… of the attempt that ended */
  enter(next: number, milliseconds?: number, problem?: number): void;
}

/**
 * @param told told of each state, as STATE_…
 * @param act does what a letter of the table stands for
 * @once
 */
export function createSteps(
  hal: Hal,
  told: (state: number, problem?: number) => void,
  act: (letter: string, problem?: number) => void,
): Steps {
  let state = IDLE;
  let timer: Timer | undefined; // TIME

  function fire(event: number, problem?: number): void {
    act(TABLE.charAt(state * EVENTS + event), problem);
  }

  function go(next: number, milliseconds?: number): void {
    state = next;
    hal.cancel(timer);
    if (milliseconds !== undefined) timer = hal.after(milliseconds, () => fire(TIME));
  }

  return {
    current: () => state,
    fire: fire,
    go: go,
    enter(next, milliseconds, problem) {
      go(next, milliseconds);
      told(next > CONNECTED ? next - 2 : next, problem);
    },
  };
}
