/** Searching with regular expressions (jswrap_regexp.c): what the gate lets pass, Node's own finds as well. */

import type { Converter } from "./convert.js";
import type { Callback, Kit } from "./kit.js";

/** Groups and more that a replacing function gets. */
const MOST_GROUPS = 10;

export const isRegExp = (value: unknown): value is RegExp =>
  Object.prototype.toString.call(value) === "[object RegExp]";

const searchers = new WeakMap<RegExp, RegExp>();

/** The first match from an index on. */
function search(expression: RegExp, text: string, from: number): RegExpExecArray | null {
  let searcher = searchers.get(expression);
  if (!searcher) {
    searcher = new RegExp(expression.source, expression.ignoreCase ? "gi" : "g");
    searchers.set(expression, searcher);
  }
  searcher.lastIndex = from;
  return searcher.exec(text);
}

function asArray(kit: Kit, found: RegExpExecArray): unknown {
  return Object.assign(kit.array([...found]), { index: found.index, input: found.input });
}

export function match(kit: Kit, expression: RegExp, text: string): unknown {
  let found = search(expression, text, 0);
  if (!expression.global) return found && asArray(kit, found);
  const all: string[] = [];
  while (found) {
    all.push(found[0]);
    found = search(expression, text, found.index + (found[0].length || 1));
  }
  return kit.array(all);
}

function insertion(found: RegExpExecArray, by: string): string {
  return by.replace(/\$([1-9])/g, (whole, group: string) => found[Number(group)] ?? whole);
}

export function replaceMatches(
  convert: Converter,
  text: string,
  expression: RegExp,
  by: string | Callback,
  all: boolean,
): string {
  const again = all || expression.global;
  let result = "";
  let last = 0;
  for (let found = search(expression, text, 0); found;) {
    const end = found[0].length ? found[0].length : 0;
    result += text.slice(last, found.index);
    if (typeof by === "string") result += insertion(found, by);
    else {
      const missing = found.indexOf(undefined as unknown as string);
      const groups = found.slice(0, Math.min(missing < 0 ? found.length : missing, MOST_GROUPS + 1));
      result += convert.text(by(...groups, found.index, text));
    }
    last = found.index + end;
    found = again ? search(expression, text, last + (end ? 0 : 1)) : null;
  }
  return result + text.slice(last);
}

export function splitByMatches(kit: Kit, text: string, expression: RegExp): string[] {
  const parts: string[] = [];
  let last = 0;
  for (let found = search(expression, text, 0); found; found = search(expression, text, last)) {
    if (!found[0]) throw kit.error("emulator: split by an expression that matches nothing never ends", "InternalError");
    parts.push(text.slice(last, found.index));
    last = found.index + found[0].length;
  }
  return [...parts, text.slice(last)];
}
