/** What a tap has seen as the console shows it: frames with their connection, secrets as `*`, and packets without one. */
import type { Piece } from "./capture.js";
import { DecodedConnections, type Told } from "./connection.js";
import type { DecodedFrame } from "./index.js";
import type { Keys } from "./keys.js";
import type { Direction } from "./names.js";

export interface ShownFrame {
  /** From 1 in their order. */
  number: number;
  /** Milliseconds since the epoch. */
  time: number;
  /** As the client names itself, or the connection's number. */
  clientId: string;
  /** From the device. */
  up: boolean;
  /** The last part of the topic, or "". */
  segment: string;
  sealed: boolean;
  masked: boolean;
  /** "" for a packet without a frame. */
  hex: string;
  /** The packet around the frame, or bytes that are none. */
  packet?: { name: string; facts: string[] };
}

/** The browser has no ciphers that answer at once: what is sealed stays so. */
const NO_KEYS: Keys = { open: () => undefined, isSealed: () => false, heard: () => {} };

const frameOf = (item: Told): DecodedFrame | undefined =>
  item.kind === "frame" ? item : item.kind === "mqtt" ? item.frame : undefined;

function packetOf(item: Told): ShownFrame["packet"] {
  if (item.kind === "frame") return undefined;
  if (item.kind === "bytes") return { name: `${item.size} other bytes`, facts: [...item.problems, item.hex] };
  const fields = Object.entries(item.fields).map(([name, value]) => `${name}: ${value}`);
  return { name: item.packet, facts: [...fields, ...item.problems, ...(item.hex ? [item.hex] : [])] };
}

export class ShownConnections {
  private readonly connections: DecodedConnections;
  private readonly names = new Map<number, string>();
  private count = 0;
  private time = 0;

  /** @param keys what one connection is opened by */
  constructor(options: { protocol?: "frames" | "mqtt"; keys?: () => Keys } = {}) {
    this.connections = new DecodedConnections({ keys: () => NO_KEYS, ...options, stars: true });
  }

  push(piece: Piece): ShownFrame[] {
    this.time = piece.time ?? this.time;
    return this.connections.push(piece).map((item) => this.shown(item, piece.direction));
  }

  /** What is left of a connection that has ended, or of all. */
  end(connection?: number): ShownFrame[] {
    const { connections } = this;
    const left = connection === undefined ? connections.endAll() : connections.end(connection);
    return left.map((item) => this.shown(item));
  }

  private shown(item: Told, way?: Direction): ShownFrame {
    const { connection, time = this.time } = item;
    const fields = item.kind === "mqtt" ? item.fields : {};
    if (typeof fields.clientId === "string") this.names.set(connection, fields.clientId);
    const frame = frameOf(item);
    const packet = packetOf(item);
    const direction = way ?? frame?.direction ?? (item.kind === "bytes" ? undefined : item.direction);
    return {
      number: ++this.count,
      time,
      clientId: this.names.get(connection) ?? (connection ? `connection ${connection}` : "discovery"),
      up: direction !== "down",
      segment: typeof fields.topic === "string" ? fields.topic.split("/").pop()! : "",
      sealed: frame?.sealed !== undefined,
      masked: frame?.masked ?? false,
      hex: frame?.hex.replaceAll(" ", "").toLowerCase() ?? "",
      ...(packet && { packet }),
    };
  }
}
