/** TTLV for people: each node with its name, its place and its meaning, and what is wrong with the bytes, by offset. */
import { at16, hexOf, textOf } from "./bytes.js";
import { idFacts, type Ids } from "./names.js";

export interface DecodedNode {
  /** 0-8191; 0 is an element of an array. */
  id: number;
  name?: string;
  type: "bool" | "number" | "text" | "bytes" | "struct" | "array" | "id";
  /** Text, or bytes as hexadecimal pairs, or a number of more than 53 bits as its digits. Absent where it is a secret. */
  value?: boolean | number | string;
  /** What the value stands for. */
  meaning?: string;
  children?: DecodedNode[];
  /** The value is hidden. */
  secret?: true;
  /** Of a hidden value: equal ones have equal numbers. */
  mark?: number;
  /** Bytes of the content. */
  size: number;
}

/** Bytes of the data that hold a secret. */
export type Span = [from: number, to: number];

export interface Content {
  nodes: DecodedNode[];
  secrets: Span[];
  /** Why the rest is not decoded. */
  problem?: string;
}

const [TRUE, NUMBER, TEXT, STRUCT, RAW] = [1, 2, 3, 4, 5];
/** As the device's own decoder. */
const MAX_DEPTH = 16;

class Malformed extends Error {}

/** The number whose flag byte is at an offset; exact as digits where it has more than 53 bits. */
function numberAt(data: Uint8Array, offset: number): number | string {
  const flag = data[offset];
  let magnitude = 0n;
  for (let i = 0; i <= (flag & 7); i++) magnitude = magnitude * 256n + BigInt(data[offset + 1 + i]);
  const scale = 10 ** ((flag >> 3) & 15);
  const signed = flag & 128 ? -magnitude : magnitude;
  if (magnitude > BigInt(Number.MAX_SAFE_INTEGER) && scale === 1) return String(signed);
  // Not -0, which is no other number on the wire.
  return (Number(signed) || 0) / scale;
}

class Reader {
  readonly secrets: Span[] = [];
  at = 0;

  constructor(
    private readonly data: Uint8Array,
    private readonly show: boolean,
    private readonly hints: Hints,
  ) {}

  get ended(): boolean {
    return this.at >= this.data.length;
  }

  node(ids: Ids | undefined, depth: number): DecodedNode {
    const start = this.at;
    this.demand(2, "a tag");
    const tag = at16(this.data, start);
    const [id, type] = [tag >> 3, tag & 7];
    const { name, secret, values, ids: inner } = idFacts(ids, id);
    this.at += 2;
    if (type > RAW) throw new Malformed(`type ${type} of id ${id} at offset ${start} is reserved`);
    const base = { id, ...(name !== undefined && { name }) };
    if (type <= TRUE) return { ...base, type: "bool", value: type === TRUE, size: 0 };
    if (type === STRUCT) return { ...base, ...this.children(id, inner, depth) };
    const [from, to] = this.content(id, type);
    const bytes = this.data.subarray(from, to);
    const known = { ...base, size: to - from };
    const hint = secret && type !== NUMBER && depth === 0 ? this.hints.explain?.(id, bytes) : undefined;
    const meant = hint === undefined ? {} : { meaning: hint };
    if (secret && !this.show && to > from) {
      this.secrets.push([from, to]);
      const mark = this.hints.mark?.(hexOf(bytes));
      const numbered = mark === undefined ? {} : { mark };
      const kind = type === NUMBER ? "number" : type === TEXT ? "text" : "bytes";
      return { ...known, type: kind, secret, ...numbered, ...meant };
    }
    if (type === NUMBER) {
      const value = numberAt(this.data, from);
      const meaning = values?.[Number(value)];
      return { ...known, type: "number", value, ...(meaning !== undefined && { meaning }) };
    }
    const text = type === TEXT ? textOf(bytes) : undefined;
    return { ...known, type: text === undefined ? "bytes" : "text", value: text ?? hexOf(bytes), ...meant };
  }

  /** Where the content of a number, a text or bytes is. */
  private content(id: number, type: number): Span {
    const what = `id ${id}`;
    if (type === NUMBER) {
      this.demand(1, `the number of ${what}`);
      const from = this.at;
      const size = 2 + (this.data[from] & 7);
      this.demand(size, `the number of ${what}, ${size} bytes,`);
      this.at += size;
      return [from, this.at];
    }
    this.demand(2, `the length of ${what}`);
    const size = at16(this.data, this.at);
    this.at += 2;
    this.demand(size, `the text of ${what}, ${size} bytes,`);
    this.at += size;
    return [this.at - size, this.at];
  }

  private children(id: number, ids: Ids | undefined, depth: number): Omit<DecodedNode, "id"> {
    this.demand(2, `the count of id ${id}`);
    const count = at16(this.data, this.at);
    this.at += 2;
    if (depth >= MAX_DEPTH) throw new Malformed(`id ${id} at offset ${this.at - 4} is nested deeper than ${MAX_DEPTH}`);
    const from = this.at;
    const children: DecodedNode[] = [];
    for (let i = 0; i < count; i++) {
      if (this.ended) throw new Malformed(`the struct of id ${id} has ${i} of its ${count} members`);
      children.push(this.node(ids, depth + 1));
    }
    const array = children.length > 0 && children.every((child) => child.id === 0);
    return { type: array ? "array" : "struct", children, size: this.at - from };
  }

  private demand(size: number, what: string): void {
    if (this.at + size <= this.data.length) return;
    throw new Malformed(`${what} at offset ${this.at} reaches beyond the end of the data`);
  }
}

const hasSecret = (ids: Ids | undefined): boolean =>
  Object.values(ids ?? {}).some((facts) => typeof facts !== "string" && facts.secret);

/** What is told of a secret without telling it. */
export interface Hints {
  explain?: (id: number, content: Uint8Array) => string | undefined;
  /** The number of a value. */
  mark?: (value: string) => number;
}

/** Decodes as far as the bytes are good. @param show whether secrets are shown */
export function readTtlv(data: Uint8Array, ids: Ids | undefined, show: boolean, hints: Hints = {}): Content {
  const reader = new Reader(data, show, hints);
  const nodes: DecodedNode[] = [];
  try {
    while (!reader.ended) nodes.push(reader.node(ids, 0));
    return { nodes, secrets: reader.secrets };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    // What could not be read may be one of its secrets.
    const rest: Span[] = show || !hasSecret(ids) ? [] : [[Math.min(reader.at, data.length), data.length]];
    return { nodes, secrets: [...reader.secrets, ...rest], problem: error.message };
  }
}

/** Decodes a list of ids of two bytes each. */
export function readIds(data: Uint8Array, ids: Ids | undefined): Content {
  const nodes: DecodedNode[] = [];
  for (let at = 0; at + 1 < data.length; at += 2) {
    const id = at16(data, at);
    const { name } = idFacts(ids, id);
    nodes.push({ id, ...(name !== undefined && { name }), type: "id", size: 2 });
  }
  const problem = data.length % 2 ? `the list of ids ends with half an id at offset ${data.length - 1}` : undefined;
  return { nodes, secrets: [], ...(problem && { problem }) };
}
