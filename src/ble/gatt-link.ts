/** One app over GATT: what is sent leaves as indications, a fragment after the other. */

import type { Link } from "../hal/hal.js";

/** Milliseconds between two fragments. Espruino tells no program that an app has confirmed one. */
const PACE = 50;
/** Most bytes that wait; an app that asks for more than it takes is given up. */
const MOST_WAITING = 4096;
/** Times that a fragment is offered to a Bluetooth stack that is busy. */
const MOST_TRIES = 20;

export interface GattLink extends Link {
  /** False when the app is given up, or has gone: nothing more leaves. */
  open(): boolean;
  /** Whether the owner has not ended it either. */
  heard(): boolean;
  /** The app has gone. @returns whether the owner is to be told */
  close(): boolean;
  /** The app has written so many bytes at once: an MTU is the same both ways. */
  widen(bytes: number): void;
}

/**
 * @param indicate sends a fragment; throws while the stack is busy
 * @param hangUp ends the connection; tells whether the owner has yet to hear of it
 */
export function createGattLink(
  indicate: (fragment: string) => void,
  hangUp: (untold: boolean) => void,
  later: (callback: () => void, milliseconds: number) => void,
): GattLink {
  // Espruino tells no program which MTU was agreed on: at first the smallest one, 23, without its header, and then as
  // much as the app has shown.
  let fragment = 20;
  let queue = "";
  let open = true;
  let untold = true; // the owner has not ended it, and is to be told of its end
  let busy = false;
  let tries = 0;

  function gone(): void {
    hangUp(untold);
  }

  /** Tells in a turn of its own: the owner may be in the middle of sending. */
  function giveUp(): void {
    open = false;
    queue = "";
    later(gone, 0);
  }

  function offer(): void {
    try {
      indicate(queue.substr(0, fragment));
      queue = queue.substr(fragment);
      tries = 0;
    } catch {
      tries++;
    }
  }

  function step(): void {
    if (!open) return;
    if (queue) {
      offer();
      if (tries < MOST_TRIES) later(step, PACE);
      else giveUp();
    } else if (untold) {
      busy = false;
    } else {
      giveUp();
    }
  }

  return {
    open: () => open,
    heard: () => open && untold,
    close() {
      const wasHeard = open && untold;
      open = false;
      queue = "";
      return wasHeard;
    },
    widen(bytes) {
      if (bytes > fragment) fragment = bytes;
    },
    // No function between: the owner calls these from its deepest place.
    send(bytes) {
      if (!open || !untold) return false;
      queue += bytes;
      if (queue.length > MOST_WAITING) giveUp();
      else if (!busy) {
        busy = true;
        later(step, 0);
      }
      return open;
    },
    end() {
      untold = false;
      if (busy) return;
      busy = true;
      later(step, 0);
    },
  };
}
