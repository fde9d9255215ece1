/** Counts what nothing has asked for. */

import type { Hal } from "../hal/hal.js";

/** Unsolicited packets within a second: one more ends the connection. */
const MOST_STRAYS = 20;

/**
 * @returns counts one more: whether they are too many
 * @once
 */
export function createStrays(hal: Hal): () => boolean {
  let strays = 0;
  let second = 0; // when their counting began

  return () => {
    const now = hal.now();
    if (now - second > 1000) {
      second = now;
      strays = 0;
    }
    return ++strays > MOST_STRAYS;
  };
}
