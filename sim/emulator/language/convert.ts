/** Conversions between kinds of values (jsvar.c), and the operators where they are needed. */

import { isBuffer, itemsOf } from "./bytes.js";
import type { Callback, Kit } from "./kit.js";
import { isSpace, isWholeText, numberText, parseFloating, parseWhole, toInt } from "./numbers.js";

/** Characters from which on a text is no number any more: it throws. */
const LONGEST = 64;
/** The same where a whole number is wanted. */
const LONGEST_INT = 32;

/** Lists in lists that can be written as text. */
const DEEPEST = 100;

const isNumeric = (value: unknown): value is number | boolean =>
  typeof value === "number" || typeof value === "boolean";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isBuffer(value);

export interface Converter {
  text(value: unknown): string;
  /** A number of any kind, NaN where there is none. */
  float(value: unknown): number;
  int(value: unknown): number;
  /** As unary plus. */
  number(value: unknown): number;
  valueOf(value: unknown): unknown;
  isNaN(value: unknown): boolean;
}

/** Joins elements as `join` does. @param filler between them; undefined where null is written out */
function joined(convert: Converter, list: unknown, filler: string): string {
  return itemsOf(list)
    .map((one) => (one === undefined || one === null ? "" : convert.text(one)))
    .join(filler);
}

export function createConverter(kit: Kit): Converter {
  const tooLong = (): Error => kit.error("String too big to convert to number");

  function text(value: unknown): string {
    if (typeof value === "string") return value;
    if (typeof value === "number") return numberText(value);
    if (Array.isArray(value) || isBuffer(value)) return nested(() => joined(convert, value, ","));
    if (!isObject(value)) return typeof value === "function" ? Function.prototype.toString.call(value) : String(value);
    const method = (value as { toString?: unknown }).toString;
    if (typeof method !== "function" || isPlain(method)) return "[object Object]";
    return text((method as Callback).call(value));
  }

  let depth = 0;
  function nested<T>(convertOne: () => T): T {
    if (++depth > DEEPEST) {
      depth = 0;
      kit.trap("a list that holds itself, as text or number, overflows the stack");
      throw kit.error("emulator: a list that holds itself", "InternalError");
    }
    const result = convertOne();
    depth--;
    return result;
  }

  function textToFloat(value: string): number {
    if (value.length >= LONGEST) throw tooLong();
    const zero = value.indexOf("\0");
    const seen = zero < 0 ? value : value.slice(0, zero);
    if (seen === "") return 0;
    if (seen === "Infinity") return Infinity;
    if (seen === "-Infinity") return -Infinity;
    const parsed = parseFloating(seen);
    return parsed.end === seen.length ? parsed.value : NaN;
  }

  function float(value: unknown): number {
    if (isNumeric(value)) return Number(value);
    if (value === null) return 0;
    if (typeof value === "string") return textToFloat(value);
    if (Array.isArray(value) || isBuffer(value)) {
      const items = itemsOf(value);
      return items.length ? (items.length === 1 ? nested(() => float(items[0])) : NaN) : 0;
    }
    return NaN;
  }

  function int(value: unknown): number {
    if (isNumeric(value)) return toInt(Number(value));
    if (Array.isArray(value) || isBuffer(value)) {
      const items = itemsOf(value);
      return items.length === 1 ? nested(() => int(items[0])) : 0;
    }
    if (typeof value !== "string" || !isWholeText(value, true)) return 0;
    if (value.length >= LONGEST_INT) throw tooLong();
    return toInt(parseWhole(value).value);
  }

  function number(value: unknown): number {
    if (typeof value === "string" && value !== "" && isWholeText(value, false)) {
      if (value.length >= LONGEST) throw tooLong();
      return parseWhole(value).value;
    }
    return float(value);
  }

  const convert: Converter = {
    text,
    float,
    int,
    number,
    valueOf(value) {
      if (!isObject(value)) return value;
      const method = (value as { valueOf?: unknown }).valueOf;
      return typeof method === "function" && !isPlain(method) ? (method as Callback).call(value) : value;
    },
    isNaN(value) {
      if (value === undefined || isObject(value)) return true;
      if (typeof value === "number" || Array.isArray(value)) return Number.isNaN(float(value));
      if (typeof value !== "string" || [...value].every(isSpace)) return false;
      return Number.isNaN(float(value));
    },
  };
  return convert;
}

/** Object's own toString and valueOf of each realm. */
const plain = new WeakSet<object>();

/** Marks a method as one that every object has. */
export function markPlain(method: object): void {
  plain.add(method);
}

const isPlain = (method: object): boolean => plain.has(method);

/** Numbers, and what counts as one: null, undefined, booleans. */
const isCountable = (value: unknown): boolean => value === undefined || value === null || isNumeric(value);
const isIntegral = (value: unknown): boolean =>
  value === null || typeof value === "boolean" || (typeof value === "number" && value === (value | 0));

export type Operation = "+" | "==" | "<" | "<=" | ">" | ">=";

function compare(operation: Operation, a: number | string, b: number | string): boolean {
  if (operation === "<") return a < b;
  if (operation === "<=") return a <= b;
  if (operation === ">") return a > b;
  if (operation === ">=") return a >= b;
  return a === b;
}

export interface Operators {
  /** `+` and comparisons of what is not of one simple kind. */
  operate(operation: Operation, a: unknown, b: unknown): unknown;
  /** `===` where an object takes part. */
  same(a: unknown, b: unknown): boolean;
}

export function createOperators(convert: Converter): Operators {
  function numbers(operation: Operation, a: unknown, b: unknown, ints: boolean): unknown {
    if (operation === "==") return equalNumbers(a, b, ints);
    const [x, y] = ints ? [convert.int(a), convert.int(b)] : [convert.float(a), convert.float(b)];
    return operation === "+" ? x + y : compare(operation, x, y);
  }

  function equalNumbers(a: unknown, b: unknown, ints: boolean): boolean {
    if (!ints && (a === null || a === undefined) && (b === null || b === undefined)) return true;
    const equal = ints ? convert.int(a) === convert.int(b) : convert.float(a) === convert.float(b);
    return equal && (a === null) === (b === null);
  }

  /** Whether a text and a number are compared as whole numbers; undefined where they are not compared as numbers. */
  function asInts(operation: Operation, a: unknown, b: unknown): boolean | undefined {
    if (operation === "+") return undefined;
    if (isNumeric(a) && typeof b === "string") return isIntegral(a) && isWholeText(b, false);
    if (isNumeric(b) && typeof a === "string") return isIntegral(b) && isWholeText(a, false);
    return undefined;
  }

  function operate(operation: Operation, left: unknown, right: unknown): unknown {
    const a = convert.valueOf(left);
    const b = convert.valueOf(right);
    if (a === undefined && b === undefined) return operation === "==" ? true : undefined;
    const ints = asInts(operation, a, b);
    if (ints !== undefined || (isCountable(a) && isCountable(b))) {
      return numbers(operation, a, b, ints || (isIntegral(a) && isIntegral(b)));
    }
    if (operation === "==" && isReference(a, b)) return a === b;
    const x = convert.text(a);
    const y = convert.text(b);
    return operation === "+" ? x + y : compare(operation, x, y);
  }

  return {
    operate,
    same(left, right) {
      const a = convert.valueOf(left);
      const b = convert.valueOf(right);
      if (a === b) return true;
      return isBuffer(a) && isBuffer(b) && convert.text(a) === convert.text(b);
    },
  };
}

/** Whether two values are equal only when they are one. */
function isReference(a: unknown, b: unknown): boolean {
  const refers = (value: unknown): boolean => isObject(value) || Array.isArray(value) || typeof value === "function";
  return (refers(a) || refers(b)) && Array.isArray(a) === Array.isArray(b);
}
