/** Values of properties, between JSON and the wire. A thing model says what a value is; without one the value itself does. */
import type { Node, Value } from "../../src/codec/ttlv.js";
import type { Property } from "./tsl.js";

/** What was wrong with a value: a sentence. */
export class ValueError extends Error {
  /** @param kind a name for programs */
  constructor(
    readonly kind: "type" | "range",
    message: string,
  ) {
    super(message);
  }
}

/** The largest number that the wire's doubles carry exactly. */
const LARGEST = Number.MAX_SAFE_INTEGER;
const INT32 = 2 ** 31;
/** Ids have 13 bits. */
const LAST_ID = 8191;
/** Whether a text is the id of a property. */
export const isId = (text: string): boolean => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= LAST_ID;

/** The digits that every decimal of a double has: more than the wire's 8 bytes and 15 decimals carry are cut. */
const DIGITS = 15;

/** A number as the wire carries it. @throws ValueError where it has too many digits before the point */
function carried(number: number, place: string, limit = LARGEST): number {
  if (Math.abs(number) > limit) throw new ValueError("range", `${place} is too large`);
  return Number.isInteger(number) ? number : Number(number.toPrecision(DIGITS));
}

const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Text, or hexadecimal digits for bytes that are no UTF-8. */
function textOf(bytes: string): string {
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : buffer.toString("hex");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function typeError(place: string, what: string): never {
  throw new ValueError("type", `${place} must be ${what}`);
}

function numberFor(
  { kind, min = -Infinity, max = Infinity, unit = "" }: Property,
  value: unknown,
  place: string,
): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return typeError(place, "a number");
  if (kind !== "FLOAT" && kind !== "DOUBLE" && !Number.isInteger(number)) return typeError(place, "a whole number");
  if (number < min || number > max) {
    throw new ValueError("range", `${place} is ${number}, and must be ${bounds(min, max)}${unit && ` ${unit}`}`);
  }
  // Devices of the vendor's SDK read a control value as 32 bits.
  return carried(number, place, kind === "INT" ? INT32 : LARGEST);
}

function bounds(min: number, max: number): string {
  if (max === Infinity) return `${min} or more`;
  return min === -Infinity ? `${max} or less` : `${min} to ${max}`;
}

function booleanFor(value: unknown, place: string): boolean {
  if (value === true || value === "true" || value === 1 || value === "1") return true;
  if (value === false || value === "false" || value === 0 || value === "0") return false;
  return typeError(place, "true or false");
}

function enumFor({ values }: Property, value: unknown, place: string): number {
  const [named] = [...values!].filter(([, name]) => name === value).map(([key]) => key);
  const key = named ?? Number(value);
  if (typeof value !== "boolean" && value !== "" && values!.has(key)) return key;
  const list = [...values!].map(([one, name]) => (name === String(one) ? name : `${one} (${name})`));
  throw new ValueError("range", `${place} must be one of ${list.join(", ")}`);
}

function textFor({ kind, size = Infinity }: Property, value: unknown, place: string): string {
  if (typeof value !== "string") return typeError(place, kind === "RAW" ? "bytes in hexadecimal digits" : "a text");
  if (kind === "RAW" && !/^([0-9a-f]{2})*$/i.test(value)) return typeError(place, "bytes in hexadecimal digits");
  const bytes = kind === "RAW" ? Buffer.from(value, "hex").toString("latin1") : utf8(value);
  if (bytes.length > size) throw new ValueError("range", `${place} has ${bytes.length} bytes, and may have ${size}`);
  return bytes;
}

function structFor({ fields }: Property, value: unknown, place: string): Node[] {
  // Some apps write a struct as a list of objects with one field each.
  const whole = Array.isArray(value) && value.every(isObject) ? Object.assign({}, ...value) : value;
  if (!isObject(whole)) return typeError(place, `an object with ${fields!.map(({ code }) => code).join(", ")}`);
  return Object.entries(whole).map(([name, inner]) => {
    const field = fields!.find(({ code, id }) => code === name || String(id) === name);
    if (!field) throw new ValueError("type", `${place} has no field ${JSON.stringify(name.slice(0, 40))}`);
    return toNode(field, inner, `${place}.${field.code}`);
  });
}

function arrayFor({ item, size = Infinity }: Property, value: unknown, place: string): Node[] {
  if (!Array.isArray(value)) return typeError(place, "a list");
  if (value.length > size) throw new ValueError("range", `${place} has ${value.length} elements, and may have ${size}`);
  return value.map((one, at) => toNode(item!, one, `${place}[${at}]`));
}

/**
 * A value for a property.
 * @param value JSON; numbers and booleans may be texts, bytes are hexadecimal digits
 * @throws ValueError
 */
export function toNode(property: Property, value: unknown, place = property.code): Node {
  const { id, kind } = property;
  switch (kind) {
    case "BOOL":
      return [id, booleanFor(value, place)];
    case "ENUM":
      return [id, enumFor(property, value, place)];
    case "TEXT":
      return [id, textFor(property, value, place)];
    case "RAW":
      return [id, textFor(property, value, place), true];
    case "STRUCT":
      return [id, structFor(property, value, place)];
    case "ARRAY":
      return [id, arrayFor(property, value, place)];
    default:
      return [id, numberFor(property, value, place)];
  }
}

/** As `toNode`, where no model says what the id is: the value's own type. @throws ValueError */
export function plainNode(id: number, value: unknown, place = String(id)): Node {
  if (typeof value === "boolean") return [id, value];
  if (typeof value === "number" && Number.isFinite(value)) return [id, carried(value, place)];
  if (typeof value === "string") return [id, utf8(value)];
  if (Array.isArray(value)) return [id, value.map((one, at) => plainNode(0, one, `${place}[${at}]`))];
  if (!isObject(value)) return typeError(place, "a boolean, a number, a text, a list or an object");
  return [
    id,
    Object.entries(value).map(([key, inner]) => {
      if (!isId(key)) return typeError(`${place}.${key.slice(0, 40)}`, "named by an id, 1-8191");
      return plainNode(Number(key), inner, `${place}.${key}`);
    }),
  ];
}

/** Decimals that a step has: 2 for 0.01. */
const decimals = (step: number): number => (/\.(\d+)$/.exec(step.toFixed(15).replace(/0+$/, ""))?.[1] ?? "").length;

/** What devices of the vendor's SDK send has the digits of an inexact double: the step says which are meant. */
function rounded(value: number, { kind, step }: Property): number {
  if (!step || kind === "INT") return value;
  return Number((Math.round(value / step) * step).toFixed(decimals(step)));
}

/** The JSON of a value that came over the wire; of one that does not fit the model, as if there was none. */
export function toJson(value: Value, property?: Property, raw?: boolean): unknown {
  if (typeof value === "string") {
    return raw || property?.kind === "RAW" ? Buffer.from(value, "latin1").toString("hex") : textOf(value);
  }
  if (typeof value === "number") return property ? rounded(value, property) : value;
  if (typeof value === "boolean") return value;
  const { fields, item } = property ?? {};
  if (value.every(([id]) => id === 0) && (!fields || value.length)) {
    return value.map(([, one, bytes]) => toJson(one, item, bytes));
  }
  return Object.fromEntries(
    value.map(([id, one, bytes]) => {
      const field = fields?.find((candidate) => candidate.id === id);
      return [field?.code ?? String(id), toJson(one, field, bytes)];
    }),
  );
}

/** The data type of a value, where no model says it. */
export function kindOf(value: Value, raw?: boolean): Property["kind"] {
  if (typeof value === "boolean") return "BOOL";
  if (typeof value === "number") return Number.isInteger(value) ? "INT" : "DOUBLE";
  if (typeof value === "string") return raw ? "RAW" : "TEXT";
  return value.length && value.every(([id]) => id === 0) ? "ARRAY" : "STRUCT";
}
