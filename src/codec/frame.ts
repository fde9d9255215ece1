/**
 * The cloud's frame: AA AA, length, checksum, package id, command, data; 55 stuffed after AA.
 * Length counts from the checksum to the end of the data, before stuffing (data + 5).
 */

import { at16, chars, indexIn, sum8, u16 } from "./bytes.js";

export interface Frame {
  /** Package id, 1-0xFFFE; a device's pushes over LAN and BLE carry 0 [X], which is only encoded here. A response repeats the request's. */
  id: number;
  /** Command, 1-0xFFFE. */
  cmd: number;
  /** Content as a byte string, usually TTLV, may be empty. */
  data: string;
}

const HEADER = "\xaa\xaa";

/** The id that follows `id`: 1…0xFFFE, then 1 again; 0 and 0xFFFF are never used. */
export function nextPackageId(id: number): number {
  return id < 0xfffe ? id + 1 : 1;
}

/**
 * Encodes one frame. Every AA after the first is followed by 55 if AA, 55 or the end of the frame comes next; this
 * uniform rule differs from the vendor's encoder only where that one corrupts its own frames (command ending in AA).
 */
export function encodeFrame(id: number, cmd: number, data: string): string {
  const body = u16(id) + u16(cmd) + data;
  const parts = ("\xaa" + u16(body.length + 1) + chars(sum8(body)) + body).split("\xaa");
  let out = "\xaa";
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i];
    out += part == "" || part.charCodeAt(0) == 0x55 ? "\xaa\x55" + part : "\xaa" + part;
  }
  return out;
}

/** Drops every 55 that follows an AA, from the second AA of the header on. */
function unstuff(bytes: string): string {
  return bytes.substr(1).split("\xaa\x55").join("\xaa");
}

/** Reads an unstuffed frame that starts at the header's second AA and is known to be long enough. */
function parse(plain: string, length: number): Frame | undefined {
  const body = plain.substr(4, length - 1);
  const id = at16(body, 0);
  const cmd = at16(body, 2);
  if (sum8(body) != plain.charCodeAt(3)) return undefined;
  // Neither 0 nor FFFF.
  if (!(id % 0xffff && cmd % 0xffff)) return undefined;
  return { id: id, cmd: cmd, data: body.substr(4) };
}

/**
 * Decodes one whole message (MQTT delivers those). Bytes after the frame are ignored.
 * @returns undefined unless it starts with a complete, legal frame with the right checksum
 */
export function decodeFrame(bytes: string): Frame | undefined {
  if (bytes.substr(0, 2) != HEADER) return undefined;
  const plain = unstuff(bytes);
  const length = at16(plain, 1);
  return length >= 5 && plain.length >= length + 3 ? parse(plain, length) : undefined;
}

/** The offset of the next AA AA; of three AA in a row the last two are the header. */
function findHeader(buffer: string, from: number): number {
  let at = indexIn(buffer, HEADER, from);
  while (at >= 0 && buffer.charCodeAt(at + 2) == 0xaa) at++;
  return at;
}

/** The AA, two at most, with which these bytes end: the next header may begin there. */
function lastAA(bytes: string): string {
  let at = bytes.length;
  while (at > bytes.length - 2 && bytes.charCodeAt(at - 1) == 0xaa) at--;
  return bytes.substr(at);
}

/** What has come over a link (TCP, BLE), cut and glued anywhere. */
export interface FrameBuffer {
  /** Bytes that wait for the rest of their frame. */
  rest: string;
  /** Whether a frame over the limit was announced: nothing more is decoded, and the link must be closed. */
  broken: boolean;
}

/**
 * Takes the next whole frame off a buffer. AA AA always starts a new frame, so a damaged frame costs only itself.
 * @param limit largest frame in bytes, before stuffing
 * @returns undefined when bytes are missing, or when the buffer is broken
 */
export function nextFrame(buffer: FrameBuffer, limit: number): Frame | undefined {
  while (!buffer.broken) {
    const bytes = buffer.rest;
    const start = findHeader(bytes, 0);
    if (start < 0) {
      buffer.rest = lastAA(bytes);
      return undefined;
    }
    let next = findHeader(bytes, start + 2);
    // Apps send no 55 behind an AA that ends a frame [R5]: at the end of what has come, it may be that one.
    if (next + 2 == bytes.length) next = -1;
    const plain = unstuff(next < 0 ? bytes.substr(start) : bytes.substring(start, next));
    const length = at16(plain, 1);
    const whole = plain.length >= 3 && plain.length >= length + 3;
    if (plain.length >= 3 && length + 4 > limit) {
      buffer.broken = true;
    } else if (!whole && next < 0) {
      buffer.rest = bytes.substr(start);
      return undefined;
    } else {
      buffer.rest = next < 0 ? lastAA(plain.substr(length + 3)) : bytes.substr(next);
      const frame = whole && length >= 5 ? parse(plain, length) : undefined;
      if (frame) return frame;
    }
  }
  return undefined;
}
