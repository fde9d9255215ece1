/** What sockets of a device share: their number, addresses, and a look at who listens before a connection is made. */

import { closeSync, existsSync, openSync, readSync } from "node:fs";

import type { Clock } from "../clock.js";
import type { Realm } from "../realm/realm.js";

/** Sockets of all kinds that lwIP gives to a device (CONFIG_LWIP_MAX_SOCKETS). */
const MOST_SOCKETS = 10;
/** Bytes that one read or write moves (network.c, chunkSize). */
export const CHUNK = 536;

/** Socket errors that device code can see (socketerrors.h). */
export const SOCKET_ERRORS = { unsent: { code: -8, message: "unsent data" } };

/** What the modules for sockets need from their device. */
export interface NetworkHost {
  readonly realm: Realm;
  readonly clock: Clock;
  /** Loopback address of all of the device's sockets. */
  readonly address: string;
  /** Runs something that came from outside as a job of the device. */
  job(work: () => void): void;
  /** Calls a function of the device after the current job. */
  queue(callback: unknown, self: object, args: unknown[]): void;
  print(line: string): void;
  /** A mistake that Espruino would punish in silence. */
  trap(message: string): void;
}

/** Everything open on one device, so that a power cut can close it. */
export class OpenSockets {
  private readonly closers = new Set<() => void | Promise<void>>();

  get full(): boolean {
    return this.closers.size >= MOST_SOCKETS;
  }

  /** @returns the function that gives the place back */
  add(close: () => void | Promise<void>): () => void {
    this.closers.add(close);
    return () => this.closers.delete(close);
  }

  async closeAll(): Promise<void> {
    const closers = [...this.closers];
    this.closers.clear();
    await Promise.all(closers.map((close) => close()));
  }
}

/** IPv4 loopback address of a host that a device names; undefined for everything that is not loopback. */
export function resolve(host: unknown): string | undefined {
  if (host === undefined || host === "localhost") return "127.0.0.1";
  return /^127(\.\d{1,3}){3}$/.test(String(host)) ? String(host) : undefined;
}

/** Whether it is the address of an IPv4 multicast group. */
export function isMulticast(address: unknown): address is string {
  return /^2(2[4-9]|3\d)(\.\d{1,3}){3}$/.test(String(address));
}

/** Local address of a socket as Linux writes it into /proc/net/tcp. */
function procAddress(address: string, port: number): string {
  const hex = Buffer.from(address.split(".").map(Number)).reverse().toString("hex").toUpperCase();
  return `${hex}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
/** State "listening" of a row, after the address of nobody. */
const LISTENING = /^\s*\d+: (\S+) 0+:0000 0A /;
const PIECE = 4096;

/** Local addresses of all sockets that listen, which Linux lists before the others; those take it long to list. */
function listening(table: string): string[] {
  const file = openSync(table, "r");
  const found: string[] = [];
  const piece = Buffer.alloc(PIECE);
  let rest = "";
  try {
    for (let size = readSync(file, piece); size; size = readSync(file, piece)) {
      const rows = (rest + piece.toString("latin1", 0, size)).split("\n");
      rest = rows.pop()!;
      const local = rows.filter((row) => !row.startsWith("  sl")).map((row) => LISTENING.exec(row)?.[1]);
      found.push(...local.filter((one) => one !== undefined));
      if (local.includes(undefined)) break;
    }
  } finally {
    closeSync(file);
  }
  return found;
}

/**
 * Whether somebody listens there. Device code learns at once that a connection is refused, and Node only later, so the
 * kernel's table is asked before; without one (not Linux) the answer is yes.
 */
export function isListening(address: string, port: number): boolean {
  if (!existsSync(TABLES[0])) return true;
  const wanted = [procAddress(address, port), procAddress("0.0.0.0", port)];
  // Behind IPv6's address of nobody, IPv4 is served as well.
  wanted.push(`${"0".repeat(32)}:${wanted[0].slice(-4)}`);
  return TABLES.filter(existsSync).some((table) => listening(table).some((local) => wanted.includes(local)));
}
