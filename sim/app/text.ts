/** Text as a person types it, and the byte strings that travel in TTLV. */

/** UTF-8 bytes of a text, as a byte string. */
export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text in a byte string of UTF-8; bytes that are none become U+FFFD. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
