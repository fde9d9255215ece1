/** What the device says of itself by mDNS, and to whom. It knows packets, not sockets. */

import { u16 } from "../codec/bytes.js";
import { LAN_UDP_PORT } from "../codec/commands.js";
import {
  asksFor,
  decodeQuery,
  encodeName,
  encodeResponse,
  TYPE_A,
  TYPE_PTR,
  TYPE_SRV,
  TYPE_TXT,
  type Query,
  type ResourceRecord,
} from "./packets.js";

const SERVICE = "_wifi-binding._udp.local";
const SERVICES = "_services._dns-sd._udp.local";
/** Seconds that records live: those that name the host, and the others (RFC 6762, 10). */
const HOST_TTL = 120;
const OTHER_TTL = 4500;
/** Plain DNS clients must not keep what changes without their hearing of it (RFC 6762, 6.7). */
const LEGACY_TTL = 10;
/** mDNS speaks from this port; who asks from another is a plain DNS client. */
export const MDNS_PORT = 5353;

/** What changes about a device, and what does not. */
export interface Presence {
  pk: string;
  dk: string;
  /** IPv4 address in text. */
  ip: string;
  capabilities: number;
  /** Number of the state, 0-5, as in 7002. */
  state: number;
}

export interface Answer {
  bytes: string;
  /** To the asker alone, not to everybody. */
  alone: boolean;
}

function text(entry: string): string {
  return String.fromCharCode(entry.length) + entry;
}

/** All records: the two that point, the three that describe. */
function recordsOf(device: Presence): ResourceRecord[] {
  const instance = device.dk + "." + SERVICE;
  // The DeviceKey is unique among the product's devices, so nobody else has this name.
  const host = "wb-" + device.dk + ".local";
  const address = device.ip.split(".").map((part) => String.fromCharCode(parseInt(part)));
  const entries = ["pk=" + device.pk, "dk=" + device.dk, "cap=" + device.capabilities, "st=" + device.state, "v=1"];
  return [
    { name: SERVICE, type: TYPE_PTR, ttl: OTHER_TTL, data: encodeName(instance) },
    { name: SERVICES, type: TYPE_PTR, ttl: OTHER_TTL, data: encodeName(SERVICE) },
    { name: instance, type: TYPE_SRV, ttl: HOST_TTL, data: u16(0) + u16(0) + u16(LAN_UDP_PORT) + encodeName(host) },
    { name: instance, type: TYPE_TXT, ttl: OTHER_TTL, data: entries.map(text).join("") },
    { name: host, type: TYPE_A, ttl: HOST_TTL, data: address.join("") },
  ];
}

/** Everything at once, unasked: the device has come or changed, or, with a life of 0, is going. */
export function announcement(device: Presence, going: boolean): string {
  const records = recordsOf(device);
  records.forEach((record) => {
    if (going) record.ttl = 0;
  });
  return encodeResponse(records, []);
}

/** Whether the asker has said that it has this record, with half its life to go. */
function isKnown(query: Query, record: ResourceRecord): boolean {
  return query.known.some(
    (known) =>
      record.type == TYPE_PTR &&
      known.name == record.name &&
      encodeName(known.target) == record.data.toLowerCase() &&
      known.ttl * 2 >= record.ttl,
  );
}

/**
 * The answer to one datagram, or undefined when it is none of the device's business.
 * @param port that it came from
 */
export function answerTo(datagram: string, port: number, device: Presence): Answer | undefined {
  const query = decodeQuery(datagram);
  if (!query) return undefined;
  const legacy = port != MDNS_PORT;
  const all = recordsOf(device);
  const wanted = all.filter((record) => asksFor(query, record));
  const answers = wanted.filter((record) => legacy || !isKnown(query, record));
  if (!answers.length) return undefined;
  // Who finds the service asks for the rest of it next.
  const found = answers.some((record) => record.name == SERVICE);
  const more = found ? all.filter((record) => record.type != TYPE_PTR && answers.indexOf(record) < 0) : [];
  if (!legacy) return { bytes: encodeResponse(answers, more), alone: query.questions.every((asked) => asked.alone) };
  answers.concat(more).forEach((record) => {
    record.ttl = Math.min(record.ttl, LEGACY_TTL);
  });
  return { bytes: encodeResponse(answers, more, { id: query.id, question: query.questions[0] }), alone: true };
}
