/** Captures: hexadecimal as people copy it, the lines that `tap` saves, or the bytes themselves. */
import { UsageError } from "../errors.js";
import { hexOf } from "./bytes.js";
import type { Direction } from "./names.js";

/** Bytes of one connection that came in one piece. */
export interface Piece {
  /** 1, 2… in their order; pieces of one connection belong together. */
  connection: number;
  /** Unknown where the capture does not tell. */
  direction?: Direction;
  /** Milliseconds since the epoch. */
  time?: number;
  bytes: Uint8Array;
}

export interface Capture {
  pieces: Piece[];
  /** Lines of a text that hold no bytes: names, comments. */
  passedOver: number;
  /** Number of a last line that was cut while it was written: all before it is whole. */
  cut?: number;
}

/** The line of a file for a piece. */
export function captureLine({ bytes, ...piece }: Piece): string {
  return JSON.stringify({ ...piece, hex: hexOf(bytes).replaceAll(" ", "") });
}

const PAIRS = /^(?:[0-9a-f]{2})+$/i;

/** What people put around and between hexadecimal digits. */
const bare = (text: string): string => text.replace(/0x|\\x|[\s,:;-]/gi, "");

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  // A list of pairs would cost 50 bytes for each.
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/**
 * Bytes of hexadecimal digits with spaces, commas, colons, 0x or \x between them.
 * @throws UsageError that names the place of what is none
 */
export function readHex(text: string): Uint8Array {
  const at = text.replace(/0x|\\x/gi, "  ").search(/[^0-9a-f\s,:;-]/i);
  if (at >= 0) {
    const character = JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
    throw new UsageError(`${character} at position ${at + 1} is no hexadecimal digit`);
  }
  const digits = bare(text);
  if (!digits) throw new UsageError("there is no hexadecimal digit");
  if (digits.length % 2) throw new UsageError(`${digits.length} hexadecimal digits are no whole bytes: one is missing`);
  return bytesOf(digits);
}

/** A line of `xxd` (an offset and a colon) or of `hexdump -C` (characters between bars at its end). */
const DUMPS = [
  /^[0-9a-f]{8}: ((?:[0-9a-f]{2}){1,2}(?: (?:[0-9a-f]{2}){1,2}){0,15})(?: {2,}.*)?$/i,
  /^[0-9a-f]{8} {2}([0-9a-f]{2}(?: {1,2}[0-9a-f]{2}){0,15}) *\|.*\|$/i,
];
/** The last line of `hexdump -C`, which is the length. */
const DUMP_END = /^[0-9a-f]{8}$/i;

/** The bytes of one line of a text; undefined for a name, a comment, a log line without a frame. */
function bytesOfLine(line: string, before: string): Uint8Array | undefined {
  for (const dump of DUMPS) {
    const digits = dump.exec(line)?.[1];
    if (digits !== undefined) return bytesOf(bare(digits));
  }
  if (DUMP_END.test(line) && DUMPS[1].test(before)) return undefined;
  const all = bare(line);
  if (PAIRS.test(all)) return bytesOf(all);
  const frame = /\bAA[\s:-]?AA(?:[\s:-]?[0-9A-F]{2})+\b/i.exec(line)?.[0];
  return frame === undefined ? undefined : bytesOf(bare(frame));
}

/** A line that `tap` has saved, or `tap --json` printed with all its bytes. */
function pieceOf(line: string, number: number, name: string): Piece | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UsageError(`line ${number} of ${name} is not JSON, as its first one is`);
  }
  const { hex, connection = 1, direction, time } = (value ?? {}) as Record<string, unknown>;
  if (hex === undefined) return undefined;
  if (typeof hex !== "string" || !PAIRS.test(bare(hex) || "00")) {
    const masked = typeof hex === "string" && hex.includes("*");
    throw new UsageError(
      masked
        ? `line ${number} of ${name} has a secret left out (**): only a file of \`tap --save\` can be decoded`
        : `"hex" in line ${number} of ${name} is no hexadecimal text`,
    );
  }
  return {
    connection: Number(connection) || 1,
    ...((direction === "up" || direction === "down") && { direction }),
    ...(typeof time === "number" && { time }),
    bytes: bytesOf(bare(hex)),
  };
}

const isJson = (line: string): boolean => {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};

function readText(text: string, name: string): Capture {
  const lines = text.split(/\r?\n/);
  const pieces: Piece[] = [];
  let passedOver = 0;
  const json = /^\s*\{/.test(text);
  const torn = json && lines.length > 1 && lines.at(-1)!.trim() !== "" && !isJson(lines.at(-1)!);
  const cut = torn ? lines.length : undefined;
  if (torn) lines.pop();
  lines.forEach((line, index) => {
    if (!line.trim()) return;
    if (json) {
      const piece = pieceOf(line, index + 1, name);
      if (piece) pieces.push(piece);
      else passedOver++;
      return;
    }
    const bytes = bytesOfLine(line, lines[index - 1] ?? "");
    if (bytes) pieces.push({ connection: 1, bytes });
    else passedOver++;
  });
  return { pieces, passedOver, cut };
}

/** Whether bytes are a text of ASCII or UTF-8. */
function textIn(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Reads a file: lines of `tap --save`, hexadecimal in lines, or bytes.
 * @throws UsageError that names the line
 */
export function readCapture(content: Uint8Array, name: string): Capture {
  const text = textIn(content);
  return text === undefined ? { pieces: [{ connection: 1, bytes: content }], passedOver: 0 } : readText(text, name);
}
