/** The records that the device has published: their sole owner, and what makes packets of them. Sets of them have a bit each. */

import { encodeResponse, type Query, type Resource } from "./packets.js";
import { A, SRV, TXT } from "./records.js";

export const MDNS_PORT = 5353;
export const MDNS_GROUP = "224.0.0.251";
export const SECOND = 1000;
export const NO_LIMIT = 65535;
/** The set of all records. */
export const ALL = 31;

/** Sends one datagram. */
export type Send = (bytes: string, port: number, address: string) => void;
/** Calls back after milliseconds. */
export type Later = (callback: () => void, milliseconds: number) => void;

export interface Published {
  /** @returns whether they say something else than those before */
  replace(next: Resource[]): boolean;
  records(): Resource[];
  /** A response with a set of them. @see encodeResponse */
  packet(wanted: number, most: number, query?: Query): string;
}

/** What records say, without their names. */
const contentOf = (records: Resource[]): string => records.map((record) => record.data).join("");

/** @once */
export function createPublished(): Published {
  let records: Resource[] = [];

  const pick = (set: number): Resource[] => records.filter((_, i) => set & (1 << i));

  return {
    replace(next) {
      const news = contentOf(next) != contentOf(records);
      records = next;
      return news;
    },
    records: () => records,
    packet(wanted, most, query) {
      // What is asked for next is given at once (RFC 6763, 12).
      const more = (wanted & 2 ? (1 << SRV) | (1 << TXT) | (1 << A) : wanted & (1 << SRV) ? 1 << A : 0) & ~wanted;
      return encodeResponse(pick(wanted), pick(more), most, query);
    },
  };
}
