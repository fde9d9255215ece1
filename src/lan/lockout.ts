/** Against guessing: after five wrong proofs in a row nobody may try for a while, then twice as long. A reboot forgets nothing. */

import type { Hal } from "../hal/hal.js";
import type { Journal } from "../storage/journal.js";
import { KEY_WRONG_PROOFS } from "../storage/keys.js";

const FREE_TRIES = 5;
/** Seconds. */
const FIRST_WAIT = 30;
const LONGEST_WAIT = 3600;

export interface Lockout {
  /** Seconds until the next try is looked at, 0 when at once. */
  wait(): number;
  failed(): void;
  passed(): void;
}

/** @once */
export function createLockout(hal: Hal, journal: Journal): Lockout {
  let end = 0;

  /** Also at boot: how much of the time was over before nobody knows. */
  function begin(wrong: number): void {
    const over = wrong - FREE_TRIES;
    if (over >= 0) end = hal.now() + Math.min(LONGEST_WAIT, FIRST_WAIT << Math.min(over, 7)) * 1000;
  }

  function wrongProofs(): number {
    const value = journal.get(KEY_WRONG_PROOFS);
    return typeof value == "number" ? value : 0;
  }

  begin(wrongProofs());
  return {
    wait: () => Math.max(0, Math.ceil((end - hal.now()) / 1000)),
    failed() {
      const wrong = wrongProofs() + 1;
      journal.put([[KEY_WRONG_PROOFS, wrong]]);
      begin(wrong);
    },
    passed() {
      if (wrongProofs()) journal.put([[KEY_WRONG_PROOFS, false]]);
    },
  };
}
