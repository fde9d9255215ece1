/** Advertisements as they are on the air: structures of length, type and bytes (Bluetooth Core Specification Supplement). */

/** What one packet says. */
export interface Advertisement {
  raw: Buffer;
  flags?: number;
  /** UUIDs of 16 bits. */
  services: number[];
  /** Number of the company, and its data. */
  manufacturer?: number;
  data?: Buffer;
  name?: string;
}

const FLAGS = 0x01;
const SERVICES = 0x03;
const SHORT_NAME = 0x08;
const NAME = 0x09;
const MANUFACTURER = 0xff;

function* structures(raw: Buffer): Generator<[type: number, bytes: Buffer]> {
  for (let at = 0; at + 1 < raw.length && raw[at]; at += raw[at] + 1) {
    if (at + raw[at] + 1 > raw.length) throw new Error("an advertisement that ends within a structure");
    yield [raw[at + 1], raw.subarray(at + 2, at + raw[at] + 1)];
  }
}

/** @throws Error for bytes that are no structures */
export function parseAdvertisement(raw: Buffer): Advertisement {
  const seen: Advertisement = { raw, services: [] };
  for (const [type, bytes] of structures(raw)) {
    if (type === FLAGS) seen.flags = bytes[0];
    else if (type === SERVICES) {
      for (let at = 0; at + 1 < bytes.length; at += 2) seen.services.push(bytes.readUInt16LE(at));
    } else if (type === NAME || type === SHORT_NAME) seen.name = bytes.toString("utf8");
    else if (type === MANUFACTURER && bytes.length >= 2) {
      seen.manufacturer = bytes.readUInt16LE(0);
      seen.data = bytes.subarray(2);
    }
  }
  return seen;
}
