/** One app over GATT: what is sent leaves as indications, a fragment after the other. */

import type { Link } from "../hal/hal.js";
import { noFragments, offer } from "./fragments.js";

/** Milliseconds between two fragments. Espruino tells no program that an app has confirmed one. */
const PACE = 50;
/** Most bytes that wait; an app that asks for more than it takes is given up. */
const MOST_WAITING = 4096;

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
  const fragments = noFragments();
  let open = true;
  let untold = true; // the owner has not ended it, and is to be told of its end
  let busy = false; // the next step is due

  /** Tells in a turn of its own: the owner may be in the middle of sending. */
  function giveUp(): void {
    open = false;
    fragments._bytes = "";
    later(() => hangUp(untold), 0);
  }

  function step(): void {
    if (!open) return;
    if (!fragments._bytes && untold) busy = false;
    else if (fragments._bytes && offer(fragments, indicate)) later(step, PACE);
    else giveUp();
  }

  return {
    open: () => open,
    heard: () => open && untold,
    close() {
      const wasHeard = open && untold;
      open = false;
      fragments._bytes = "";
      return wasHeard;
    },
    widen(bytes) {
      if (bytes > fragments._size) fragments._size = bytes;
    },
    // No function between: the owner calls these from its deepest place.
    send(bytes) {
      if (!open || !untold) return false;
      fragments._bytes += bytes;
      if (fragments._bytes.length > MOST_WAITING) giveUp();
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
