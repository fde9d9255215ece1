/** Both directions of each connection of a capture or a tap, decoded with what one tells about the other. */
import type { Piece } from "./capture.js";
import { Decoder, type DecodeOptions, type Item } from "./index.js";
import { createMarks, type Keys } from "./keys.js";

/** An item with where it was. */
export type Told = Item & { connection: number; time?: number };

export interface ConnectionsOptions extends Omit<DecodeOptions, "direction" | "keys"> {
  /** What one connection is opened by; each has its own login. */
  keys: () => Keys;
}

interface Connection {
  keys: Keys;
  decoders: Map<string, Decoder>;
}

export class DecodedConnections {
  private readonly connections = new Map<number, Connection>();

  private readonly mark = createMarks();

  constructor(private readonly options: ConnectionsOptions) {}

  /** What the piece completes. */
  push({ connection, direction, time, bytes, opened }: Piece): Told[] {
    const { decoders, ...known } = this.connection(connection);
    const way = `${direction ?? ""}${opened ? " opened" : ""}`;
    const keys = opened ? undefined : known.keys;
    let decoder = decoders.get(way);
    if (!decoder) decoders.set(way, (decoder = new Decoder({ ...this.options, direction, keys, mark: this.mark })));
    return decoder.push(bytes).map((item) => ({ ...item, connection, ...(time !== undefined && { time }) }));
  }

  /** What is left of a connection that has ended. */
  end(connection: number): Told[] {
    const { decoders } = this.connection(connection);
    this.connections.delete(connection);
    return [...decoders.values()].flatMap((decoder) => decoder.end().map((item) => ({ ...item, connection })));
  }

  /** What is left of all. */
  endAll(): Told[] {
    return [...this.connections.keys()].flatMap((connection) => this.end(connection));
  }

  private connection(number: number): Connection {
    let known = this.connections.get(number);
    if (!known) this.connections.set(number, (known = { keys: this.options.keys(), decoders: new Map() }));
    return known;
  }
}
