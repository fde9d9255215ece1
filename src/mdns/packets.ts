/** mDNS packets (RFC 6762; layout of DNS, RFC 1035): queries in, responses out. Names are kept as on the wire. */

import { at16, indexIn, u16 } from "../codec/bytes.js";

export const TYPE_A = 1;
export const TYPE_PTR = 12;
export const TYPE_TXT = 16;
export const TYPE_SRV = 33;
const TYPE_ANY = 255;

const CLASS_IN = 1;
const CLASS_ANY = 255;
/** Top bit of a class: in a question "answer me alone", in a record "forget what you knew". */
const CLASS_BIT = 0x8000;

const HEADER = 12;
/** Flags and operation of anything but a plain query. */
const NOT_A_QUERY = 0xf800;
/** A response with authority. */
const RESPONSE = 0x8400;

/** Most that is looked at in one packet. */
const MAX_QUESTIONS = 16;
const MAX_KNOWN = 32;
/** Longest name without its closing zero. */
const MAX_NAME = 254;

export interface Question {
  /** Labels with their lengths, in small letters, without the closing zero. */
  name: string;
  type: number;
  /** The asker wants the answer for itself. */
  unicast: boolean;
}

/** A record as the asker has it already. */
interface Known {
  name: string;
  type: number;
  ttl: number;
  /** As on the wire, a name in it as in questions. */
  data: string;
}

export interface Query {
  id: number;
  questions: Question[];
  known: Known[];
  /** Number and bytes of the questions as they came, for an answer that repeats them. */
  count: number;
  section: string;
}

export interface Resource {
  name: string;
  type: number;
  /** Nobody else has a record of this name and type. */
  unique: boolean;
  /** Seconds. */
  ttl: number;
  data: string;
  /** The name that the data ends with, or "". */
  target: string;
}

/** One label. */
export function label(text: string): string {
  return String.fromCharCode(text.length) + text;
}

/**
 * The name at `at`, and the offset behind it. Each jump must go back to before the place of the last, so that it ends.
 * @returns undefined when it is malformed or leaves the packet
 */
function nameAt(bytes: string, at: number): [name: string, next: number] | undefined {
  let name = "";
  let next = 0;
  let start = at;
  while (at < bytes.length && name.length <= MAX_NAME) {
    const length = bytes.charCodeAt(at);
    if (!length) return [name.toLowerCase(), next || at + 1];
    if (length < 64) {
      name += bytes.substr(at, length + 1);
      at += length + 1;
    } else {
      const target = at16(bytes, at) & 0x3fff;
      if (length < 0xc0 || at + 2 > bytes.length || target >= start) return undefined;
      if (!next) next = at + 2;
      at = start = target;
    }
  }
  return undefined;
}

/** The record at `at` behind its name, or undefined. */
function knownAt(bytes: string, name: string, at: number): Known | undefined {
  const type = at16(bytes, at);
  const start = at + 10;
  const end = start + at16(bytes, at + 8);
  if (start > bytes.length || end > bytes.length) return undefined;
  let data = bytes.substring(start, end);
  if (type == TYPE_PTR || type == TYPE_SRV) {
    const prefix = type == TYPE_SRV ? 6 : 0;
    const target = nameAt(bytes, start + prefix);
    if (!target || target[1] > end) return undefined;
    data = data.substr(0, prefix) + target[0];
  }
  return { name: name, type: type, ttl: at16(bytes, at + 4) * 65536 + at16(bytes, at + 6), data: data };
}

/** The known answers from `at` on. Espruino cuts long datagrams: what is whole counts. */
function knownFrom(bytes: string, at: number): Known[] {
  const list: Known[] = [];
  for (let left = Math.min(at16(bytes, 6), MAX_KNOWN); left > 0; left--) {
    const name = nameAt(bytes, at);
    const known = name && knownAt(bytes, name[0], name[1]);
    if (!known) break;
    list.push(known);
    at = name[1] + 10 + at16(bytes, name[1] + 8);
  }
  return list;
}

/**
 * Decodes a query.
 * @returns undefined for anything else: a response, no question or more than 16, a malformed one
 */
export function decodeQuery(bytes: string): Query | undefined {
  if (bytes.length < HEADER || at16(bytes, 2) & NOT_A_QUERY) return undefined;
  const count = at16(bytes, 4);
  if (!count || count > MAX_QUESTIONS) return undefined;
  const questions: Question[] = [];
  let at = HEADER;
  for (let left = count; left > 0; left--) {
    const name = nameAt(bytes, at);
    if (!name || name[1] + 4 > bytes.length) return undefined;
    at = name[1] + 4;
    const group = at16(bytes, at - 2);
    const plain = group & ~CLASS_BIT;
    if (plain == CLASS_IN || plain == CLASS_ANY) {
      questions.push({ name: name[0], type: at16(bytes, at - 4), unicast: group != plain });
    }
  }
  return {
    id: at16(bytes, 0),
    questions: questions,
    known: knownFrom(bytes, at),
    count: count,
    section: bytes.substring(HEADER, at),
  };
}

/** Whether the asker has the record for at least half of its life still (RFC 6762, 7.1). */
function isKnown(query: Query, record: Resource, name: string): boolean {
  const data = record.data + record.target.toLowerCase();
  return query.known.some(
    (known) => known.type == record.type && known.ttl * 2 >= record.ttl && known.name == name && known.data == data,
  );
}

/** How a query wants a record: 0 not at all, 1 for the asker alone, 2 for everybody. */
export function demand(query: Query, record: Resource): number {
  const name = record.name.toLowerCase();
  let wanted = 0;
  for (let i = 0; i < query.questions.length; i++) {
    const question = query.questions[i];
    const meant = question.name == name && (question.type == record.type || question.type == TYPE_ANY);
    if (meant) wanted = Math.max(wanted, question.unicast ? 1 : 2);
  }
  return wanted && isKnown(query, record, name) ? 0 : wanted;
}

/** Appends a name; its longest ending that the packet already holds is a pointer. */
function addName(out: string, name: string): string {
  for (let at = 0; at < name.length; at += 1 + name.charCodeAt(at)) {
    const found = indexIn(out, name.substr(at) + "\0", 0);
    if (found >= 0) return out + name.substr(0, at) + u16(0xc000 | found);
  }
  return out + name + "\0";
}

function addRecord(out: string, record: Resource, most: number, legacy: boolean): string {
  const flush = record.unique && !legacy ? CLASS_BIT : 0;
  const head = addName(out, record.name) + u16(record.type) + u16(CLASS_IN | flush);
  const start = head + "\0\0" + u16(Math.min(record.ttl, most));
  let whole = start + "\0\0" + record.data;
  // An old resolver does not expect a pointer in SRV (RFC 6762, 18.14).
  const plain = legacy && record.type == TYPE_SRV;
  if (record.target) whole = plain ? whole + record.target + "\0" : addName(whole, record.target);
  return start + u16(whole.length - start.length - 2) + whole.substr(start.length + 2);
}

/**
 * Encodes a response. The largest that this module makes, with ProductKey and DeviceKey of 32 characters, has 445 bytes.
 * @param most longest life in seconds; 0 takes the records back
 * @param query the query of a resolver that knows no mDNS: its id and questions are repeated
 */
export function encodeResponse(answers: Resource[], extra: Resource[], most: number, query?: Query): string {
  const counts = u16(answers.length) + "\0\0" + u16(extra.length);
  const all = answers.concat(extra);
  let out = query ? u16(query.id) + u16(RESPONSE) + u16(query.count) : "\0\0" + u16(RESPONSE) + "\0\0";
  out += counts + (query ? query.section : "");
  // No callback: each takes a piece of the small stack.
  for (let i = 0; i < all.length; i++) out = addRecord(out, all[i], most, !!query);
  return out;
}
