/** One frame: where it ends in a stream, and what is in it. */
import { encodeFrame } from "../../src/codec/frame.js";
import { at16, concat, hex4, hexOf, textOf } from "./bytes.js";
import { factsOf, type Direction } from "./names.js";
import type { Keys } from "./keys.js";
import { readIds, readTtlv, type Content, type DecodedNode, type Hints, type Span } from "./ttlv.js";

/** A frame as bytes. */
export interface RawFrame {
  /** Unstuffed: AA AA, length, checksum, package id, command, data. */
  plain: Uint8Array;
  /** The offset, from the frame's first byte, of each unstuffed byte. */
  places: number[];
  /** Bytes as it travels, with what is stuffed. */
  size: number;
  /** Whether all bytes that the length demands are there. */
  whole: boolean;
}

export interface DecodedFrame {
  kind: "frame";
  /** Offset in the capture or the stream. */
  at: number;
  /** Bytes as it travels. */
  size: number;
  /** As people write it: "7031". */
  cmd: string;
  /** Of the command, where it is known. */
  name?: string;
  /** Where the frame goes, as far as the command or the capture tells. */
  direction?: Direction;
  /** Package id. */
  id: number;
  /** The length field: bytes from the checksum to the end of the data. */
  length: number;
  checksum: "ok" | "wrong";
  /** Absent where the data is in clear. */
  sealed?: "opened" | "closed";
  /** The data as a tree; a list of ids has nodes of the type "id". */
  nodes: DecodedNode[];
  /** Capital hexadecimal pairs as they travel; ** where a secret is. */
  hex: string;
  /** What is wrong, in sentences. */
  problems: string[];
  /** With `stars`: whether a secret is hidden in `hex`. */
  masked?: boolean;
}

const [AA, STUFFED] = [0xaa, 0x55];
/** AA AA, length, checksum, package id, command. */
const HEAD = 9;
const DATA_LESS = 5;
const STAR = 0x2a;

/** Reads the frame that begins at an offset with AA AA; what follows is not looked at. */
export function takeFrame(bytes: Uint8Array, start: number): RawFrame {
  const plain: number[] = [];
  const places: number[] = [];
  let needed = 4;
  let at = start;
  for (; at < bytes.length && plain.length < needed; at++) {
    if (bytes[at] === STUFFED && at > start + 1 && bytes[at - 1] === AA) continue;
    plain.push(bytes[at]);
    places.push(at - start);
    if (plain.length === 4) needed = Math.max(4, 4 + ((plain[2] << 8) | plain[3]));
  }
  // Behind an AA that ends a frame a 55 may follow.
  if (plain.length >= needed && bytes[at - 1] === AA && bytes[at] === STUFFED) at++;
  return {
    plain: Uint8Array.from(plain),
    places,
    size: at - start,
    whole: plain.length >= 4 && plain.length >= needed,
  };
}

/** Whether the checksum is right. */
function isSound({ plain, whole }: RawFrame): boolean {
  if (!whole || plain.length < HEAD) return false;
  return (plain.subarray(5).reduce((sum, byte) => sum + byte, 0) & 255) === plain[4];
}

export interface FrameOptions {
  direction?: Direction;
  keys?: Keys;
  showSecrets?: boolean;
  /** `hex` is a frame to be decoded again: in clear where a key has opened it, each byte of a secret a `*`. */
  stars?: boolean;
  /** Numbers hidden values, so that equal ones are seen to be equal; see `createMarks`. */
  mark?: (value: string) => number;
}

/** What is wrong with the frame around its data. */
function faults(raw: RawFrame, length: number): string[] {
  const problems: string[] = [];
  const missing = length + 4 - raw.plain.length;
  if (length < DATA_LESS) problems.push(`the length is ${length}, less than the ${DATA_LESS} of a frame without data`);
  if (!raw.whole) problems.push(`the frame is cut: ${missing} of its ${length + 4} bytes are missing`);
  else if (!isSound(raw)) {
    const sum = raw.plain.subarray(5).reduce((total, byte) => total + byte, 0) & 255;
    problems.push(
      `the checksum is ${hexOf(raw.plain.subarray(4, 5))}, its bytes add up to ${hexOf(Uint8Array.of(sum))}`,
    );
  }
  return problems;
}

interface Opened extends Content {
  sealed?: "opened" | "closed";
  /** What was sealed, and where its secrets are. */
  clear?: { data: Uint8Array; secrets: Span[] };
}

/** The data in clear, its content, and what became of the seal. */
function contentOf(cmd: number, data: Uint8Array, options: FrameOptions): Opened {
  const { ids, list, raw, direction } = factsOf(cmd);
  const show = Boolean(options.showSecrets);
  const { mark } = options;
  const explain: Hints["explain"] = (id, bytes) => options.keys?.meaning?.(cmd, id, textOf(bytes) ?? "", show);
  const read = (bytes: Uint8Array): Content => {
    if (raw) return { nodes: [], secrets: [] };
    return list ? readIds(bytes, ids) : readTtlv(bytes, ids, show, { explain, mark });
  };
  const opened = options.keys?.open(cmd, data, options.direction ?? direction);
  if (opened) {
    const content = read(opened);
    // Its ciphertext hides the secrets.
    const clear = { data: opened, secrets: content.secrets };
    if (!content.problem) return { ...content, secrets: [], sealed: "opened", clear };
  }
  const content = read(data);
  if (options.keys?.isSealed(cmd) && data.length) {
    if (!content.problem && !looksSealed(data))
      return { ...content, problem: "the data is in clear on a sealed session" };
    return closed("the data is sealed, and no key that was given opens it", content.secrets);
  }
  if (!content.problem || !looksSealed(data)) return content;
  return closed(`the data is no TTLV (${content.problem}): it may be sealed`, content.secrets);
}

const closed = (problem: string, secrets: Span[] = []) => ({ nodes: [], secrets, sealed: "closed" as const, problem });

/** Whether data has the length of whole blocks of AES, or of those with the counter and the tag of a proof's channel. */
function looksSealed(data: Uint8Array): boolean {
  const rest = data.length % 16;
  return data.length >= 16 && (rest === 0 || (rest === 4 && data.length >= 36));
}

/** Everything about one frame. @param at its offset in the capture */
export function describeFrame(raw: RawFrame, bytes: Uint8Array, at: number, options: FrameOptions): DecodedFrame {
  const { plain, places, size } = raw;
  const length = plain.length >= 4 ? at16(plain, 2) : 0;
  const [id, cmd] = plain.length >= HEAD ? [at16(plain, 5), at16(plain, 7)] : [0, 0];
  const { name, direction } = factsOf(cmd);
  const problems = faults(raw, length);
  const data = plain.subarray(HEAD);
  const content: Opened = plain.length >= HEAD ? contentOf(cmd, data, options) : { nodes: [], secrets: [] };
  if (content.problem) problems.push(content.problem);
  if (id === 0xffff) problems.push("the package id FFFF is not used");
  if (raw.whole && (cmd === 0 || cmd === 0xffff)) problems.push(`the command ${hex4(cmd)} is not used`);
  const way = options.direction ?? direction;
  const travels = bytes.subarray(at, at + size);
  return {
    kind: "frame",
    at,
    size,
    cmd: hex4(cmd),
    ...(name !== undefined && { name }),
    ...(way && { direction: way }),
    id,
    length,
    checksum: isSound(raw) ? "ok" : "wrong",
    ...(content.sealed && { sealed: content.sealed }),
    nodes: content.nodes,
    ...(options.stars ? starred(raw, content, travels) : { hex: hexOf(travels, hider(content.secrets, places)) }),
    problems,
  };
}

/** A frame as it is shown without its secrets: encoded again, as the letters of a secret may be stuffed. */
function starred(raw: RawFrame, content: Opened, travels: Uint8Array): Pick<DecodedFrame, "hex" | "masked"> {
  const { plain } = raw;
  const { data, secrets } = content.clear ?? { data: plain.subarray(HEAD), secrets: content.secrets };
  const masked = secrets.length > 0;
  if (!masked && !content.clear) return { hex: hexOf(travels), masked };
  const safe = Uint8Array.from(data);
  for (const [from, to] of secrets) safe.fill(STAR, from, to);
  // One that is broken stays so.
  if (!isSound(raw)) return { hex: hexOf(concat(plain.subarray(0, HEAD), safe)), masked };
  const frame = encodeFrame(at16(plain, 5), at16(plain, 7), String.fromCharCode(...safe));
  return { hex: hexOf(Uint8Array.from(frame, (letter) => letter.charCodeAt(0))), masked };
}

/** Which bytes of a frame, as it travels, belong to secrets. */
function hider(secrets: Span[], places: number[]): (at: number) => boolean {
  const hidden = new Set<number>();
  for (const [from, to] of secrets) {
    for (let i = from + HEAD; i < to + HEAD; i++) {
      hidden.add(places[i]);
      // A stuffed byte tells of the one before it.
      for (let at = places[i] + 1; at < (places[i + 1] ?? 0); at++) hidden.add(at);
    }
  }
  return (at) => hidden.has(at);
}
