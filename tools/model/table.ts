/** The table of a thing model for the device's WifiBindingData, and its TypeScript types. docs/data.md describes both. */
import { UsageError } from "../../sim/errors.js";
import type { Kind, Model, Property } from "../../sim/model/tsl.js";

/** Letters of the table; a capital one marks what may be written. */
const LETTERS: Record<Kind, string> = {
  BOOL: "b",
  INT: "n",
  FLOAT: "n",
  DOUBLE: "n",
  DATE: "n",
  ENUM: "e",
  TEXT: "t",
  RAW: "r",
  STRUCT: "s",
  ARRAY: "a",
};

const orNone = (value: number | undefined): string => (value === undefined ? "-" : String(value));

/** What the type takes behind its letter. */
function details({ kind, min, max, step, values, size }: Property): string[] {
  switch (LETTERS[kind]) {
    case "n":
      // A whole number has the step 1 also where the thing model has none.
      return [min, max, step ?? (kind === "INT" || kind === "DATE" ? 1 : undefined)].map(orNone);
    case "e":
      return [...values!.keys()].map(String);
    case "t":
    case "r":
      return [orNone(size)];
    default:
      return [];
  }
}

/** The table: a line break, then a line for each property with a line break behind it. */
export function tableOf({ properties }: Model): string {
  const lines = properties.map((property) => {
    const letter = LETTERS[property.kind];
    const type = property.access === "R" ? letter : letter.toUpperCase();
    return `${property.code}:${[property.id, type, ...details(property)].join(" ")}\n`;
  });
  return `\n${lines.join("")}`;
}

/** The type of a value on the device. */
function typeOf({ kind, values, fields, item }: Property, indent: string): string {
  switch (LETTERS[kind]) {
    case "b":
      return "boolean";
    case "n":
      return "number";
    case "e":
      return [...values!.keys()].join(" | ");
    case "s":
      return `{\n${fields!.map((field) => member(field, String(field.id), `${indent}  `)).join("")}${indent}}`;
    case "a": {
      const inner = typeOf(item!, indent);
      return / \| /.test(inner) && !inner.startsWith("{") ? `(${inner})[]` : `${inner}[]`;
    }
    default:
      return "string";
  }
}

/** What a person should know of a value: its name, its range and unit, and what its numbers mean. */
function comment({ kind, code, name, min, max, unit, values, size }: Property): string {
  const range = min === undefined && max === undefined ? "" : `${min ?? ""} to ${max ?? ""}`.trim();
  const list = values ? [...values].map(([key, one]) => (one === String(key) ? one : `${key} ${one}`)).join(", ") : "";
  const bytes = size !== undefined && kind !== "ARRAY" ? `${size} bytes at most` : "";
  const said = [name === code ? "" : name, range, unit, list, kind === "RAW" ? "bytes" : "", bytes];
  // A comment must not end before its end.
  return said
    .filter(Boolean)
    .join("; ")
    .replace(/\*\//g, "* /")
    .replace(/[\r\n]+/g, " ");
}

function member(property: Property, key: string, indent: string): string {
  const text = comment(property);
  const doc = text ? `${indent}/** ${text} */\n` : "";
  return `${doc}${indent}${key}?: ${typeOf(property, indent)};\n`;
}

function declare(name: string, what: string, properties: Property[]): string {
  const members = properties.map((property) => member(property, property.code, "  ")).join("");
  return `/** ${what} */\nexport interface ${name} {\n${members}}\n`;
}

/** TypeScript: what is reported, and what the cloud and apps write. */
export function typesOf({ properties }: Model): string {
  const written = properties.filter(({ access }) => access !== "R");
  return [
    "// Made by `wifi-binding model`: make it anew when the thing model changes.\n",
    declare("Properties", "The properties of the device, for `report` and for answers to `read`.", properties),
    declare("Writes", "Those that the cloud and apps may write: the values of the event `write`.", written),
  ].join("\n");
}

/** @throws UsageError where the device's table cannot have it */
export function demandTable({ properties }: Model, name: string): void {
  for (const { code, step, kind } of properties) {
    if (kind === "INT" && step !== undefined && !Number.isInteger(step)) {
      throw new UsageError(`${name}: the step of ${code} is ${step}, and a whole number has a whole step`);
    }
  }
}
