/** Bytes of everything that functions for bytes take (jsvariterator.c), and base64. */

import { isBuffer, isBytes, itemsOf } from "./bytes.js";
import type { Converter } from "./convert.js";
import type { Kit } from "./kit.js";
import { isSpace } from "./numbers.js";

/** Turns everything that functions for bytes take into numbers, one for each byte. */
function flatten(kit: Kit, convert: Converter, data: unknown): number[] {
  if (typeof data === "number" || typeof data === "boolean") return [convert.int(data)];
  if (typeof data === "string") return [...data].map((char) => char.charCodeAt(0));
  if (isBuffer(data)) return itemsOf(data).map((one) => convert.int(one));
  if (Array.isArray(data)) return Array.from(data as unknown[]).flatMap((one) => flatten(kit, convert, one));
  if (typeof data !== "object" || data === null)
    throw kit.error(`Expecting Number or iterable, got ${String(data)}`, "TypeError");
  const { callback, count, data: inner } = data as { callback?: unknown; count?: unknown; data?: unknown };
  if (typeof callback === "function") {
    const result: unknown = callback();
    return result ? flatten(kit, convert, result) : [];
  }
  if (typeof count !== "number" || inner === undefined) {
    throw kit.error(
      "If specifying an object, it must be of the form {data : ..., count : N} or {callback : fn}",
      "TypeError",
    );
  }
  return Array.from({ length: Math.max(0, convert.int(count)) }, () => flatten(kit, convert, inner)).flat();
}

/** Everything that functions for bytes take; from a word only its low bits count. */
export function lowBytes(kit: Kit, convert: Converter, data: unknown): Uint8Array {
  if (isBytes(data)) return data;
  if (typeof data === "string") return Buffer.from(data, "latin1");
  // In one step where everything in it is a number; else each part may be much.
  if (Array.isArray(data) && data.some((one) => typeof one === "object" || typeof one === "string")) {
    return Buffer.concat(Array.from(data as unknown[], (one) => lowBytes(kit, convert, one)));
  }
  return Uint8Array.from(flatten(kit, convert, data), (one) => one & 255);
}

/** The bytes as C code sees them: of an array of words as many as it has elements (2v29). */
export function pointedAt(kit: Kit, convert: Converter, data: unknown): Uint8Array {
  if (isBuffer(data) && ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, (data as Uint8Array).length);
  }
  return lowBytes(kit, convert, data);
}

/** Base64, with spaces and what is no base64 passed over. */
export function fromBase64(text: string): string {
  const dense = [...text].filter((char) => !isSpace(char));
  const padding = Number(dense.at(-1) === "=") + Number(dense.length > 1 && dense.at(-2) === "=");
  const size = Math.trunc((dense.length * 3) / 4) - padding;
  let result = "";
  for (let at = 0; at < dense.length; at += 4) {
    let triple = 0;
    let valid = 0;
    for (let i = 0; i < 4; i++) {
      const sextet = at + i < dense.length ? BASE64.indexOf(dense[at + i]) : -1;
      if (sextet < 0) continue;
      triple |= sextet << ((3 - i) * 6);
      valid = i;
    }
    for (let i = 0; i < valid; i++) result += String.fromCharCode((triple >> (16 - 8 * i)) & 255);
  }
  return result.slice(0, size).padEnd(size, "\0");
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
