/** The thing model of a product (TSL), as the cloud's productTSL hands it out: which properties its devices have. */
import { UsageError } from "../errors.js";

/** The data types of a thing model, by the names that the cloud gives them. */
export const KINDS = ["BOOL", "INT", "FLOAT", "DOUBLE", "ENUM", "TEXT", "DATE", "STRUCT", "ARRAY", "RAW"] as const;
export type Kind = (typeof KINDS)[number];

/** One property, one field of a struct (then without `access`), or the elements of an array (then without id and code). */
export interface Property {
  /** 1-8191, its id on the wire; 0 for the elements of an array. */
  id: number;
  code: string;
  name: string;
  kind: Kind;
  /** R read, W written, RW both. */
  access: "R" | "W" | "RW";
  /** Of a number. */
  min?: number;
  max?: number;
  step?: number;
  unit?: string;
  /** Of an ENUM: its values, and how they are called. */
  values?: Map<number, string>;
  /** Of a TEXT: most bytes. Of an ARRAY: most elements. */
  size?: number;
  /** Of a STRUCT. */
  fields?: Property[];
  /** Of an ARRAY. */
  item?: Property;
}

export interface Model {
  properties: Property[];
}

type Fields = Record<string, unknown>;

const MAX_ID = 8191;
/** What the wire can nest. */
const MAX_DEPTH = 16;
const NUMBERS: readonly Kind[] = ["INT", "FLOAT", "DOUBLE"];

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws UsageError that names the place */
function fail(place: string, what: string): never {
  throw new UsageError(`${place} ${what}`);
}

function object(value: unknown, place: string): Fields {
  return isObject(value) ? value : fail(place, "must be an object");
}

function list(value: unknown, place: string): unknown[] {
  return Array.isArray(value) ? value : fail(place, "must be a list");
}

/** A number, or the text of one, as the cloud writes it; "" is none. */
function number(value: unknown, place: string): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const result = typeof value === "string" ? Number(value) : value;
  return typeof result === "number" && Number.isFinite(result) ? result : fail(place, "must be a number");
}

function codeOf(value: unknown, place: string): string {
  const fits = typeof value === "string" && /^[A-Za-z_]\w{0,63}$/.test(value);
  return fits ? value : fail(place, "must be 1-64 letters, digits and _, and begin with no digit");
}

function idOf(value: unknown, place: string): number {
  const id = number(value, place);
  const fits = id !== undefined && Number.isInteger(id) && id >= 1 && id <= MAX_ID;
  return fits ? id : fail(place, `must be 1-${MAX_ID}`);
}

function kindOf(value: unknown, place: string): Kind {
  return KINDS.find((kind) => kind === value) ?? fail(place, `must be one of ${KINDS.join(", ")}`);
}

function accessOf(value: unknown, place: string): Property["access"] {
  if (value === undefined || value === "") return "RW";
  return value === "R" || value === "W" || value === "RW" ? value : fail(place, "must be R, W or RW");
}

function range(specs: Fields, place: string): Partial<Property> {
  const [min, max, step] = ["min", "max", "step"].map((name) => number(specs[name], `${place}.${name}`));
  if (min !== undefined && max !== undefined && min > max) fail(`${place}.min`, "must not be above max");
  if (step !== undefined && step <= 0) fail(`${place}.step`, "must be above 0");
  const { unit } = specs;
  if (unit !== undefined && unit !== null && typeof unit !== "string") fail(`${place}.unit`, "must be a text");
  return { min, max, step, unit: (unit as string) || undefined };
}

function valuesOf(specs: unknown, place: string): Map<number, string> {
  const values = new Map<number, string>();
  for (const [at, entry] of list(specs, place).entries()) {
    const { value, name } = object(entry, `${place}[${at}]`);
    const key = number(value, `${place}[${at}].value`);
    if (key === undefined || !Number.isInteger(key)) fail(`${place}[${at}].value`, "must be a whole number");
    if (values.has(key)) fail(`${place}[${at}].value`, `is ${key} for a second time`);
    values.set(key, typeof name === "string" ? name : String(key));
  }
  return values.size ? values : fail(place, "must have a value at least");
}

/** What the specs say of a data type. */
function detailsOf(kind: Kind, specs: unknown, place: string, depth: number): Partial<Property> {
  if (kind === "STRUCT") return { fields: propertiesOf(specs, place, depth + 1) };
  if (kind === "ENUM") return { values: valuesOf(specs, place) };
  if (kind === "BOOL" || specs === undefined || specs === null || specs === "") {
    return kind === "ARRAY" ? fail(place, "must say the dataType of its elements") : {};
  }
  const fields = object(specs, place);
  if (NUMBERS.includes(kind)) return range(fields, place);
  const size = number(
    kind === "ARRAY" ? fields.size : fields.length,
    `${place}.${kind === "ARRAY" ? "size" : "length"}`,
  );
  if (kind !== "ARRAY") return { size };
  if (depth + 1 >= MAX_DEPTH) fail(place, `is nested in more than ${MAX_DEPTH} others`);
  const inner = kindOf(fields.dataType, `${place}.dataType`);
  const item = { id: 0, code: "", name: "", kind: inner, access: "RW" as const };
  return { size, item: { ...item, ...detailsOf(inner, fields.specs, `${place}.specs`, depth + 1) } };
}

function propertyOf(value: unknown, place: string, depth: number): Property {
  const fields = object(value, place);
  const kind = kindOf(fields.dataType, `${place}.dataType`);
  const code = codeOf(fields.code, `${place}.code`);
  return {
    id: idOf(fields.id, `${place}.id`),
    code,
    name: typeof fields.name === "string" && fields.name ? fields.name : code,
    kind,
    access: accessOf(fields.subType, `${place}.subType`),
    ...detailsOf(kind, fields.specs, `${place}.specs`, depth),
  };
}

function propertiesOf(value: unknown, place: string, depth: number): Property[] {
  if (depth >= MAX_DEPTH) fail(place, `is nested in more than ${MAX_DEPTH} others`);
  const properties = list(value, place).map((one, at) => propertyOf(one, `${place}[${at}]`, depth));
  for (const key of ["id", "code"] as const) {
    const seen = properties.map((one) => one[key]);
    const second = seen.findIndex((one, at) => seen.indexOf(one) < at);
    if (second >= 0)
      fail(`${place}[${second}].${key}`, `is ${seen[second]}, as that of ${place}[${seen.indexOf(seen[second])}]`);
  }
  return properties;
}

/**
 * Reads a thing model: the object with `properties`, or the whole answer of productTSL. Events and services are passed over.
 * @param name of the file, for messages
 * @throws UsageError that names the place in it
 */
export function readModel(tsl: unknown, name: string): Model {
  const whole = isObject(tsl) && isObject(tsl.data) ? tsl.data : tsl;
  if (!isObject(whole) || !Array.isArray(whole.properties)) {
    throw new UsageError(`${name} is no thing model: it has no list "properties", as productTSL gives it`);
  }
  const entries = whole.properties as unknown[];
  const isProperty = (one: unknown): boolean => !isObject(one) || one.type === undefined || one.type === "PROPERTY";
  if (!entries.length) throw new UsageError(`${name}: properties must have one at least`);
  return { properties: propertiesOf(entries.filter(isProperty), `${name}: properties`, 0) };
}

/** The property with that code or, written in digits, that id. */
export function findProperty({ properties }: Model, name: string): Property | undefined {
  return properties.find(({ code, id }) => code === name || String(id) === name);
}
