/** MQTT 3.1.1 packets as byte strings. */

import { chars, u16 } from "../codec/bytes.js";

// First bytes of what a broker may send, but for PUBLISH, whose low four bits are flags.
export const CONNACK = 0x20;
export const PUBACK = 0x40;
export const SUBACK = 0x90;
export const PINGRESP = 0xd0;
export const PUBLISH = 3;

/** Packet id of SUBSCRIBE; no publish has it. */
export const SUBSCRIPTION = 0xffff;

export const PINGREQ = "\xc0\x00";
export const DISCONNECT = "\xe0\x00";

/** The length of the body is between: seven bits a byte, least significant first, at most four bytes. */
function packet(first: number, body: string): string {
  let length = body.length;
  let out = chars(first);
  do {
    const low = length & 127;
    length >>= 7;
    out += chars(length ? low | 128 : low);
  } while (length);
  return out + body;
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

/** The bytes of a connection. */
export interface PacketBuffer {
  /** Those that wait for the rest of their packet. */
  bytes: string;
  /** How many of a packet over the limit are still to come. */
  skip: number;
  /** Whether they cannot be MQTT: close the connection. */
  broken: boolean;
}

/** A new connection begins. */
export function clear(stream: PacketBuffer): void {
  stream.bytes = "";
  stream.skip = 0;
  stream.broken = false;
}

/**
 * Takes the next whole packet off the bytes, which arrive in any pieces. A packet over the limit is skipped without being
 * kept; a length that MQTT forbids breaks the stream.
 * @param limit largest packet body in bytes that is kept
 * @returns undefined when bytes are missing
 */
export function nextPacket(stream: PacketBuffer, limit: number): Packet | undefined {
  for (;;) {
    const bytes = stream.skip ? stream.bytes.substr(stream.skip) : stream.bytes;
    stream.skip = Math.max(0, stream.skip - stream.bytes.length);
    stream.bytes = bytes;
    let length = 0;
    let at = 1;
    let byte = 128;
    while (byte & 128) {
      if (at > 4) stream.broken = true;
      if (at > 4 || at >= bytes.length) return undefined;
      byte = bytes.charCodeAt(at);
      length |= (byte & 127) << (7 * (at - 1));
      at++;
    }
    if (length > limit) stream.skip = at + length;
    else if (at + length > bytes.length) return undefined;
    else {
      stream.bytes = bytes.substr(at + length);
      return { head: bytes.charCodeAt(0), body: bytes.substr(at, length) };
    }
  }
}
