/** One packet of MQTT 3.1.1, and the frame that a PUBLISH carries. */
import { at16, counted, hexOf, textOf } from "./bytes.js";
import { describeFrame, takeFrame, type DecodedFrame, type FrameOptions } from "./frame.js";
import type { Direction } from "./names.js";

export interface DecodedPacket {
  kind: "mqtt";
  /** Offset in the capture or the stream. */
  at: number;
  size: number;
  /** "CONNECT", "PUBLISH"… */
  packet: string;
  direction?: Direction;
  /** Its fields by name: clientId, keepalive, topic, qos, packetId… */
  fields: Record<string, string | number | boolean>;
  /** The frame in the payload of a PUBLISH; its `at` counts from the packet's payload. */
  frame?: DecodedFrame;
  /** A payload that is no frame, or the packet itself where it is malformed. */
  hex?: string;
  problems: string[];
}

/** Names by type, and who sends them. */
const TYPES: [name: string, direction?: Direction][] = [
  ["reserved 0"],
  ["CONNECT", "up"],
  ["CONNACK", "down"],
  ["PUBLISH"],
  ["PUBACK"],
  ["PUBREC"],
  ["PUBREL"],
  ["PUBCOMP"],
  ["SUBSCRIBE", "up"],
  ["SUBACK", "down"],
  ["UNSUBSCRIBE", "up"],
  ["UNSUBACK", "down"],
  ["PINGREQ", "up"],
  ["PINGRESP", "down"],
  ["DISCONNECT", "up"],
  ["reserved 15"],
];
const [CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK] = [1, 2, 3, 8, 9];
/** Flags of a packet's first byte, where the standard prescribes them. */
const flagsOf = (type: number): number => (type === 6 || type === SUBSCRIBE || type === 10 ? 2 : 0);
const REFUSALS = ["accepted", "version", "clientId", "unavailable", "user or password", "not authorized"];

/** How long a packet is, from its first bytes. */
export interface Extent {
  /** Bytes before the body. */
  header: number;
  body: number;
}

/** The extent of the packet at an offset; "more" while bytes are missing, undefined where no packet can begin. */
export function extentOf(bytes: Uint8Array, at: number): Extent | "more" | undefined {
  if (at >= bytes.length) return "more";
  const type = bytes[at] >> 4;
  if (type === 0 || type === 15) return undefined;
  if (type !== PUBLISH && (bytes[at] & 15) !== flagsOf(type)) return undefined;
  let body = 0;
  for (let i = 1; i <= 4; i++) {
    if (at + i >= bytes.length) return "more";
    body += (bytes[at + i] & 127) * 128 ** (i - 1);
    if (bytes[at + i] < 128) return { header: i + 1, body };
  }
  return undefined;
}

class Short extends Error {}

/** Reads the fields of a body, one after the other. */
class Body {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  number(size: 1 | 2): number {
    return size === 1 ? this.take(1)[0] : at16(this.take(2), 0);
  }
  text(): string {
    const bytes = this.take(this.number(2));
    return textOf(bytes) ?? hexOf(bytes);
  }
  take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) {
      throw new Short(`${size} bytes at offset ${this.at} of its body reach beyond its ${this.bytes.length}`);
    }
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
  get rest(): Uint8Array {
    return this.bytes.subarray(this.at);
  }
}

function connect(body: Body, show: boolean): DecodedPacket["fields"] {
  const protocol = body.text();
  const level = body.number(1);
  const flags = body.number(1);
  const keepalive = body.number(2);
  const fields: DecodedPacket["fields"] = {
    protocol,
    level,
    keepalive,
    clean: (flags & 2) !== 0,
    clientId: body.text(),
  };
  if (flags & 4) Object.assign(fields, { willTopic: body.text(), will: hexOf(body.take(body.number(2))) });
  if (flags & 128) fields.user = body.text();
  if (flags & 64) {
    const password = body.text();
    // What a refused login is judged by is at its beginning: who, with which form and flag.
    const clear = /^(0;\d{4};[^;]*;|1;\d{4};)/.exec(password)?.[0] ?? "";
    fields.password = show ? password : `${clear}** (${password.length} characters)`;
  }
  return fields;
}

/** @param head the packet's first byte */
function fieldsOf(head: number, body: Body, show: boolean): DecodedPacket["fields"] {
  const type = head >> 4;
  if (type === CONNECT) return connect(body, show);
  if (type === CONNACK) {
    const present = (body.number(1) & 1) !== 0;
    const code = body.number(1);
    return { sessionPresent: present, code, meaning: REFUSALS[code] ?? "unknown" };
  }
  if (type === PUBLISH) {
    const qos = (head >> 1) & 3;
    const topic = body.text();
    const fields: DecodedPacket["fields"] = { topic, qos };
    if (qos) fields.packetId = body.number(2);
    if (head & 8) fields.dup = true;
    if (head & 1) fields.retain = true;
    return fields;
  }
  if (type > 11) return {};
  const packetId = body.number(2);
  if (type === SUBSCRIBE || type === 10) {
    const topics: string[] = [];
    while (body.rest.length) topics.push(body.text() + (type === SUBSCRIBE ? ` qos ${body.number(1)}` : ""));
    return { packetId, topics: topics.join(", ") };
  }
  return type === SUBACK ? { packetId, granted: [...body.rest].join(", ") } : { packetId };
}

/** Where a topic leads [S]: q/1/ to the device, q/2/ from it. */
function directionOf(topic: unknown): Direction | undefined {
  return String(topic).startsWith("q/1/") ? "down" : String(topic).startsWith("q/2/") ? "up" : undefined;
}

/** Everything about the packet whose bytes are these. @param at its offset in the capture */
export function describePacket(bytes: Uint8Array, header: number, at: number, options: FrameOptions): DecodedPacket {
  const type = bytes[0] >> 4;
  const [packet, sender] = TYPES[type];
  const body = new Body(bytes.subarray(header));
  const base = { kind: "mqtt" as const, at, size: bytes.length, packet };
  try {
    const fields = fieldsOf(bytes[0], body, Boolean(options.showSecrets));
    const direction = options.direction ?? (type === PUBLISH ? directionOf(fields.topic) : sender);
    const way = direction && { direction };
    if (type !== PUBLISH) return { ...base, ...way, fields, problems: [] };
    return { ...base, ...way, fields, ...payloadOf(body.rest, { ...options, direction }) };
  } catch (error) {
    if (!(error instanceof Short)) throw error;
    // The bytes of a CONNECT hold its password.
    const hex = type === CONNECT && !options.showSecrets ? {} : { hex: hexOf(bytes) };
    return { ...base, ...(sender && { direction: sender }), fields: {}, ...hex, problems: [error.message] };
  }
}

/** What a PUBLISH carries; a frame in it is looked for at its very beginning, as the reference does. */
function payloadOf(payload: Uint8Array, options: FrameOptions): Pick<DecodedPacket, "frame" | "hex" | "problems"> {
  if (payload[0] !== 0xaa || payload[1] !== 0xaa) {
    const what = payload.length ? "the payload does not begin with AA AA" : "the payload is empty";
    return { hex: hexOf(payload), problems: [what] };
  }
  const raw = takeFrame(payload, 0);
  const rest = payload.length - raw.size;
  return {
    frame: describeFrame(raw, payload, 0, options),
    problems: rest
      ? [
          `${counted(rest, "byte")} ${rest === 1 ? "follows" : "follow"} the frame: ${hexOf(payload.subarray(raw.size))}`,
        ]
      : [],
  };
}
