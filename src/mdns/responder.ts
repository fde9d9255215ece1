/**
 * When to say what by mDNS. Nobody can use it as an amplifier or to flood the network: a record is multicast once in a
 * second at most; answers to one asker alone are ten in a second, whoever it is, and go to addresses of the own network.
 */

import { decodeQuery, demand, encodeResponse, type Query, type Resource } from "./packets.js";
import { A, SRV, TXT } from "./records.js";

export const MDNS_PORT = 5353;
export const MDNS_GROUP = "224.0.0.251";
const ALL = 31;
const SECOND = 1000;
/** Answers to one asker alone in a second. */
const MAX_UNICAST = 10;
/** Seconds that a resolver which knows no mDNS may keep an answer (RFC 6762, 6.7). */
const LEGACY_TTL = 10;
const NO_LIMIT = 65535;

export interface Responder {
  /** The network is there, or what the device says has changed: announces it twice, a second apart. */
  publish(records: Resource[]): void;
  /** Takes everything back. @param farewell whether the network is still there to be told */
  withdraw(farewell: boolean): void;
  /** A datagram has come. @param near whether the sender's address is of the own network */
  received(bytes: string, address: string, port: number, near: boolean): void;
}

/**
 * @param send sends one datagram
 * @param later calls back after milliseconds
 * @param random 0 to below 1, so that many devices do not answer in the same instant
 */
export function createResponder(
  send: (bytes: string, port: number, address: string) => void,
  later: (callback: () => void, milliseconds: number) => void,
  random: () => number,
): Responder {
  let records: Resource[] = [];
  // Sets of records, a bit each.
  let recent = 0; // multicast within the last second
  let pending = 0; // to be multicast soon
  let waiting = false; // a timer runs for `pending`
  let announcing = false; // a timer runs for `rounds`
  let rounds = 0;
  let spent = 0; // answers to one asker alone, in this second

  function encode(wanted: number, most: number, query?: Query): string {
    // What is asked for next is given at once (RFC 6763, 12).
    const more = (wanted & 2 ? (1 << SRV) | (1 << TXT) | (1 << A) : wanted & (1 << SRV) ? 1 << A : 0) & ~wanted;
    const pick = (set: number): Resource[] => records.filter((_, i) => set & (1 << i));
    return encodeResponse(pick(wanted), pick(more), most, query);
  }

  function multicast(wanted: number): void {
    send(encode(wanted, NO_LIMIT), MDNS_PORT, MDNS_GROUP);
    recent |= wanted;
    later(() => {
      recent &= ~wanted;
    }, SECOND);
  }

  function flush(): void {
    const wanted = pending & ~recent;
    waiting = false;
    pending = 0;
    if (wanted && records.length) multicast(wanted);
  }

  function announce(): void {
    announcing = rounds > 0 && records.length > 0;
    if (!announcing) return;
    rounds--;
    multicast(ALL);
    later(announce, SECOND);
  }

  function answerAlone(wanted: number, query: Query, address: string, port: number): void {
    if (!spent) {
      later(() => {
        spent = 0;
      }, SECOND);
    }
    if (spent++ >= MAX_UNICAST) return;
    const legacy = port != MDNS_PORT;
    send(encode(wanted, legacy ? LEGACY_TTL : NO_LIMIT, legacy ? query : undefined), port, address);
  }

  return {
    publish(next) {
      const said = (list: Resource[]): string => list.map((record) => record.data).join("");
      const news = said(next) != said(records);
      if (!news) return;
      records = next;
      rounds = 2;
      if (!announcing) announce();
    },
    withdraw(farewell) {
      if (farewell && records.length) send(encode(ALL, 0), MDNS_PORT, MDNS_GROUP);
      records = [];
    },
    received(bytes, address, port, near) {
      const query = records.length ? decodeQuery(bytes) : undefined;
      if (!query) return;
      let alone = 0;
      let soon = 0;
      for (let i = 0; i < records.length; i++) {
        const wanted = demand(query, records[i]);
        if (wanted == 2 && port == MDNS_PORT) soon |= 1 << i;
        else if (wanted) alone |= 1 << i;
      }
      if (alone && near) answerAlone(alone, query, address, port);
      pending |= soon & ~recent;
      if (pending && !waiting) {
        waiting = true;
        later(flush, 20 + Math.floor(random() * 100));
      }
    },
  };
}
