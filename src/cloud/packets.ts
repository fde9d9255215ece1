/** MQTT 3.1.1 packets as byte strings. */

import { chars, u16 } from "../codec/bytes.js";

// First bytes of what a broker may send, but for PUBLISH, whose low four bits are flags.
export const CONNACK = 0x20;
export const PUBACK = 0x40;
export const SUBACK = 0x90;
export const PINGRESP = 0xd0;
export const PUBLISH = 3;

export const PINGREQ = "\xc0\x00";
export const DISCONNECT = "\xe0\x00";

/** Remaining length: seven bits a byte, least significant first, at most four bytes. */
function remaining(length: number): string {
  let out = "";
  do {
    const low = length & 127;
    length >>= 7;
    out += chars(length ? low | 128 : low);
  } while (length);
  return out;
}

function packet(first: number, body: string): string {
  const length = remaining(body.length);
  return chars(first) + length + body;
}

function text(bytes: string): string {
  return u16(bytes.length) + bytes;
}

export interface Connect {
  clientId: string;
  /** Absent by default: the cloud's devices send a password alone (flags 0x42), which MQTT 3.1.1 forbids. */
  user?: string;
  pass: string;
  /** Seconds, 1-65535. */
  alive: number;
}

/** CONNECT with a clean session and no will. */
export function connectPacket(options: Connect): string {
  const username = options.user;
  const flags = username === undefined ? 0x42 : 0xc2;
  const user = username === undefined ? "" : text(username);
  const header = text("MQTT") + "\x04" + chars(flags) + u16(options.alive);
  return packet(0x10, header + text(options.clientId) + user + text(options.pass));
}

/** SUBSCRIBE to one filter with QoS 1. */
export function subscribePacket(id: number, filter: string): string {
  return packet(0x82, u16(id) + text(filter) + "\x01");
}

/** PUBLISH with QoS 1, or with QoS 0 when `id` is 0. */
export function publishPacket(id: number, topic: string, payload: string): string {
  return packet(id ? 0x32 : 0x30, text(topic) + (id ? u16(id) : "") + payload);
}

/** The same PUBLISH, marked as sent before (DUP). */
export function duplicateOf(publish: string): string {
  return chars(publish.charCodeAt(0) | 8) + publish.substr(1);
}

export function pubackPacket(id: number): string {
  return "\x40\x02" + u16(id);
}

/** One packet as it came. */
export interface Packet {
  /** Type in the high four bits, flags in the low ones. */
  head: number;
  body: string;
}

/** Bytes of one connection after the other, cut into packets. */
export interface PacketStream {
  /** Whether the bytes cannot be MQTT: close the connection. */
  broken: boolean;
  /** Bytes that wait for the rest of their packet. */
  buffer: string;
  /** Forgets what came: a new connection begins. */
  reset(): void;
  push(bytes: string): void;
  /** Takes the next whole packet off the stream; undefined when bytes are missing. */
  next(): Packet | undefined;
}

/**
 * Cuts packets out of a stream of bytes that arrives in any pieces. A packet over the limit is skipped without being
 * kept; a length that MQTT forbids ends the stream.
 * @once
 * @param limit largest packet body in bytes that is kept
 */
export function createPacketStream(limit: number): PacketStream {
  let skip = 0;

  const self: PacketStream = {
    broken: false,
    buffer: "",
    reset() {
      self.buffer = "";
      skip = 0;
      self.broken = false;
    },
    push(bytes) {
      const skipped = Math.min(skip, bytes.length);
      skip -= skipped;
      self.buffer += bytes.substr(skipped);
    },
    next() {
      const buffer = self.buffer;
      let length = 0;
      let at = 1;
      let byte = 128;
      while (byte & 128) {
        if (at > 4) self.broken = true;
        if (at > 4 || at >= buffer.length) return undefined;
        byte = buffer.charCodeAt(at);
        length |= (byte & 127) << (7 * (at - 1));
        at++;
      }
      const end = at + length;
      if (length > limit) {
        skip = Math.max(0, end - buffer.length);
        self.buffer = buffer.substr(end);
        return self.next();
      }
      if (end > buffer.length) return undefined;
      self.buffer = buffer.substr(end);
      return { head: buffer.charCodeAt(0), body: buffer.substr(at, length) };
    },
  };
  return self;
}
