/** Checks a value by the part of JSON schema that the products file's schema uses. A complaint repeats no value. */

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

type Fields = Record<string, unknown>;

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** Changes that make one name of another: letters put in, taken out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (letter === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** The known name that was probably meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.far <= 3 && ranked[0].far < name.length ? ranked[0].one : undefined;
}

function fits(value: unknown, schema: Schema): boolean {
  if (schema.type && typeOf(value) !== schema.type) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (typeof value === "string") {
    return value.length >= (schema.minLength ?? 0) && (!schema.pattern || new RegExp(schema.pattern).test(value));
  }
  if (typeof value === "number") return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  return !Array.isArray(value) || value.length >= (schema.minItems ?? 0);
}

function unknownName(fields: Fields, schema: Schema, where: string): string | undefined {
  const known = Object.keys(schema.properties ?? {});
  const name = Object.keys(fields).find((one) => !known.includes(one));
  if (name === undefined || schema.additionalProperties !== false) return undefined;
  const meant = nearest(name, known);
  const shown = JSON.stringify(name.slice(0, 40));
  return `${where || "the file"} has ${shown}, which is not known${meant ? `: is "${meant}" meant?` : ""}`;
}

/** @returns the first complaint in one sentence, or undefined */
export function complaintOf(value: unknown, schema: Schema, where = ""): string | undefined {
  if (!fits(value, schema)) return `${where || "it"} must be ${schema.description}`;
  if (Array.isArray(value)) {
    for (const [at, entry] of value.entries()) {
      const complaint = complaintOf(entry, schema.items ?? {}, `${where}[${at}]`);
      if (complaint) return complaint;
    }
  }
  if (schema.type !== "object") return undefined;
  const fields = value as Fields;
  const place = (name: string): string => (where ? `${where}.${name}` : name);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const needed = schema.required?.includes(name);
    if (fields[name] === undefined && !needed) continue;
    const complaint = complaintOf(fields[name], inner, place(name));
    if (complaint) return complaint;
  }
  return unknownName(fields, schema, where);
}
