/** Makes a realm's language Espruino's. */

import { isBuffer } from "./bytes.js";
import { createConverter, createOperators, markPlain, type Converter, type Operators } from "./convert.js";
import { installDates } from "./dates.js";
import { installEvents, type EventHost, type Events } from "./events.js";
import { stringifier } from "./json.js";
import { forIn, forOf } from "./keys.js";
import { hideAll, type Kit } from "./kit.js";
import { installLists, listMethods } from "./lists.js";
import { installMaths, installNumbers } from "./maths.js";
import { isWholeText } from "./numbers.js";
import { installObjects } from "./objects.js";
import { parseJson } from "./parse.js";
import { put } from "./members.js";
import { installPromises, type PromiseHost } from "./promises.js";
import { lowBytes, pointedAt } from "./sources.js";
import { installText } from "./text.js";
import { installTyped } from "./typed.js";
import { installUri } from "./uri.js";

type Fields = Record<string, unknown>;

export interface LanguageHost extends EventHost, PromiseHost {
  random(): number;
  /** Milliseconds of the device's clock. */
  milliseconds(): number;
}

export interface Language {
  /** What the realm's operators leave to the host. */
  operators: object;
  events: Events;
  tools: {
    json(text: string, loose?: boolean): unknown;
    text(value: unknown): string;
    string(value: unknown): string;
    int(value: unknown): number;
    float(value: unknown): number;
    /** Everything that functions for bytes take: the low byte of each number. */
    lowBytes(data: unknown): Uint8Array;
    /** The same as C code sees it. */
    pointedAt(data: unknown): Uint8Array;
  };
}

const TYPED = [
  "Uint8Array",
  "Int8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
];
/** Digits of a text from which on it is no index any more. */
const LONGEST_INDEX = 32;

const prototypeOf = (global: Fields, name: string): object => (global[name] as { prototype: object }).prototype;

/** Members of simple values by `in`; their elements do not count. */
function hasMember(convert: Converter, key: unknown, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return Number.isNaN(Number(key)) && convert.text(key) in Object(value);
}

function isKind(global: Fields, value: unknown, constructor: unknown): boolean {
  if (typeof value === "string") return constructor === global.String;
  if (typeof value === "number") return constructor === global.Number;
  if (constructor !== global.Object) return false;
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function slowOperators(global: Fields, kit: Kit, convert: Converter, operators: Operators): object {
  const { valueOf, text } = convert;
  const ends = new Set([prototypeOf(global, "Object"), prototypeOf(global, "Array"), prototypeOf(global, "Function")]);
  return {
    ...operators,
    text,
    float: (value: unknown) => convert.float(valueOf(value)),
    int: (value: unknown) => convert.int(valueOf(value)),
    number: (value: unknown) => convert.number(valueOf(value)),
    key(value: unknown) {
      const key = text(value);
      if (key.length >= LONGEST_INDEX && /^[1-9]\d*$/.test(key) && isWholeText(key, false)) {
        throw kit.error("String too big to convert to number");
      }
      return key;
    },
    has: (key: unknown, value: unknown) => hasMember(convert, key, value),
    isA: (value: unknown, constructor: unknown) => isKind(global, value, constructor),
    names: Object.getOwnPropertyNames,
    descriptor: Object.getOwnPropertyDescriptor,
    define: Object.defineProperty,
    unbox: (value: object) => value.valueOf(),
    replaced() {
      kit.trap("a function behind `new` returns no object: in Espruino it takes the place of the new one");
    },
    missing(name: string) {
      throw kit.error(`Function "${name}" not found!`);
    },
    put: put.bind(undefined, kit),
    forIn: (value: unknown) => forIn(kit, value, ends),
    forOf: (value: unknown) => forOf(kit, value),
    lost(error: unknown) {
      const words = isBuffer(error) ? "" : text(error);
      kit.trap(`an error in finally is lost in Espruino: ${words}`);
    },
  };
}

export function createLanguage(global: Fields, kit: Kit, host: LanguageHost): Language {
  const convert = createConverter(kit);
  const operators = createOperators(convert);
  const tools = { kit, convert, operators };
  const json = (text: unknown, loose = false): unknown => parseJson(kit, convert.text(text), loose);
  const write = stringifier(kit, convert);
  markPlain((prototypeOf(global, "Object") as Fields).toString as object);
  markPlain((prototypeOf(global, "Object") as Fields).valueOf as object);
  const events = installEvents(global, kit, host);
  installPromises(global, kit, host);
  installText(global.String as { prototype: object }, kit, convert);
  installLists(prototypeOf(global, "Array"), tools);
  installTyped(global, TYPED, kit, convert, listMethods(tools));
  installMaths(global, convert, host.random);
  installDates(global, kit, convert, host.milliseconds);
  installNumbers(global, kit, convert);
  installObjects(global, kit, convert);
  installUri(global, kit, convert);
  hideAll(prototypeOf(global, "RegExp"), { toString: () => "[object Object]" });
  hideAll(global.JSON as object, {
    parse: (text: unknown) => json(text),
    stringify(value: unknown, _replacer: unknown, space: unknown) {
      if (space !== undefined && space !== null && space !== 0 && space !== "") {
        throw kit.error("emulator: JSON on several lines looks otherwise in Espruino", "InternalError");
      }
      return write(value);
    },
  });
  return {
    operators: slowOperators(global, kit, convert, operators),
    events,
    tools: {
      json,
      text: write,
      string: convert.text,
      int: convert.int,
      float: convert.float,
      lowBytes: (data) => lowBytes(kit, convert, data),
      pointedAt: (data) => pointedAt(kit, convert, data),
    },
  };
}
