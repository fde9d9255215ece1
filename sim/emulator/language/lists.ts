/** The methods of arrays that differ (jswrap_array.c). */

import { isBuffer, itemsOf } from "./bytes.js";
import type { Converter, Operators } from "./convert.js";
import { follow, release, spliced } from "./cursors.js";
import { hideAll, unboxed, type Callback, type Kit } from "./kit.js";
import { sort } from "./sort.js";

type List = unknown[];
type Methods = Record<string, (this: List, ...args: unknown[]) => unknown>;
/** Is told each element; true ends the loop. */
type Visit = (value: unknown, index: number) => boolean;

const isIterable = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "function" || (typeof value === "object" && value !== null);

/** More than a device has memory for. */
const MOST_ELEMENTS = 16_383;

/** The next index from `at` on that has an element. */
function nextIndex(list: List, at: number): number {
  while (at < list.length && !(at in list)) at++;
  return at;
}

/**
 * Runs over the elements that are there.
 * @param late whether the loop moves on after the visit: then it sees what the visit puts behind the last one
 */
function each(given: unknown, visit: Visit, late = false, start = 0): void {
  const list = unboxed(given);
  if (!Array.isArray(list)) {
    itemsOf(list).some((value, index) => index >= start && visit(value, index));
    return;
  }
  const cursor = follow(list, nextIndex(list, start));
  try {
    while (!cursor.gone && cursor.at < list.length) {
      const index = cursor.at;
      if (index > MOST_ELEMENTS) throw new Error("emulator: a loop over a list that grows without end");
      const next = nextIndex(list, index + 1);
      const hasNext = next < list.length;
      const held = list[next];
      if (!late) cursor.at = next;
      // Behind the last element there is nothing to hold.
      if (!late && !hasNext) cursor.gone = true;
      if (visit(list[index], index)) return;
      if (late && !cursor.gone) cursor.at = nextIndex(list, cursor.at + 1);
      // An element that was taken out while it was held is still met, and nothing behind it.
      if (!late && cursor.gone && hasNext) visit(held, next);
    }
  } finally {
    release(list, cursor);
  }
}

/** The elements that are there, and behind them the members that have names. */
function membersOf(list: List): unknown[] {
  return Object.keys(list).map((key) => (list as unknown as Record<string, unknown>)[key]);
}

interface Tools {
  kit: Kit;
  convert: Converter;
  operators: Operators;
}

/** Checks the arguments that all loops share. */
function checkLoop({ kit }: Tools, list: unknown, callback: unknown, self: unknown): Callback {
  if (!isIterable(list)) throw kit.error("Must be called on something iterable");
  if (typeof callback !== "function") throw kit.error("First argument must be a function");
  if (self !== undefined && (typeof self !== "object" || Array.isArray(self) || self === null || isBuffer(self))) {
    throw kit.error("Second argument must be Object or undefined");
  }
  return callback as Callback;
}

function loops(tools: Tools): Methods {
  const { kit } = tools;
  const loop = (
    list: unknown,
    given: unknown,
    self: unknown,
    stop: (result: unknown, value: unknown, index: number) => boolean,
  ): void => {
    const callback = checkLoop(tools, list, given, self);
    each(list, (value, index) => stop(callback.call(self, value, index, list), value, index));
  };
  return {
    forEach(callback, self) {
      loop(this, callback, self, () => false);
    },
    map(callback, self) {
      const result = kit.array([]);
      loop(this, callback, self, (one, _value, index) => {
        // Where elements have moved to the same place, the first one counts.
        if (!(index in result)) result[index] = one;
        return false;
      });
      return result;
    },
    filter(callback, self) {
      const result = kit.array([]);
      loop(this, callback, self, (one, value) => {
        if (one) result.push(value);
        return false;
      });
      return result;
    },
    some(callback, self) {
      let found = false;
      loop(this, callback, self, (one) => (found = Boolean(one)));
      return found;
    },
    every(callback, self) {
      let failed = false;
      loop(this, callback, self, (one) => (failed = !one));
      return !failed;
    },
    find(callback) {
      let found: unknown;
      loop(this, callback, undefined, (one, value) => {
        if (one) found = value;
        return Boolean(one);
      });
      return found;
    },
    findIndex(given) {
      const callback = checkLoop(tools, this, given, undefined);
      let found = -1;
      each(this, (value, index) => {
        // Where the element is behind the callback; one that was taken out before keeps its index.
        const held = Array.isArray(this) && index in this ? follow(this, index) : undefined;
        try {
          const one = Boolean(callback.call(undefined, value, index, this));
          if (one) found = held?.at ?? index;
          return one;
        } finally {
          if (held) release(this as object, held);
        }
      });
      return found;
    },
    reduce(given, initial) {
      const callback = checkLoop(tools, this, given, undefined);
      let value = initial;
      let start = 0;
      if (value === undefined) {
        start = Array.isArray(this) ? nextIndex(this, 0) : 0;
        value = itemsOf(unboxed(this))[start++];
        if (value === undefined) throw kit.error("Used on empty array with no initial value");
      }
      each(
        this,
        (one, index) => {
          value = callback(value, one, index, this);
          return false;
        },
        true,
        start,
      );
      return value;
    },
  };
}

function changing({ kit, convert }: Tools): Methods {
  const splice = (list: List, at: number, count: unknown, added: unknown[]): unknown[] => {
    const size = list.length;
    const start = Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    const wanted = typeof count === "number" || typeof count === "boolean" ? convert.int(count) : size;
    const removed = Math.min(wanted, size - start);
    const taken = kit.array([]);
    for (let index = start; index < start + removed; index++) if (index in list) taken.push(list[index]);
    spliced(list, start, Math.max(removed, 0), added.length);
    Array.prototype.splice.call(list, start, Math.max(removed, 0), ...added);
    // Fewer than none taken out moves what follows away, and leaves nothing in its place.
    if (removed < 0) {
      const place = start + added.length;
      const rest = Array.prototype.splice.apply(list, [place, list.length]) as unknown[];
      list.length = size + added.length - removed;
      rest.forEach((one, at) => (list[place - removed + at] = one));
    }
    return taken;
  };
  return {
    splice(start, count, ...added) {
      return splice(this, convert.int(start), count, added);
    },
    shift() {
      return splice(this, 0, 1, []).pop();
    },
    unshift(...added) {
      splice(this, 0, 0, added);
      return this.length;
    },
    pop() {
      if (this.length) spliced(this, this.length - 1, 1, 0);
      return Array.prototype.pop.call(this);
    },
    sort(order) {
      if (order !== undefined && typeof order !== "function") {
        throw kit.error(`Expecting compare function, got ${typeof order}`);
      }
      return sort(this, order as Callback | undefined, convert);
    },
  };
}

function reading({ kit, convert, operators }: Tools): Methods {
  const { int } = convert;
  const indexOf = (list: unknown, sought: unknown, start: unknown): number => {
    const items = Array.isArray(list) ? (list as unknown[]) : itemsOf(unboxed(list));
    for (let at = Math.max(int(start), 0); at < items.length; at++) {
      const one = items[at];
      const equal = one === sought || (typeof one === "object" && operators.same(one, sought));
      if (equal && (!Array.isArray(list) || at in list)) return at;
    }
    return -1;
  };
  return {
    indexOf(sought, start) {
      return indexOf(this, sought, start);
    },
    includes(sought, start) {
      const items = itemsOf(unboxed(this));
      const from = int(start);
      const first = Math.max(from < 0 ? from + items.length : from, 0);
      return items.slice(first).some((one) => operators.same(one, sought) || (one !== one && sought !== sought));
    },
    join(filler) {
      const parts = itemsOf(unboxed(this)).map((one) => (one === undefined || one === null ? "" : convert.text(one)));
      return parts.join(filler === undefined ? "," : convert.text(filler));
    },
    slice(start, end) {
      const items = itemsOf(unboxed(this));
      return kit.array(items.slice(int(start), end === undefined ? items.length : int(end)));
    },
    concat(...more) {
      const result = kit.array([]);
      for (const one of [unboxed(this), ...more]) {
        // A missing one ends the list.
        if (one === undefined) break;
        if (Array.isArray(one)) result.push(...membersOf(one as List));
        else result.push(one);
      }
      return result;
    },
    fill(value, start, end) {
      const size = itemsOf(unboxed(this)).length;
      const wrap = (index: number): number => (index < 0 ? index + size : index);
      const first = wrap(int(start));
      const last = wrap(typeof end === "number" ? int(end) : size);
      if (first < 0 || last < 0) return undefined;
      for (let at = first; at < Math.min(last, size); at++) this[at] = value;
      return this;
    },
    toString() {
      return convert.text(this);
    },
  };
}

/** What arrays and typed arrays share. */
export function listMethods(tools: Tools): Methods {
  return { ...loops(tools), ...reading(tools), ...changing(tools) };
}

export function installLists(prototype: object, tools: Tools): void {
  hideAll(prototype, listMethods(tools));
}
