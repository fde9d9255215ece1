/** Byte strings in the source of a program. */

/** A byte string as a literal that Espruino reads byte by byte. */
export function literal(bytes: string): string {
  const escaped = bytes.replace(/[^\x20-\x7e]|["\\]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}
