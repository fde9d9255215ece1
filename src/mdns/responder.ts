/**
 * When to say what by mDNS. Nobody can use it as an amplifier or to flood the network: what is multicast and what is
 * answered to one asker alone is limited, and such answers go to addresses of the own network.
 */

import { createAnnouncement } from "./announcement.js";
import { createMulticast } from "./multicast.js";
import { decodeQuery, demand, type Resource } from "./packets.js";
import { ALL, createPublished, MDNS_GROUP, MDNS_PORT, type Later, type Send } from "./published.js";
import { createUnicast } from "./unicast.js";

export interface Responder {
  /** The network is there, or what the device says has changed: announces it twice, a second apart. */
  publish(next: Resource[]): void;
  /** Takes everything back. @param farewell whether the network is still there to be told */
  withdraw(farewell: boolean): void;
  /** A datagram has come. @param near whether the sender's address is of the own network */
  received(bytes: string, address: string, port: number, near: boolean): void;
}

/**
 * @param random 0 to below 1, so that many devices do not answer in the same instant
 * @once
 */
export function createResponder(send: Send, later: Later, random: () => number): Responder {
  const published = createPublished();
  const multicast = createMulticast(published, send, later, random);
  const announce = createAnnouncement(published, multicast, later);
  const answer = createUnicast(published, send, later);

  return {
    publish(next) {
      if (published.replace(next)) announce();
    },
    withdraw(farewell) {
      if (farewell && published.records().length) send(published.packet(ALL, 0), MDNS_PORT, MDNS_GROUP);
      published.replace([]);
    },
    received(bytes, address, port, near) {
      const records = published.records();
      const query = records.length ? decodeQuery(bytes) : undefined;
      if (!query) return;
      let alone = 0;
      let soon = 0;
      for (let i = 0; i < records.length; i++) {
        const wanted = demand(query, records[i]);
        if (wanted == 2 && port == MDNS_PORT) soon |= 1 << i;
        else if (wanted) alone |= 1 << i;
      }
      if (alone && near) answer(alone, query, address, port);
      multicast.soon(soon);
    },
  };
}
