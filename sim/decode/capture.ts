/** Captures: hexadecimal as people copy it, the lines that `tap` saves, or the bytes themselves. */
import { UsageError } from "../errors.js";
import { hexOf } from "./bytes.js";
import type { Direction } from "./names.js";

/** Bytes of one connection that came in one piece. */
export interface Piece {
  /** 1, 2… in their order, 0 for datagrams; pieces of one connection belong together. */
  connection: number;
  /** Unknown where the capture does not tell. */
  direction?: Direction;
  /** Milliseconds since the epoch. */
  time?: number;
  bytes: Uint8Array;
  /** A key has opened it before it was saved. */
  opened?: true;
}

/** The line of a file for a piece. */
export function captureLine({ bytes, ...piece }: Piece): string {
  return JSON.stringify({ ...piece, hex: hexOf(bytes).replaceAll(" ", "") });
}

const PAIRS = /^(?:[0-9a-f]{2})+$/i;

/** What people put around and between hexadecimal digits. */
const bare = (text: string): string => text.replace(/0x|\\x|[\s,:;-]/gi, "");

/** The value of each digit, by its character code. */
const DIGITS = new Uint8Array(128);
for (let value = 0; value < 16; value++) {
  for (const digit of [value.toString(16), value.toString(16).toUpperCase()]) DIGITS[digit.charCodeAt(0)] = value;
}

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (DIGITS[digits.charCodeAt(2 * at)] << 4) | DIGITS[digits.charCodeAt(2 * at + 1)];
  }
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
export function bytesOfLine(line: string, before: string): Uint8Array | undefined {
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

/**
 * The object of a line that `tap` or the console has saved, or `tap --json` printed with all its bytes.
 * @param where for a sentence: line 3 of x
 * @throws UsageError for bytes that are none
 */
export function pieceOf(value: unknown, where: string): Piece | undefined {
  const { hex, connection, direction, time, up, sealed } = (value ?? {}) as Record<string, unknown>;
  if (hex === undefined) return undefined;
  const way = typeof up === "boolean" ? (up ? "up" : "down") : direction;
  const digits = typeof hex !== "string" ? "none" : PAIRS.test(hex) ? hex : bare(hex);
  if (!PAIRS.test(digits || "00")) {
    const masked = typeof hex === "string" && hex.includes("*");
    throw new UsageError(
      masked
        ? `${where} has a secret left out (**): only a file of \`tap --save\` can be decoded`
        : `"hex" in ${where} is no hexadecimal text`,
    );
  }
  return {
    connection: Number.isSafeInteger(connection) ? (connection as number) : 1,
    ...((way === "up" || way === "down") && { direction: way }),
    ...(sealed === true && { opened: true }),
    ...(typeof time === "number" && { time }),
    bytes: bytesOf(digits),
  };
}
