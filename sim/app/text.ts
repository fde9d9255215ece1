/** Text as a person types it, and the byte strings that travel in TTLV. */

/** UTF-8 bytes of a text, as a byte string. */
export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text in a byte string of UTF-8; bytes that are none become U+FFFD. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** A ProductKey or DeviceKey that a device says: undefined unless it is printable ASCII, for it ends on a terminal. */
export function toKey(bytes: string | undefined): string | undefined {
  return bytes && /^[\x21-\x7e]+$/.test(bytes) ? bytes : undefined;
}

/** A text that strangers choose, such as an SSID, without what moves a terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd");
}
