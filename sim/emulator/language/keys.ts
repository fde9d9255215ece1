/** Names of members: those that Espruino keeps for itself, and the order that loops meet them in. */

import { isBuffer, itemsOf } from "./bytes.js";
import { follow, release } from "./cursors.js";
import type { Kit } from "./kit.js";

/** Members that are not shown: Espruino's own begin with FF. */
export const isHidden = (key: string): boolean => key[0] === "\xff" || key === "constructor" || key === "__proto__";

/** What Object.keys gives. */
export function keysOf(value: unknown): string[] {
  if (typeof value === "string" || isBuffer(value)) return itemsOf(value).map((_one, at) => String(at));
  if (typeof value === "function") return Object.keys(value);
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).filter((key) => key[0] !== "\xff");
}

/** The key behind another one, as the object is now; undefined when there is none, or the other is gone. */
function keyBehind(object: object, key: string): string | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const keys = Object.keys(object);
  return keys[keys.indexOf(key) + 1];
}

/** A loop over an object holds its place: without the key that it stands at it ends, and it meets what is added. */
function* liveKeys(object: object): Generator<string> {
  const first = Object.keys(object);
  let at = 0;
  for (let key: string | undefined = first[0]; key !== undefined;) {
    yield key;
    const known: string | undefined = first[++at];
    if (known !== undefined && first[at - 1] === key && Object.hasOwn(object, key) && Object.hasOwn(object, known))
      key = known;
    else key = keyBehind(object, key);
  }
}

function* arrayKeys(list: unknown[]): Generator<string> {
  const cursor = follow(list, 0);
  try {
    for (; !cursor.gone && cursor.at < list.length; cursor.at++) if (cursor.at in list) yield String(cursor.at);
    if (cursor.gone) return;
    for (const key of Object.keys(list)) if (!/^\d+$/.test(key)) yield key;
  } finally {
    release(list, cursor);
  }
}

function ownKeys(value: object): Iterable<string> {
  return Array.isArray(value) ? arrayKeys(value) : liveKeys(value);
}

/** `for (key in value)`. */
export function* forIn(kit: Kit, value: unknown, ends: Set<object>): Generator<string> {
  if (value === undefined) return;
  if (typeof value === "string" || isBuffer(value)) {
    yield* itemsOf(value).map((_one, at) => String(at));
    return;
  }
  if (typeof value !== "function" && (typeof value !== "object" || value === null)) throw notIterable(kit, value);
  for (let at: object | null = value; at && !ends.has(at); at = Object.getPrototypeOf(at) as object | null) {
    for (const key of ownKeys(at)) if (!isHidden(key)) yield key;
  }
}

export function notIterable(kit: Kit, value: unknown): Error {
  const kind = value === null ? "null" : typeof value === "number" ? "Number" : "Boolean";
  return kit.error(`FOR loop can only iterate over Arrays, Strings or Objects, not ${kind}`);
}

/** `for (one of value)`. An array's loop counts, and gives undefined where its place has moved. */
export function* forOf(kit: Kit, value: unknown): Generator<unknown> {
  if (value === undefined) return;
  if (typeof value === "string" || isBuffer(value)) {
    yield* itemsOf(value);
  } else if (Array.isArray(value)) {
    yield* everyElement(value);
  } else if (typeof value === "function" || (typeof value === "object" && value !== null)) {
    for (const key of liveKeys(value)) if (!isHidden(key)) yield (value as Record<string, unknown>)[key];
  } else throw notIterable(kit, value);
}

/** The place of the next element that is there. */
function nextPlace(list: unknown[], at: number): number {
  while (at < list.length && !(at in list)) at++;
  return at;
}

function* everyElement(list: unknown[]): Generator<unknown> {
  const cursor = follow(list, nextPlace(list, 0));
  let ended = cursor.at >= list.length;
  try {
    for (let index = 0; index < list.length;) {
      yield !ended && !cursor.gone && cursor.at === index ? list[index] : undefined;
      index++;
      if (ended || cursor.at >= index) continue;
      if (!cursor.gone) cursor.at = nextPlace(list, cursor.at + 1);
      ended = cursor.gone || cursor.at >= list.length;
    }
  } finally {
    release(list, cursor);
  }
}
