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

/** Connections whose name is known. */
const NAMES_KEPT = 1000;
/** Characters of a name and of a fact, and facts of one packet: a client may send 64 KiB of each. */
const NAME_LENGTH = 100;
const FACT_LENGTH = 2000;
const FACTS = 32;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

/** A client's or a file's name for something, not without end. */
export const shortName = (name: string): string => cut(name, NAME_LENGTH);

/** The same for a packet. */
export function shortPacket({ name, facts }: NonNullable<ShownFrame["packet"]>): NonNullable<ShownFrame["packet"]> {
  return { name: shortName(name), facts: facts.slice(0, FACTS).map((fact) => cut(fact, FACT_LENGTH)) };
}

/** The browser has no ciphers that answer at once: what is sealed stays so. */
const NO_KEYS: Keys = { open: () => undefined, isSealed: () => false, heard: () => {} };

const frameOf = (item: Told): DecodedFrame | undefined =>
  item.kind === "frame" ? item : item.kind === "mqtt" ? item.frame : undefined;

function packetOf(item: Told): ShownFrame["packet"] {
  if (item.kind === "frame") return undefined;
  if (item.kind === "bytes")
    return shortPacket({ name: `${item.size} other bytes`, facts: [...item.problems, item.hex] });
  const fields = Object.entries(item.fields).map(([name, value]) => `${name}: ${value}`);
  return shortPacket({ name: item.packet, facts: [...fields, ...item.problems, ...(item.hex ? [item.hex] : [])] });
}

export class ShownConnections {
  private readonly connections: DecodedConnections;
  private readonly names = new Map<number, string>();
  private count = 0;
  private time = 0;

  /** @param options keys: what one connection is opened by */
  constructor(options: { protocol?: "frames" | "mqtt"; keys?: () => Keys; showSecrets?: boolean } = {}) {
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

  /** Something that has happened to a connection, as a packet without a frame. */
  mark(connection: number, packet: NonNullable<ShownFrame["packet"]>): ShownFrame {
    const clientId = this.nameOf(connection);
    const [up, segment, sealed, masked, hex] = [true, "", false, false, ""] as const;
    return { number: ++this.count, time: Date.now(), clientId, up, segment, sealed, masked, hex, packet };
  }

  private rename(connection: number, name: string): void {
    this.names.set(connection, shortName(name));
    if (this.names.size > NAMES_KEPT) this.names.delete(this.names.keys().next().value!);
  }

  private nameOf(connection: number): string {
    return this.names.get(connection) ?? (connection ? `connection ${connection}` : "discovery");
  }

  private shown(item: Told, way?: Direction): ShownFrame {
    const { connection, time = this.time } = item;
    const fields = item.kind === "mqtt" ? item.fields : {};
    if (typeof fields.clientId === "string") this.rename(connection, fields.clientId);
    const frame = frameOf(item);
    const packet = packetOf(item);
    const direction = way ?? frame?.direction ?? (item.kind === "bytes" ? undefined : item.direction);
    return {
      number: ++this.count,
      time,
      clientId: this.nameOf(connection),
      up: direction !== "down",
      segment: typeof fields.topic === "string" ? shortName(fields.topic.split("/").pop()!) : "",
      sealed: frame?.sealed !== undefined,
      masked: frame?.masked ?? false,
      hex: frame?.hex.replaceAll(" ", "").toLowerCase() ?? "",
      ...(packet && { packet }),
    };
  }
}
