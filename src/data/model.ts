/** The table of a thing model: a text that stays in flash, looked through when a property is needed. docs/data.md */

import type { Failure } from "../failure.js";

/** Name, id, type, and what the type takes. */
export type Property = string[];

let table = "";

/** @param text the table, or "" */
export function useModel(text: string): void {
  table = text;
}

/** @param key its name or its id @returns undefined for one that the table does not have */
export function propertyOf(key: string | number): Property | undefined {
  let at = table.indexOf("\n" + key + ":") + 1;
  // Espruino also finds the line break at the end, which only begins like this.
  if (!at || at == table.length) {
    const id = table.indexOf(":" + key + " ");
    at = id < 0 ? 0 : table.lastIndexOf("\n", id) + 1;
  }
  return at ? table.substring(at, table.indexOf("\n", at)).replace(":", " ").split(" ") : undefined;
}

/** A sentence about a value that cannot be sent. */
export function badValue(name: string, value: unknown): Failure {
  const error = new Error(name + " cannot be " + (value as string)) as Failure;
  error.code = "value";
  return error;
}

function rounded(value: number, step: number): number {
  // Divided by 10, not multiplied with 0.1, which is not exact.
  const parts = step < 1 ? Math.round(1 / step) : 1 / step;
  return parts ? Math.round(value * parts) / parts : value;
}

/** Whether a value has the type and the range of its property. */
function fits(property: Property, type: string, value: unknown): boolean {
  const least = parseFloat(property[3]);
  const is = typeof value;
  if (type == "b") return is == "boolean";
  if (type == "n") return is == "number" && !((value as number) < least || (value as number) > parseFloat(property[4]));
  if (type == "e") return property.indexOf(String(value), 3) > 0;
  if (type == "a" || type == "s") return is == "object";
  return (is == "string" || (type == "r" && value instanceof Uint8Array)) && !((value as string).length > least);
}

/**
 * The value as its property has it: rounded to the step.
 * @param writes whether it comes from outside
 * @throws Failure "value" when it does not fit, or may not be written
 */
export function fitted(property: Property, value: unknown, writes?: boolean): unknown {
  const type = property[2].toLowerCase();
  if ((writes && property[2] == type) || !fits(property, type, value)) throw badValue(property[0], value);
  return type == "n" ? rounded(value as number, parseFloat(property[5])) : value;
}
