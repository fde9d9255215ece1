/** `Math`, and the functions that turn values into numbers (jswrap_math.c, jswrap_functions.c, jswrap_number.c). */

import type { Converter } from "./convert.js";
import { hide, hideAll, type Kit } from "./kit.js";
import { numberText, parseFloating, parseWhole, toInt } from "./numbers.js";

type Global = Record<string, unknown>;

/** Characters that parseInt and parseFloat read. */
const LONGEST = 69;

/** @param random the next number of the generator, 0 to 2^32 - 1 */
export function installMaths(global: Global, convert: Converter, random: () => number): void {
  const { float, int } = convert;
  const math = global.Math as Record<string, (...args: number[]) => number>;
  for (const name of ["abs", "acos", "atan", "atan2", "ceil", "cos", "exp", "floor", "log", "sin", "tan"]) {
    const native = math[name];
    hide(math, name, (a: unknown, b: unknown) =>
      native(typeof a === "number" ? a : float(a), typeof b === "number" ? b : float(b)),
    );
  }
  const extreme =
    (pick: (a: number, b: number) => boolean, start: number) =>
    (...values: unknown[]) => {
      let result = start;
      for (const one of values) {
        const value = float(one);
        if (Number.isNaN(value)) return NaN;
        if (pick(value, result)) result = value;
      }
      return result;
    };
  const sqrt = (value: number): number => (value >= 0 ? Math.exp(Math.log(value) * 0.5) : NaN);
  hideAll(math, {
    min: extreme((a, b) => a < b, Infinity),
    max: extreme((a, b) => a > b, -Infinity),
    round: (value: unknown) => round(float(value)),
    sqrt: (value: unknown) => sqrt(float(value)),
    asin: (value: unknown) => Math.atan(float(value) / sqrt(1 - float(value) ** 2)),
    // What is no number counts as negative.
    sign: (value: unknown) => (float(value) > 0 ? 1 : float(value) === 0 ? 0 : -1),
    random: () => random() / 4294967296,
    randInt: (range: unknown) => (int(range) > 0 ? (random() & 0x7fffffff) % int(range) : random() | 0),
    clip: (value: unknown, low: unknown, high: unknown) => Math.min(Math.max(float(value), float(low)), float(high)),
    wrap: (value: unknown, size: unknown) => float(value) % float(size),
  });
}

function round(value: number): number {
  if (!Number.isFinite(value)) return value;
  const moved = value + (value < 0 ? -0.5 : 0.5);
  return Math.abs(moved) < 2 ** 63 ? Math.trunc(moved) : -(2 ** 63);
}

function reading(kit: Kit, convert: Converter): Global {
  const shortened = (value: unknown): string => {
    const text = convert.text(value).slice(0, LONGEST);
    const zero = text.indexOf("\0");
    return zero < 0 ? text : text.slice(0, zero);
  };
  const checked = (end: number): void => {
    if (end === LONGEST) throw kit.error("String too big to convert to number");
  };
  return {
    parseInt(value: unknown, base: unknown) {
      if (typeof value === "number" && !Number.isFinite(value)) return NaN;
      let text = shortened(value);
      let radix = typeof base === "number" || typeof base === "boolean" ? convert.int(base) : 0;
      if ((!radix || radix === 16) && /^0x/i.test(text)) {
        radix = 16;
        text = text.slice(2);
      }
      const parsed = parseWhole(text, radix || 10);
      if (parsed.empty) return NaN;
      checked(parsed.end);
      return parsed.value;
    },
    parseFloat(value: unknown) {
      const text = shortened(value);
      if (text === "Infinity" || text === "-Infinity") return Number(text);
      const parsed = parseFloating(text);
      checked(parsed.end);
      return parsed.value;
    },
    isNaN: convert.isNaN,
    isFinite: (value: unknown) => Number.isFinite(convert.float(value)),
  };
}

function toNumber(convert: Converter, value: unknown): number {
  if (Array.isArray(value)) {
    if (!value.length) return 0;
    const [only] = value as unknown[];
    if (value.length > 1 || typeof only === "boolean") return NaN;
    return only === "" ? 0 : convert.number(only);
  }
  if (value === undefined || (typeof value === "object" && value !== null)) return NaN;
  return value === "" ? 0 : convert.number(value);
}

/** Functions that make simple values; with `new` they would make objects, which the gate refuses. */
function wrapping(global: Global, convert: Converter): Global {
  const wrap = (name: string, make: (args: unknown[]) => unknown): unknown => {
    const native = global[name] as { prototype: object };
    const constructor = function (...args: unknown[]): unknown {
      return make(args);
    };
    constructor.prototype = native.prototype;
    for (const key of Object.getOwnPropertyNames(native)) {
      if (!(key in constructor)) Object.defineProperty(constructor, key, Object.getOwnPropertyDescriptor(native, key)!);
    }
    hide(native.prototype, "constructor", constructor);
    return constructor;
  };
  return {
    Number: wrap("Number", (args) => (args.length ? toNumber(convert, args[0]) : 0)),
    String: wrap("String", (args) => (args.length ? convert.text(args[0]) : "")),
    Boolean: wrap("Boolean", ([value]) => Boolean(value)),
  };
}

export function installNumbers(global: Global, kit: Kit, convert: Converter): void {
  hideAll(global, reading(kit, convert));
  hideAll(global, wrapping(global, convert));
  hideAll((global.Number as { prototype: object }).prototype, {
    toFixed(this: number, places: unknown) {
      return numberText(Number(this), 10, Math.min(Math.max(convert.int(places), 0), 20));
    },
    toString(this: number, base: unknown) {
      const radix = typeof base === "number" ? toInt(base) : 10;
      return numberText(Number(this), radix >= 2 && radix <= 36 ? radix : 10);
    },
  });
}
