/** Espruino's `dgram` on real UDP sockets of the loopback interface. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

import { resolve, type NetworkHost, type OpenSockets } from "./sockets.js";

/** Bytes of a datagram that arrive: a chunk without the header that Espruino puts before it (JsNetUDPPacketHeader). */
const MOST_BYTES = 528;

class DeviceDatagrams {
  readonly object: object;
  private socket: Socket;
  private release: () => void;
  private bound = false;
  private closed = false;
  /** A multicast group, joined when the socket is bound; it has a socket of its own, and both are on loopback only. */
  private group?: string;
  private listener?: Socket;

  constructor(
    private readonly host: NetworkHost,
    open: OpenSockets,
    reuseAddr: boolean,
  ) {
    const { realm } = host;
    if (open.full) throw realm.error("Unable to create socket", "InternalError");
    this.socket = createSocket({ type: "udp4", reuseAddr });
    this.release = open.add(() => this.shut());
    this.socket.on("message", (data, from) => host.job(() => this.received(data, from)));
    this.socket.on("error", (error) => host.trap(`UDP: ${error.message}`));
    this.object = realm.make({
      bind: (port: number, callback: unknown) => this.bind(port, callback),
      send: (...args: unknown[]) => this.send(args),
      close: () => this.close(),
      addMembership: (group: string) => void (this.group = group),
    });
  }

  private bind(port: number, callback: unknown): object {
    this.bound = true;
    const release = this.host.clock.hold();
    this.socket.once("listening", release).once("error", release).bind(port, this.host.address);
    if (this.group) this.join(this.group, port);
    if (typeof callback === "function") this.host.queue(callback, this.object, [this.object]);
    return this.object;
  }

  private join(group: string, port: number): void {
    const { address, job, trap } = this.host;
    this.socket.once("listening", () => this.socket.setMulticastInterface(address));
    this.listener = createSocket({ type: "udp4", reuseAddr: true });
    this.listener.on("message", (data, from) => job(() => this.received(data, from)));
    this.listener.on("error", (error) => trap(`UDP: ${error.message}`));
    this.listener.bind(port, group, () => this.listener?.addMembership(group, address));
  }

  private send(args: unknown[]): void {
    const { realm } = this.host;
    if (this.closed) throw realm.error("This socket is closed");
    if (typeof args[0] !== "string") {
      this.host.trap("dgram.send of something that is no string: the Linux build aborts, the chip does anything");
      return;
    }
    const part = typeof args[3] === "number";
    const text = part ? args[0].substr(Number(args[1]), Number(args[2])) : args[0];
    const [port, address] = (part ? args.slice(3) : args.slice(1)) as [number, string];
    const target = this.group === address ? address : resolve(address);
    // An unresolvable name becomes 0.0.0.0 on the device; other networks do not exist here.
    if (!target) return;
    if (!this.bound) this.bind(0, undefined);
    this.socket.send(Buffer.from(text, "latin1"), port, target);
  }

  private received(data: Buffer, from: RemoteInfo): void {
    if (this.closed) return;
    // select says data and recv says 0: Espruino takes that for the end of the connection.
    if (!data.length) return this.close();
    const message = data.toString("latin1", 0, MOST_BYTES);
    const rinfo = this.host.realm.object({ address: from.address, port: from.port, size: message.length });
    this.host.realm.dispatch(this.object, "message", [message, rinfo]);
  }

  private shut(): Promise<void> {
    this.closed = true;
    this.listener?.close();
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }

  private close(): void {
    if (this.closed) return;
    this.release();
    void this.shut();
    // It stands in two lists of Espruino's, and each says good-bye.
    for (let i = 0; i < 2; i++) {
      this.host.realm.dispatch(this.object, "end", []);
      this.host.realm.dispatch(this.object, "close", [false]);
    }
  }
}

export function dgramModule(host: NetworkHost, open: OpenSockets): Record<string, unknown> {
  return host.realm.make({
    createSocket(type: string | { reuseAddr?: boolean }) {
      const reuse = typeof type === "object" && Boolean(type.reuseAddr);
      return new DeviceDatagrams(host, open, reuse).object;
    },
  });
}
