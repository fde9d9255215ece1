/** test/vectors/wire.json: what public clients of this platform make and read, row by row. */

import { readFileSync } from "node:fs";

import type { Node, Value } from "../../src/codec/ttlv.js";
import { fromHex, toHex } from "./hal.js";

/** A value as a client was told to encode it: id, type, value; a boolean by its type alone. */
type Field = [id: number, type: number | null, value?: unknown];

export interface Row {
  id: string;
  group: string;
  what: string;
  use: "expect" | "accept both" | "refuse" | "info";
  packageId: number;
  cmd?: string;
  data?: string;
  plain?: string;
  frame?: string;
  protocolMd?: string;
  chunks?: string[];
  frames?: [number, string, string][];
  fields?: Field[];
  ttlv?: string;
  tagId?: number;
  value?: number | string;
  decodedAgain?: number;
  authKey?: string;
  random?: string;
  token?: string;
  success?: boolean;
  direction?: "app" | "device";
}

const rows = (JSON.parse(readFileSync("test/vectors/wire.json", "utf8")) as { rows: Row[] }).rows;

/** The binding rows of these groups: those whose `use` asks for something. */
export function wireRows(...groups: string[]): Row[] {
  return rows.filter((row) => groups.includes(row.group) && row.use !== "info");
}

/** A child of a struct or array: a number, true for null, text, or children again. */
function childOf([id, value]: [number, unknown]): Node {
  if (value === null) return [id, true];
  return [id, Array.isArray(value) ? value.map(childOf) : (value as Value)];
}

/** The node that a client was told to encode. */
export function nodeOf([id, type, value]: Field): Node {
  if (value === undefined) return [id, type === 1];
  if (Array.isArray(value)) return [id, value.map(childOf)];
  if (type === 5) return [id, fromHex(value as string), true];
  return [id, type === 3 ? Buffer.from(value as string).toString("latin1") : (value as number)];
}

/** Decoded nodes as the rows write them: strings in hexadecimal. */
export function described(nodes: Node[]): unknown[] {
  return nodes.map(([id, value]) => [
    id,
    Array.isArray(value) ? described(value) : typeof value === "string" ? toHex(value) : value,
  ]);
}
