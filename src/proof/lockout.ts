/** Against guessing: after five wrong proofs in a row none is looked at for a while, then twice as long. A reboot forgets nothing. */

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

/**
 * @param now milliseconds that never jump
 * @param wrong sets, if it is handed a number, and returns how many proofs in a row were wrong, also before a reboot
 * @once
 */
export function createLockout(now: () => number, wrong: (value?: number) => number): Lockout {
  let end = 0;

  /** Also at boot: how much of the time was over is unknown by then. */
  function begin(count: number): void {
    const over = count - FREE_TRIES;
    if (over >= 0) end = now() + Math.min(LONGEST_WAIT, FIRST_WAIT << Math.min(over, 7)) * 1000;
  }

  begin(wrong());
  return {
    wait: () => Math.max(0, Math.ceil((end - now()) / 1000)),
    failed: () => begin(wrong(wrong() + 1)),
    passed() {
      if (wrong()) wrong(0);
    },
  };
}
