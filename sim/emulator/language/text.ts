/** The methods of strings (jswrap_string.c). */

import type { Converter } from "./convert.js";
import { hide, hideAll, type Callback, type Kit } from "./kit.js";
import { isSpace } from "./numbers.js";
import { isRegExp, match, replaceMatches, splitByMatches } from "./matches.js";

/** What begins like `part` where the text ends counts as found. */
function find(text: string, part: string, from: number): number {
  const last = text.length - part.length;
  if (last < 0) return -1;
  const start = Math.min(Math.max(from, 0), last + 1);
  if (start >= text.length) return -1;
  const found = text.indexOf(part, start);
  if (found >= 0) return found < text.length ? found : -1;
  for (let at = Math.max(start, last + 1); at < text.length; at++) if (part.startsWith(text.slice(at))) return at;
  return -1;
}

/** Whether a text has another one at a place; nothing is there behind its end, not even nothing. */
const standsAt = (text: string, part: string, at: number): boolean =>
  at >= 0 && at + part.length <= text.length && text.startsWith(part, at);

/** The whole of a text from an index; a length below 0 counts as without end. */
const part = (text: string, start: number, length: number): string =>
  length < 0 ? text.slice(start) : text.slice(start, start + length);

function splitByText(text: string, separator: string): string[] {
  const parts: string[] = [];
  const size = separator.length;
  let end = text.length + 1 - size;
  let last = 0;
  for (let at = size ? 0 : 1; at <= end; at++) {
    if (at !== end && size && !text.startsWith(separator, at)) continue;
    if (at === end) {
      if (!size) break;
      at = end = end + size;
    }
    parts.push(part(text, last, at - last));
    last = at + size;
    if (at === end) break;
  }
  return parts;
}

type Methods = Record<string, (this: unknown, ...args: unknown[]) => unknown>;

function searching(kit: Kit, convert: Converter): Methods {
  const { text, int } = convert;
  const from = (value: unknown): number => (typeof value === "number" || typeof value === "boolean" ? int(value) : 0);
  return {
    indexOf(sought, start) {
      return find(text(this), text(sought), from(start));
    },
    includes(sought, start) {
      return find(text(this), text(sought), from(start)) >= 0;
    },
    lastIndexOf(sought, start) {
      const self = text(this);
      const wanted = text(sought);
      const last = self.length - wanted.length;
      return last < 0 ? -1 : self.lastIndexOf(wanted, typeof start === "number" ? Math.max(0, int(start)) : last);
    },
    startsWith(sought, position) {
      return standsAt(text(this), text(sought), int(position));
    },
    endsWith(sought, length) {
      const self = text(this);
      const wanted = text(sought);
      return standsAt(self, wanted, (typeof length === "number" ? int(length) : self.length) - wanted.length);
    },
    match(sought) {
      if (sought === undefined) return undefined;
      if (isRegExp(sought)) return match(kit, sought, text(this));
      const wanted = text(sought);
      const index = find(text(this), wanted, 0);
      return index < 0 ? null : Object.assign(kit.array([wanted]), { index, input: wanted });
    },
  };
}

function cutting(convert: Converter): Methods {
  const { text, int } = convert;
  const end = (value: unknown): number => (value === undefined ? Infinity : int(value));
  return {
    charAt(index) {
      return text(this).charAt(int(index));
    },
    charCodeAt(index) {
      return text(this).charCodeAt(int(index));
    },
    substring(start, stop) {
      return text(this).substring(int(start), end(stop));
    },
    substr(start, length) {
      const self = text(this);
      const first = int(start);
      return part(self, Math.max(first < 0 ? first + self.length : first, 0), Math.max(end(length), 0));
    },
    slice(start, stop) {
      return text(this).slice(int(start), end(stop));
    },
    trim() {
      const self = text(this);
      let first = 0;
      let last = self.length;
      while (first < last && isSpace(self[first])) first++;
      while (last > first && isSpace(self[last - 1])) last--;
      return self.slice(first, last);
    },
  };
}

function building(kit: Kit, convert: Converter): Methods {
  const { text, int } = convert;
  const pad = (self: string, target: unknown, filler: unknown): string => {
    const missing = int(target) - self.length;
    const unit = filler === undefined ? " " : text(filler);
    if (missing > 0 && !unit) throw kit.error("emulator: padding with an empty text never ends", "InternalError");
    return missing > 0 ? unit.repeat(Math.ceil(missing / unit.length)).slice(0, missing) : "";
  };
  return {
    padStart(target, filler) {
      return pad(text(this), target, filler) + text(this);
    },
    padEnd(target, filler) {
      return text(this) + pad(text(this), target, filler);
    },
    repeat(count) {
      const times = int(count);
      if (times < 0) throw kit.error("Invalid count value");
      return text(this).repeat(times);
    },
    concat(...parts) {
      return text(this) + parts.map((one) => (one === undefined ? "" : text(one))).join("");
    },
    toString() {
      return text(this);
    },
  };
}

function replacing(kit: Kit, convert: Converter): Methods {
  const { text } = convert;
  const replace = (self: unknown, sought: unknown, by: unknown, all: boolean): string => {
    let result = text(self);
    if (isRegExp(sought)) {
      const replacement = typeof by === "function" ? (by as Callback) : text(by);
      return replaceMatches(convert, result, sought, replacement, all);
    }
    const insert = text(by);
    const wanted = text(sought);
    for (let at = find(result, wanted, 0); at >= 0; at = all ? find(result, wanted, at + insert.length) : -1) {
      if (all && !wanted) throw kit.error("emulator: replaceAll of an empty text never ends", "InternalError");
      result = result.slice(0, at) + insert + result.slice(at + wanted.length);
    }
    return result;
  };
  return {
    replace(sought, by) {
      return replace(this, sought, by, false);
    },
    replaceAll(sought, by) {
      return replace(this, sought, by, true);
    },
    split(separator) {
      const self = text(this);
      if (separator === undefined) return kit.array([self]);
      if (isRegExp(separator)) return kit.array(splitByMatches(kit, self, separator));
      return kit.array(splitByText(self, text(separator)));
    },
  };
}

/** Case is Latin-1's, as on ESP32. */
function casing(convert: Converter): Methods {
  return {
    toUpperCase() {
      return convert.text(this).replace(/[a-z\xe0-\xf6\xf8-\xfe]+/g, (letters) => letters.toUpperCase());
    },
    toLowerCase() {
      return convert.text(this).replace(/[A-Z\xc0-\xd6\xd8-\xde]+/g, (letters) => letters.toLowerCase());
    },
  };
}

export function installText(constructor: { prototype: object }, kit: Kit, convert: Converter): void {
  hideAll(constructor.prototype, {
    ...searching(kit, convert),
    ...cutting(convert),
    ...building(kit, convert),
    ...replacing(kit, convert),
    ...casing(convert),
  });
  hide(constructor, "fromCharCode", (...codes: unknown[]) =>
    String.fromCharCode(...codes.map((code) => convert.int(code) & 255)),
  );
}
