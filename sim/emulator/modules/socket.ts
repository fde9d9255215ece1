/** One TCP connection as Espruino's `Socket` (libs/network/socketserver.c). */

import type { Socket } from "node:net";

import { CHUNK, SOCKET_ERRORS, type NetworkHost } from "./sockets.js";

export class DeviceSocket {
  /** What device code holds. */
  readonly object: { dSnd?: string };
  private pumping = false;
  private ending = false;
  private closed = false;
  private settled = false;
  private listening = false;

  /** @param release gives the socket's place back */
  constructor(
    private readonly host: NetworkHost,
    private readonly socket: Socket,
    private readonly release: () => void,
  ) {
    const { realm } = host;
    this.object = realm.make({
      write: (data: unknown) => this.write(data),
      end: (data: unknown) => this.end(data),
    });
    realm.watch(this.object, (event) => this.watched(event));
    socket.setNoDelay(true);
    socket.on("data", (data) => this.received(data));
    socket.on("end", () => this.lost());
    socket.on("error", () => this.lost());
    socket.on("close", () => this.lost());
  }

  /** What waits to be sent, where device code can read it. */
  private get sending(): string {
    return this.object.dSnd ?? "";
  }

  private set sending(bytes: string) {
    this.object.dSnd = bytes;
  }

  /** From now on it is too late to attach handlers. */
  settle(): void {
    this.settled = true;
  }

  connected(): void {
    if (!this.sending && !this.closed) this.emit("drain", [this.object]);
    this.pump();
  }

  private watched(event: string): void {
    if (event !== "data") return;
    if (this.settled && !this.listening) {
      this.host.trap("'data' handler attached after the connection callback: Espruino mixes up or repeats the bytes");
    }
    this.listening = true;
  }

  private emit(event: string, args: unknown[]): void {
    this.host.realm.dispatch(this.object, event, args);
  }

  private write(data: unknown): boolean {
    if (this.ending || this.closed) throw this.host.realm.error("This socket is closed");
    this.sending += data === undefined ? "" : this.host.realm.string(data);
    this.pump();
    return false;
  }

  private end(data: unknown): void {
    if (data !== undefined) this.write(data);
    this.ending = true;
    this.pump();
  }

  /** Sends a chunk in each turn of the loop, as Espruino does when it is idle. */
  private pump(): void {
    if (this.pumping || this.socket.connecting) return;
    this.pumping = true;
    const done = this.host.clock.hold();
    setImmediate(() => {
      done();
      this.pumping = false;
      this.host.job(() => this.sendChunk());
    });
  }

  private sendChunk(): void {
    if (this.closed) return;
    if (this.sending) {
      this.socket.write(Buffer.from(this.sending.slice(0, CHUNK), "latin1"));
      this.sending = this.sending.slice(CHUNK);
      if (!this.sending && !this.ending) this.emit("drain", [this.object]);
    } else if (this.ending) this.close(false);
    if (this.sending || this.ending) this.pump();
  }

  private received(data: Buffer): void {
    this.host.job(() => {
      if (this.closed) return;
      for (let at = 0; at < data.length; at += CHUNK) {
        this.emit("data", [data.toString("latin1", at, at + CHUNK)]);
      }
    });
  }

  /** The peer is gone: what was not sent yet is lost. */
  private lost(): void {
    this.host.job(() => {
      if (!this.closed && this.sending) this.emit("error", [this.host.realm.object(SOCKET_ERRORS.unsent)]);
      this.close(this.sending !== "");
    });
  }

  private close(hadError: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.release();
    this.socket.end(() => this.socket.destroy());
    this.emit("end", []);
    this.emit("close", [hadError]);
  }
}
