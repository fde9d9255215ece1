/** A tap: connections go on to another server byte for byte, and a listener sees what passes. */
import { connect, createServer, isIPv4, type AddressInfo, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";

import type { Piece } from "../decode/capture.js";
import type { Direction } from "../decode/names.js";
import { messageOf, systemCode, UsageError } from "../errors.js";
import { ANY, demandOwn, isLoopback, ownAddresses } from "../listen.js";

export interface Target {
  host: string;
  port: number;
  /** TLS to the server. */
  secure?: boolean;
  /** Certificates to trust in place of the system's, PEM. */
  ca?: string;
  /** Whether any certificate is taken. Default false. */
  insecure?: boolean;
}

export interface TapOptions {
  /** Address of this machine to listen on, default 127.0.0.1. */
  host?: string;
  /** 0 picks a free port. */
  port: number;
  to: Target;
  /** Certificate and key, PEM, for TLS to whoever connects. */
  tls?: { cert: string; key: string };
  /** Which side connects: the device to its cloud, or the app to a device. */
  client: "device" | "app";
  /** Hears each piece before it goes on. */
  onPiece: (piece: Piece) => void;
  onEvent?: (event: TapEvent) => void;
}

export type TapEvent =
  | { event: "opened"; connection: number; from: string }
  | { event: "failed"; connection: number; why: string }
  | { event: "ended"; connection: number };

export interface Tap {
  host: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Ends a connection as its other end was: by a reset, which TLS has none of. One that writes no more cannot be reset: the
 * system refuses it, and Node would never close it.
 */
function abort(socket: Socket): void {
  if ("encrypted" in socket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

class Relay {
  private readonly sockets = new Set<Socket>();
  private count = 0;

  constructor(private readonly options: TapOptions) {}

  pass(client: Socket): void {
    const connection = ++this.count;
    const { onEvent, client: side } = this.options;
    onEvent?.({ event: "opened", connection, from: client.remoteAddress ?? "" });
    const server = this.connect();
    const [there, back]: Direction[] = side === "device" ? ["up", "down"] : ["down", "up"];
    let failed = false;
    const fail = (error: Error): void => {
      if (!failed) onEvent?.({ event: "failed", connection, why: systemCode(error) ?? messageOf(error) });
      failed = true;
    };
    let open = 2;
    const closed = (socket: Socket): void => {
      this.sockets.delete(socket);
      if (--open === 0) onEvent?.({ event: "ended", connection });
    };
    for (const [from, to, direction] of [
      [client, server, there],
      [server, client, back],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay();
      from.on("data", (bytes: Buffer) => this.options.onPiece({ connection, direction, time: Date.now(), bytes }));
      // Pauses where the other side takes no more, and ends it when this one has ended.
      from.pipe(to);
      from.on("error", (error) => {
        fail(error);
        abort(to);
      });
      from.on("close", () => {
        if (!from.readableEnded) to.destroy();
        closed(from);
      });
    }
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private connect(): Socket {
    const { host, port, secure, ca, insecure } = this.options.to;
    if (!secure) return connect({ host, port, allowHalfOpen: true });
    // A name only: no certificate is asked for by an address.
    const servername = isIPv4(host) ? undefined : host;
    const options = { host, port, servername, ca, rejectUnauthorized: !insecure, allowHalfOpen: true };
    return connectTls(options);
  }
}

/** Whether a tap that listens there would connect to itself, again and again. */
function isItself(host: string, port: number, to: Target): boolean {
  const there = to.host === "localhost" ? "127.0.0.1" : to.host;
  const own = isLoopback(there) || ownAddresses().includes(there);
  return port === to.port && (there === host || (host === ANY && own));
}

/**
 * Begins to listen.
 * @throws UsageError for an address that is not this machine's own, and for the tap itself as its server; the system's error when the port cannot be had
 */
export async function startTap(options: TapOptions): Promise<Tap> {
  const { host = "127.0.0.1", port, tls, onEvent } = options;
  demandOwn(host);
  if (isItself(host, port, options.to)) throw new UsageError(`port ${port} of ${host} is the tap itself: give another`);
  const relay = new Relay(options);
  const pass = (socket: Socket): void => relay.pass(socket);
  const server: Server = tls
    ? createTlsServer({ ...tls, allowHalfOpen: true }, pass)
    : createServer({ allowHalfOpen: true }, pass);
  server.on("tlsClientError", (error: Error) => {
    onEvent?.({ event: "failed", connection: 0, why: `TLS to the client: ${messageOf(error)}` });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    async stop() {
      relay.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
