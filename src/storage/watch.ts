/** Notices a `put` that has not come to its end: what interrupts it passes over catch and finally. */

import type { Hal } from "../hal/hal.js";

export interface Watch {
  begin(): void;
  end(): void;
  /** Tells of one that has begun and not ended. */
  check(): void;
}

/** @once */
export function createWatch(failed?: () => void, after?: Hal["after"]): Watch {
  let begun = false;

  function check(): void {
    if (begun && failed) failed();
    begun = false;
  }

  return {
    begin() {
      check();
      begun = true;
      if (after) after(0, check);
    },
    end() {
      begun = false;
    },
    check: check,
  };
}
