/** `JSON.stringify` (jswrap_json.c). Parsing: parse.ts. */

import { isBuffer, itemsOf } from "./bytes.js";
import type { Converter } from "./convert.js";
import { isHidden } from "./keys.js";
import type { Callback, Kit } from "./kit.js";

const SHORT: Record<string, string> = {
  "\n": "\\n",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
  "\r": "\\r",
  "\\": "\\\\",
  '"': '\\"',
};

/** A text in quotes. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\x00-\x1f"\\\x7f-\uffff]/g, (char) => {
    const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return SHORT[char] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}

/** Names that need no quotes. */
const BARE = /^(?:[A-Za-z_]\w{0,61}|0|[1-9]\d*)$/;

/** A text in quotes as Espruino shows it: shorter than JSON. */
function shown(text: string): string {
  const escaped = text.replace(/[\x00-\x1f"\\\x7f-\uffff]/g, (char, at: number) => {
    const code = char.charCodeAt(0);
    const next = text.charAt(at + 1);
    if (code < 8 && !(next >= "0" && next <= "7")) return `\\${code}`;
    if (char === "\v") return "\\v";
    return SHORT[char] ?? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

interface Writer {
  /** As Storage.writeJSON does it: names without quotes. */
  bare: boolean;
  kit: Kit;
  convert: Converter;
  /** Objects that are being written. */
  within: Set<object>;
}

const textOf = ({ bare }: Writer, text: string): string => (bare ? shown(text) : quoted(text));

const nameOf = (writer: Writer, key: string): string => (writer.bare && BARE.test(key) ? key : textOf(writer, key));

function members(writer: Writer, value: object, custom: boolean): string {
  const parts: string[] = [];
  for (const key of Object.keys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    const one: unknown = descriptor?.value;
    if (isHidden(key) || one === undefined || typeof one === "function") continue;
    parts.push(`${nameOf(writer, key)}:${write(writer, one, key, custom)}`);
  }
  return `{${parts.join(",")}}`;
}

function writeObject(writer: Writer, value: object, name: string | undefined, custom: boolean): string {
  const method = custom ? (value as { toJSON?: unknown }).toJSON : undefined;
  if (typeof method !== "function") return members(writer, value, custom);
  const result = (method as Callback).call(value, name);
  if (result === value) writer.within.delete(value);
  return write(writer, result, undefined, false);
}

function write(writer: Writer, value: unknown, name: string | undefined, custom: boolean): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return textOf(writer, value);
  if (typeof value === "function") return "undefined";
  if (typeof value === "number" && !Number.isFinite(value)) return "null";
  if (typeof value !== "object") return writer.convert.text(value);
  if (writer.within.has(value)) return " ... ";
  writer.within.add(value);
  try {
    if (!Array.isArray(value) && !isBuffer(value)) return writeObject(writer, value, name, custom);
    return `[${itemsOf(value)
      .map((one, at) => write(writer, one, String(at), custom))
      .join(",")}]`;
  } finally {
    writer.within.delete(value);
  }
}

export function stringifier(kit: Kit, convert: Converter): (value: unknown, bare?: boolean) => string {
  return (value, bare = false) => write({ kit, convert, bare, within: new Set() }, value, undefined, true);
}
