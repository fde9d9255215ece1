/** The states of the session: offline, dialling, authenticating, online. */

// 1 is dialling: TCP (and TLS) opens.
const OFFLINE = 0; // stopped, or a timer runs to the next attempt
export const AUTHENTICATING = 2; // the cloud is asked for a DS: nothing is reported
export const ONLINE = 3; // with a DS: reports travel, the first of them behind CONNECT, before any answer

// Events
export const DIAL = 0;
export const ASK = 1; // TCP is open, and there is no DS
export const ENTER = 2; // TCP is open, with a DS
export const ISSUED = 3; // the cloud has issued a DS
export const END = 4; // failed, stopped, or to be opened anew

/** The next state by state and event; "-": the event does not count in this state. */
const NEXT =
  // DIAL ASK ENTER ISSUED END
  "1----" + // offline
  "-23-0" + // dialling
  "---30" + // authenticating
  "----0"; // online
const EVENTS = 5;

export interface Phase {
  current(): number;
  /** @returns whether the event counts in this state; it has led to the next then */
  step(event: number): boolean;
}

/** @once */
export function createPhase(): Phase {
  let state = OFFLINE;
  return {
    current: () => state,
    step(event) {
      const next = parseInt(NEXT.charAt(state * EVENTS + event));
      if (next >= 0) state = next;
      return next >= 0;
    },
  };
}
