/**
 * Values of properties, to the bytes of TTLV and from its nodes. Without recursion: values nest to 16 levels, and the
 * stack is small.
 */

import { chars, u16 } from "../codec/bytes.js";
import type { Node } from "../codec/ttlv.js";
import { badValue, fitted, propertyOf } from "./model.js";

export type Values = Record<string, unknown>;

/** Type of a struct in a tag. */
const STRUCT = 4;
const MAX_DEPTH = 16;
/** Magnitudes are exact up to here. */
const MOST = 9007199254740992;

let encode: (nodes: Node[]) => string;

/** Hands in the codec of the library. */
export function useCodec(codec: typeof encode): void {
  encode = codec;
}

/** A value that waits to be encoded: id, value, and its depth. */
type Item = [number, unknown, number];

/** Whether the wire gives exactly this number back: at most 15 digits behind the point. */
function isCarried(value: number): boolean {
  const absolute = Math.abs(value);
  let digits = 16;
  let scale = 1;
  while (digits-- && Math.round(absolute * scale) / scale != absolute) scale *= 10;
  return digits >= 0 && absolute * scale <= MOST;
}

/** A byte string; "" for what is none. @throws Failure "value" for a character that is no byte */
export function bytesOf(name: string, value: unknown): string {
  let bytes = typeof value == "string" ? value : "";
  if (value instanceof Uint8Array) value.forEach((byte) => (bytes += chars(byte)));
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) > 255) throw badValue(name, value);
  return bytes;
}

/** @throws Failure "value" for what is no id */
function idOf(key: string): number {
  const id = +key;
  if (!id || (id & 8191) != id) throw badValue("id", key);
  return id;
}

/** The nodes of one property as bytes: headers of structs and arrays, and what is in them, in order. */
function encodeOne(name: string, id: number, value: unknown, raw: boolean): string {
  const todo: Item[] = [[id, value, 0]];
  let out = "";
  for (let item = todo.pop(); item; item = todo.pop()) {
    const tag = item[0];
    const now = item[1];
    const is = typeof now;
    const depth = item[2] + 1;
    if (is == "string" || now instanceof Uint8Array) {
      const bytes = bytesOf(name, now);
      out += encode([raw || is != "string" ? [tag, bytes, true] : [tag, bytes]]);
    } else if (is == "boolean" || (is == "number" && isCarried(now as number))) {
      out += encode([[tag, now as number]]);
    } else if (is != "object" || !now || depth > MAX_DEPTH) {
      throw badValue(name, now);
    } else {
      const keys = Object.keys(now);
      out += u16((tag << 3) | STRUCT) + u16(keys.length);
      for (let i = keys.length; i--;)
        todo.push([Array.isArray(now) ? 0 : idOf(keys[i]), (now as Values)[keys[i]], depth]);
    }
  }
  return out;
}

/**
 * The properties as bytes, by their id.
 * @throws Failure "value" for what cannot be sent, or does not fit the model
 */
export function encodeValues(values: Values): Record<string, string> {
  const parts: Record<string, string> = {};
  Object.keys(values).forEach((key) => {
    const property = propertyOf(key);
    const id = idOf(property ? property[1] : key);
    const value = property ? fitted(property, values[key]) : values[key];
    parts[id] = encodeOne(key, id, value, !!property && property[2].toLowerCase() == "r");
  });
  return parts;
}

/** The name of a property, or its id. */
export function keyOf(id: number): string | number {
  const property = propertyOf(id);
  return property ? property[0] : id;
}

/**
 * The values of a write: of an id that comes twice the first.
 * @throws when one of them may not be written, or does not fit the model
 */
export function writtenIn(nodes: Node[]): Values {
  const root: Values = {};
  const todo: [Node[], Values | unknown[]][] = [[nodes, root]];
  for (let item = todo.pop(); item; item = todo.pop()) {
    const into = item[1];
    item[0].forEach((node) => {
      const property = into == root ? propertyOf(node[0]) : undefined;
      const key = property ? property[0] : node[0];
      let value: unknown = node[1];
      if (typeof value == "object") {
        const inner = value as Node[];
        value = inner.length && inner[0][0] ? {} : [];
        todo.push([inner, value as Values]);
      }
      if (property) value = fitted(property, value, true);
      if (Array.isArray(into)) into.push(value);
      else if (into[key] === undefined) into[key] = value;
    });
  }
  return root;
}
