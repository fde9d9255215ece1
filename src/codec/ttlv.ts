/** TTLV, the content of most frames: a 16-bit tag (id << 3 | type), then the value. */

import { at16, chars, u16 } from "./bytes.js";

/** Text and bytes are both byte strings; a struct is a list of nodes, an array one whose nodes all have id 0. */
export type Value = boolean | number | string | Node[];

/** Id 0 (array element) to 8191, its value, and a mark on strings that are bytes, not text: type 5 on the wire [R5]. */
export type Node = [id: number, value: Value, raw?: true];

/** The content of a frame: nodes, or bytes. */
export type Content = Node[] | string;

const NUMBER = 2;
const TEXT = 3;
const STRUCT = 4;
const RAW = 5;

/** Deepest nesting that is decoded; the reference has no limit. */
const MAX_DEPTH = 16;
/** Most nodes in one message that are decoded, so that a small message cannot fill a small heap. */
const MAX_NODES = 128;

/** Sign, decimal exponent and magnitude: shortest decimal that gives the number back, at most 15 digits after the point. */
function encodeNumber(value: number): string {
  const absolute = Math.abs(value);
  let exponent = 0;
  let scale = 1;
  let magnitude = Math.round(absolute);
  while (magnitude / scale != absolute && exponent < 15) {
    exponent++;
    scale *= 10;
    magnitude = Math.round(absolute * scale);
  }
  // The last digit is cut, not rounded, as the reference does.
  if (magnitude / scale > absolute) magnitude--;
  let bytes = "";
  do {
    bytes = chars(magnitude % 256) + bytes;
    magnitude = Math.floor(magnitude / 256);
  } while (magnitude > 0);
  return chars((value < 0 ? 128 : 0) | (exponent << 3) | (bytes.length - 1)) + bytes;
}

function encodeNode(node: Node): string {
  const tag = node[0] << 3;
  const value = node[1];
  if (typeof value == "boolean") return u16(tag | (value ? 1 : 0));
  if (typeof value == "number") {
    const number = encodeNumber(value);
    return u16(tag | NUMBER) + number;
  }
  const type = typeof value != "string" ? STRUCT : node[2] ? RAW : TEXT;
  return u16(tag | type) + u16(value.length) + encodeTtlv(value);
}

/**
 * Encodes nodes in the order given. Ids 0-8191; numbers are finite; strings are byte strings up to 65,535 bytes. Content
 * that is bytes already stays as it is.
 */
export function encodeTtlv(nodes: Content): string {
  return typeof nodes == "string" ? nodes : nodes.map(encodeNode).join("");
}

/** The unsigned big-endian number in `length` bytes; exact up to 2^53. */
function magnitudeAt(bytes: string, offset: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + bytes.charCodeAt(offset + i);
  return value;
}

/** The number whose flag byte is `flag` and whose magnitude starts at `offset`: one division, so that no error adds up. */
function decodeNumber(bytes: string, flag: number, offset: number): number {
  let scale = 1;
  for (let e = (flag >> 3) & 15; e > 0; e--) scale *= 10;
  const value = magnitudeAt(bytes, offset, (flag & 7) + 1) / scale;
  return flag & 128 ? 0 - value : value;
}

/**
 * Decodes a whole message, all or nothing, without recursion.
 * @returns undefined for an empty, truncated or malformed message, more than 16 levels or 128 nodes
 */
export function decodeTtlv(bytes: string): Node[] | undefined {
  const root: Node[] = [];
  const stack: [Node[], number][] = [];
  const end = bytes.length;
  let list = root;
  let left = -1; // children still to come in `list`; negative at the top, where the message's end decides
  let count = 0;
  let at = 0;
  while (at + 2 <= end && ++count <= MAX_NODES) {
    const tag = at16(bytes, at);
    const type = tag & 7;
    const id = tag >> 3;
    let value: Value = type == 1;
    let children = -1;
    at += 2;
    if (type > 1) {
      const header = type == NUMBER ? 1 : 2;
      if (type > RAW || at + header > end) return undefined;
      const size = header == 1 ? bytes.charCodeAt(at) : at16(bytes, at);
      at += header;
      if (type == STRUCT) {
        value = [];
        children = size;
      } else {
        const length = type == NUMBER ? (size & 7) + 1 : size;
        if (at + length > end) return undefined;
        value = type == NUMBER ? decodeNumber(bytes, size, at) : bytes.substr(at, length);
        at += length;
      }
    }
    // An array element may not be followed by a named sibling.
    if (id && list.length && !list[list.length - 1][0]) return undefined;
    list.push(type == RAW ? [id, value, true] : [id, value]);
    left--;
    if (children > 0) {
      if (stack.length >= MAX_DEPTH) return undefined;
      stack.push([list, left]);
      list = value as Node[];
      left = children;
    }
    while (left == 0) {
      const parent = stack.pop()!;
      list = parent[0];
      left = parent[1];
    }
  }
  return at == end && !stack.length && count ? root : undefined;
}

/** The value of the first node with that id, or undefined. */
export function find(nodes: Node[], id: number): Value | undefined {
  for (let i = 0; i < nodes.length; i++) if (nodes[i][0] == id) return nodes[i][1];
  return undefined;
}

/** As `find`, but undefined unless the value is a byte string: text or bytes. */
export function findBytes(nodes: Node[], id: number): string | undefined {
  const value = find(nodes, id);
  return typeof value == "string" ? value : undefined;
}

/** The same; "" where there is none. */
export function textOf(nodes: Node[], id: number): string {
  return findBytes(nodes, id) || "";
}

/** As `find`, but undefined unless the value is a number. */
export function findNumber(nodes: Node[], id: number): number | undefined {
  const value = find(nodes, id);
  return typeof value == "number" ? value : undefined;
}
