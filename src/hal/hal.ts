/** What the device code needs from the machine it runs on. Everything is handed in; espruino/ is its one implementation. */

import type { Wifi } from "./wifi.js";

/** A running timer. */
export interface Timer {
  _id: number | undefined;
}

/** One open connection of whatever transport. Bytes go out in the order given; nothing may be sent after `end`. */
export interface Transport {
  /** @returns false when the bytes are lost, and the connection with them */
  send(bytes: string): boolean | void;
  /** Closes after what was sent has left. */
  end(): void;
}

/** One of the network's. */
export interface Link extends Transport {
  /** @returns false when it is lost: more than 4 KiB wait already, the other end takes too little */
  send(bytes: string): boolean;
}

/** What a connection tells its owner. `closed` comes at most once, and nothing after the owner's `end`. */
export interface LinkEvents {
  opened?(): void;
  received(bytes: string): void;
  closed(): void;
}

export interface Address {
  address: string;
  port: number;
}

export interface Datagrams {
  /** Listens, and again whenever the socket closes by itself. */
  open(): void;
  close(): void;
  send(bytes: string, to: Address): void;
}

export interface TlsOptions {
  ca?: string;
  key?: string;
  cert?: string;
}

/** Raw flash: pages are erased to FF, a write can only clear bits. Offsets count from the area's start. */
export interface FlashArea {
  /** Address of the area, for a cloud that can have it elsewhere. */
  start?: number;
  erase(offset: number): void;
  write(bytes: string, offset: number): void;
  read(length: number, offset: number): string;
}

export interface Hal {
  /** Milliseconds since boot; never jumps, whatever happens to the wall clock. */
  now(): number;
  after(milliseconds: number, callback: () => void): Timer;
  /** Stops a timer; undefined and spent timers are fine. */
  cancel(timer: Timer | undefined): void;
  log(line: string): void;
  /** SHA-256: 32 bytes. */
  sha256(bytes: string): string;
  /** HMAC-SHA256 (RFC 2104): 32 bytes. The key may have any length. */
  hmac(key: string, message: string): string;
  /** AES-128-CBC without padding; `bytes` is a multiple of 16 long, `key` and `iv` are 16 bytes. */
  aes(encrypt: boolean, bytes: string, key: string, iv: string): string;
  base64(bytes: string): string;
  /** The bytes in a text of BASE64, a multiple of 4 printable characters long; rubbish for what is none. */
  fromBase64(text: string): string;
  crc32(bytes: string): number;
  /** What this moment has by chance: a fine clock, a random register of the radio. May be predictable, never fails. */
  noise(): string;
  /** The 64 KiB of flash that belong to the binding. */
  flash: FlashArea;
  /**
   * Opens a TCP or TLS connection. Blocks all JavaScript while it resolves and connects.
   * @returns the connection, or why there is none: FAIL_CLOUD_UNREACHABLE, FAIL_HOST_UNKNOWN or FAIL_TLS
   */
  connect(host: string, port: number, tls: TlsOptions | undefined, events: LinkEvents): Link | number;
  /** Listens on a TCP port; `accept` gives the events of each new connection. @returns what ends it */
  listen(port: number, accept: (link: Link) => LinkEvents): () => void;
  /** A UDP port, closed at first. */
  udp(port: number, received: (bytes: string, from: Address) => void): Datagrams;
  /** Turns off the consoles that need no password. @param password locks the one that stays, unless it is "" */
  closeDoors(password: string): void;
  /** Whether there is a `sha256` and an `aes`. */
  crypto: boolean;
  /** Whether `connect` knows TLS. */
  tls: boolean;
  wifi(): Wifi;
  /** Name of the board and version of the interpreter, for reports. */
  board: string;
  version: string;
}
