/** Bytes of the decoder: hexadecimal out, text out. Plain Uint8Array, so that a browser runs it, too. */

/** A hexadecimal pair whose byte is a secret. */
export const MASKED = "**";

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, "0"));

/** Capital hexadecimal pairs, a space between two. @param hidden whether the byte at an offset is a secret */
export function hexOf(bytes: Uint8Array, hidden?: (at: number) => boolean): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) {
    if (at) text += " ";
    text += hidden?.(at) ? MASKED : PAIRS[bytes[at]];
  }
  return text;
}

/** A number and its noun: `1 byte`, `2 bytes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function at16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 8) | bytes[offset + 1];
}

/** As the numbers of commands are written: four capital digits. */
export function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, "0");
}

export function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (!first.length) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Bytes of a text that is put together by hand, which is faster for a short one. */
const SHORT = 64;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text in bytes of UTF-8; undefined for other bytes and for what moves a terminal's cursor. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT && bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return String.fromCharCode(...bytes);
  try {
    const text = UTF8.decode(bytes);
    return /\p{C}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The first offset of two bytes, or -1. */
export function indexOfPair(bytes: Uint8Array, first: number, second: number, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) if (bytes[at] === first && bytes[at + 1] === second) return at;
  return -1;
}
