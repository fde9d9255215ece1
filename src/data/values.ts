/**
 * Values of properties, to the bytes of TTLV and from its nodes. Without recursion: values nest to 16 levels, and the
 * stack is small. The build puts this file into one function: on a device all of it is made when a codec is, and gone
 * after the use of that.
 */

import { chars } from "../codec/bytes.js";
import { CMD_RAW_UP, CMD_READ_ANSWER } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import { badValue, fitted, propertyOf, useModel } from "./model.js";
import type { Body } from "./queue.js";

export type Values = Record<string, unknown>;

/** Type of a struct in a tag. */
const STRUCT = 4;
const MAX_DEPTH = 16;
/** Magnitudes are exact up to here. */
const MOST = 9007199254740992;
type Encode = (nodes: Node[]) => string;

export interface Codec {
  /**
   * The body of a frame: values, and bytes of a 0024.
   * @throws Failure "value" for what cannot be sent, does not fit the model, or is too long
   */
  encode(cmd: number, values: unknown): Body;
  /**
   * The values of a write: of an id that comes twice the first.
   * @throws Failure "value" when one of them may not be written, or does not fit the model
   */
  written(nodes: Node[]): Values;
  /** The names of the properties that a read asks for, or their ids. */
  ids(data: string): (string | number)[];
}

let encode: Encode;

/** A value that waits to be encoded: id, value, and its depth. */
type Item = [number, unknown, number];

/** Whether the wire gives exactly this number back: at most 15 digits behind the point. */
function isCarried(value: number): boolean | 0 {
  const absolute = Math.abs(value);
  let digits = 16;
  let scale = 1;
  for (; digits && Math.round(absolute * scale) / scale != absolute; digits--) scale *= 10;
  return digits && absolute * scale <= MOST;
}

/** A byte string; "" for what is none. @throws Failure "value" for a character that is no byte */
function bytesOf(name: string, value: unknown): string {
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
  const waiting: Item[] = [[id, value, 0]];
  let out = "";
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    const tag = item[0];
    const now = item[1];
    const is = typeof now;
    const depth = item[2] + 1;
    if (is == "string" || now instanceof Uint8Array) {
      const bytes = bytesOf(name, now);
      out += encode([raw || is != "string" ? [tag, bytes, true] : [tag, bytes]]);
    } else if (is == "boolean" || (is == "number" && isCarried(now as number))) {
      out += encode([[tag, now as number]]);
    } else if (is != "object" || !now) {
      throw badValue(name, now);
    } else {
      const list = Array.isArray(now);
      const keys = Object.keys(now);
      // Not the value: one that holds itself has no end as a text. A hole would make another array of it.
      if (depth > MAX_DEPTH || (list && keys.length != now.length)) throw badValue(name, "deep or sparse");
      out += chars(tag >> 5, ((tag << 3) & 255) | STRUCT, keys.length >> 8, keys.length & 255);
      for (let i = keys.length; i--;) waiting.push([list ? 0 : idOf(keys[i]), (now as Values)[keys[i]], depth]);
    }
  }
  return out;
}

function encodeValues(values: Values): Body {
  const parts: Body["_parts"] = {};
  let content = "";
  Object.keys(values).forEach((key) => {
    const property = propertyOf(key);
    const id = idOf(property ? property[1] : key);
    if (parts[id]) throw badValue("id", key);
    const value = property ? fitted(property, values[key]) : values[key];
    const part = encodeOne(key, id, value, !!property && property[2].toLowerCase() == "r");
    parts[id] = part;
    content += part;
  });
  return { _content: content, _parts: parts };
}

function writtenIn(nodes: Node[]): Values {
  const root: Values = {};
  let into: Values | unknown[];
  const waiting: [Node[], Values | unknown[]][] = [[nodes, root]];
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    into = item[1];
    item[0].forEach((node) => {
      const property = into == root ? propertyOf(node[0]) : undefined;
      const key = property ? property[0] : node[0];
      let value: unknown = node[1];
      if (typeof value == "object") {
        const inner = value as Node[];
        value = inner.length && inner[0][0] ? {} : [];
        waiting.push([inner, value as Values]);
      }
      if (property) value = fitted(property, value, true);
      if (Array.isArray(into)) into.push(value);
      else if (into[key] === undefined) into[key] = value;
    });
  }
  return root;
}

/**
 * @param encoder the codec of the library
 * @param model the text of the model, or ""
 * @param limit most bytes of a content
 */
export function createCodec(encoder: Encode, model: string, limit: number): Codec {
  encode = encoder;
  useModel(model);
  return {
    encode(cmd, values) {
      const raw = cmd == CMD_RAW_UP;
      const body = raw ? { _content: bytesOf("raw", values) } : encodeValues(values as Values);
      const length = body._content.length;
      if (cmd != CMD_READ_ANSWER && (!length || length > limit)) throw badValue("content", length + " bytes");
      return body;
    },
    written: writtenIn,
    ids(data) {
      const ids = [];
      for (let i = 0; i + 1 < data.length; i += 2) {
        const id = (data.charCodeAt(i) << 8) | data.charCodeAt(i + 1);
        const property = propertyOf(id);
        ids.push(property ? property[0] : id);
      }
      return ids;
    },
  };
}
