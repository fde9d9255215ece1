/** What is told to the whole network: a record once in a second at most. */

import { MDNS_GROUP, MDNS_PORT, NO_LIMIT, SECOND, type Later, type Published, type Send } from "./published.js";

export interface Multicast {
  /** Tells a set of records at once. */
  now(wanted: number): void;
  /** Tells a set of records soon, but for those that it has told within the last second. */
  soon(wanted: number): void;
}

/** @once */
export function createMulticast(published: Published, send: Send, later: Later, random: () => number): Multicast {
  let recent = 0; // told within the last second
  let pending = 0; // to be told soon
  let waiting = false; // a timer runs for them

  function now(wanted: number): void {
    send(published.packet(wanted, NO_LIMIT), MDNS_PORT, MDNS_GROUP);
    recent |= wanted;
    later(() => {
      recent &= ~wanted;
    }, SECOND);
  }

  function flush(): void {
    const wanted = pending & ~recent;
    waiting = false;
    pending = 0;
    if (wanted && published.records().length) now(wanted);
  }

  return {
    now: now,
    soon(wanted) {
      pending |= wanted & ~recent;
      if (!pending || waiting) return;
      waiting = true;
      later(flush, 20 + Math.floor(random() * 100));
    },
  };
}
