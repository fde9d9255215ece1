/** DNS packets of the responder (RFC 1035, RFC 6762, RFC 6763): queries in, records out. Bytes only. */

import { at16, u16, u32 } from "../codec/bytes.js";

export const TYPE_A = 1;
export const TYPE_PTR = 12;
export const TYPE_TXT = 16;
export const TYPE_SRV = 33;
const TYPE_ANY = 255;
const CLASS_IN = 1;
const CLASS_ANY = 255;
/** Top bit of a class: "answer me alone" in a question, "forget what you had" in a record. */
const TOP = 0x8000;

/** What a query may hold at most; more is not looked at. */
const MOST_QUESTIONS = 16;
const MOST_RECORDS = 32;
const MOST_LABELS = 16;
const MOST_JUMPS = 8;

export interface Question {
  /** Lower case, labels joined by dots. */
  name: string;
  type: number;
  /** Whether the asker wants the answer for itself. */
  alone: boolean;
}

/** A PTR record that the asker has already. */
export interface Known {
  name: string;
  target: string;
  /** Seconds. */
  ttl: number;
}

export interface Query {
  id: number;
  questions: Question[];
  known: Known[];
}

export interface ResourceRecord {
  name: string;
  type: number;
  /** Seconds; 0 takes the record back. */
  ttl: number;
  /** RDATA. */
  data: string;
}

/** A name in the wire's form, without compression. */
export function encodeName(name: string): string {
  return (
    name
      .split(".")
      .map((label) => String.fromCharCode(label.length) + label)
      .join("") + "\x00"
  );
}

/** The name at an offset and the offset behind it, or undefined: pointers only lead back, and not for ever. */
function readName(bytes: string, at: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let end = 0;
  let jumps = 0;
  for (;;) {
    const length = bytes.charCodeAt(at);
    if (at >= bytes.length || labels.length > MOST_LABELS) return undefined;
    if (length == 0) return { name: labels.join(".").toLowerCase(), end: end || at + 1 };
    if (length >= 0xc0) {
      const target = at16(bytes, at) & 0x3fff;
      if (at + 2 > bytes.length || target >= at || ++jumps > MOST_JUMPS) return undefined;
      end = end || at + 2;
      at = target;
    } else {
      if (length > 63 || at + 1 + length > bytes.length) return undefined;
      labels.push(bytes.substr(at + 1, length));
      at += 1 + length;
    }
  }
}

/** Reads a question into the query. @returns the offset behind it, 0 when it is malformed */
function readQuestion(bytes: string, at: number, query: Query): number {
  const asked = readName(bytes, at);
  if (!asked || asked.end + 4 > bytes.length) return 0;
  const type = at16(bytes, asked.end);
  const flags = at16(bytes, asked.end + 2);
  const kind = flags & ~TOP;
  if (kind == CLASS_IN || kind == CLASS_ANY) {
    query.questions.push({ name: asked.name, type: type, alone: (flags & TOP) != 0 });
  }
  return asked.end + 4;
}

/** Reads a record, and keeps it if it is a PTR. @returns the offset behind it, 0 when it is malformed */
function readRecord(bytes: string, at: number, query: Query): number {
  const record = readName(bytes, at);
  if (!record || record.end + 10 > bytes.length) return 0;
  const data = record.end + 10;
  const end = data + at16(bytes, data - 2);
  if (end > bytes.length) return 0;
  const target = at16(bytes, record.end) == TYPE_PTR && readName(bytes, data);
  const ttl = at16(bytes, data - 6) * 65536 + at16(bytes, data - 4);
  if (target) query.known.push({ name: record.name, target: target.name, ttl: ttl });
  return end;
}

/** Reads a query. @returns undefined for anything else, and for what is malformed */
export function decodeQuery(bytes: string): Query | undefined {
  // Twelve bytes of header; QR and opcode are 0 in a query.
  if (bytes.length < 12 || at16(bytes, 2) & 0xf800) return undefined;
  const questions = at16(bytes, 4);
  const all = questions + at16(bytes, 6);
  if (!questions || questions > MOST_QUESTIONS || all > questions + MOST_RECORDS) return undefined;
  const query: Query = { id: at16(bytes, 0), questions: [], known: [] };
  let at = 12;
  for (let i = 0; i < all && at; i++) {
    at = i < questions ? readQuestion(bytes, at, query) : readRecord(bytes, at, query);
  }
  return at ? query : undefined;
}

/** Whether a query asks for a record. */
export function asksFor(query: Query, record: ResourceRecord): boolean {
  const name = record.name.toLowerCase();
  return query.questions.some((asked) => asked.name == name && (asked.type == record.type || asked.type == TYPE_ANY));
}

function encodeRecord(record: ResourceRecord, flush: boolean): string {
  // Of the pointer to a service every device has one: nobody may forget the others.
  const kind = flush && record.type != TYPE_PTR ? CLASS_IN | TOP : CLASS_IN;
  const head = encodeName(record.name) + u16(record.type) + u16(kind) + u32(record.ttl);
  return head + u16(record.data.length) + record.data;
}

/**
 * An answer to everybody, or, with a question, the legacy answer to one asker, who is a plain DNS client.
 * @param more records that will be asked for next
 */
export function encodeResponse(
  answers: ResourceRecord[],
  more: ResourceRecord[],
  legacy?: { id: number; question: Question },
): string {
  const all = answers.concat(more).map((record) => encodeRecord(record, !legacy));
  const counts = u16(legacy ? 1 : 0) + u16(answers.length) + u16(0) + u16(more.length);
  const asked = legacy ? encodeName(legacy.question.name) + u16(legacy.question.type) + u16(CLASS_IN) : "";
  return u16(legacy ? legacy.id : 0) + u16(0x8400) + counts + asked + all.join("");
}
