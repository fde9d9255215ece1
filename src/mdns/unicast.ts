/** Answers to one asker alone: ten in a second, whoever it is. */

import type { Query } from "./packets.js";
import { MDNS_PORT, NO_LIMIT, SECOND, type Later, type Published, type Send } from "./published.js";

/** Answers in a second. */
const MOST = 10;
/** Seconds that a resolver which knows no mDNS may keep an answer (RFC 6762, 6.7). */
const LEGACY_TTL = 10;

/** Answers a query with a set of records, if it may. */
export type Unicast = (wanted: number, query: Query, address: string, port: number) => void;

/** @once */
export function createUnicast(published: Published, send: Send, later: Later): Unicast {
  let spent = 0; // answers in this second

  function renew(): void {
    spent = 0;
  }

  return (wanted, query, address, port) => {
    if (!spent) later(renew, SECOND);
    if (spent++ >= MOST) return;
    const legacy = port != MDNS_PORT;
    send(published.packet(wanted, legacy ? LEGACY_TTL : NO_LIMIT, legacy ? query : undefined), port, address);
  };
}
