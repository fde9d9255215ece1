/** What is published is announced twice, a second apart. */

import type { Multicast } from "./multicast.js";
import { ALL, SECOND, type Later, type Published } from "./published.js";

const ROUNDS = 2;

/**
 * @returns begins with the first round
 * @once
 */
export function createAnnouncement(published: Published, multicast: Multicast, later: Later): () => void {
  let rounds = 0; // that are left
  let waiting = false; // a timer runs for them

  function announce(): void {
    waiting = rounds > 0 && published.records().length > 0;
    if (!waiting) return;
    rounds--;
    multicast.now(ALL);
    later(announce, SECOND);
  }

  return () => {
    rounds = ROUNDS;
    if (!waiting) announce();
  };
}
