/** Espruino's `dgram` on real UDP sockets of the loopback interface. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

import { isMulticast, resolve, type NetworkHost, type OpenSockets } from "./sockets.js";

/** Bytes of a datagram that arrive: a chunk without the header that Espruino puts before it (JsNetUDPPacketHeader). */
const MOST_BYTES = 528;

class DeviceDatagrams {
  readonly object: object;
  private socket: Socket;
  private release: () => void;
  /** Hears a multicast group: a socket that is bound to the device's own address does not. */
  private groupSocket: Socket | undefined;
  private group: string | undefined;
  private bound = false;
  private closed = false;
  private sending = 0;
  private whenSent: (() => void) | undefined;

  constructor(
    private readonly host: NetworkHost,
    open: OpenSockets,
    private readonly reuseAddr: boolean,
  ) {
    const { realm } = host;
    if (open.full) throw realm.error("Unable to create socket", "InternalError");
    this.socket = this.create();
    this.release = open.add(() => this.shut());
    this.object = realm.make({
      bind: (port: number, callback: unknown) => this.bind(port, callback),
      send: (...args: unknown[]) => this.send(args),
      close: () => this.close(),
      addMembership: (group: string) => this.join(group),
    });
  }

  private create(): Socket {
    const { host } = this;
    return createSocket({ type: "udp4", reuseAddr: this.reuseAddr })
      .on("message", (data, from) => host.job(() => this.received(data, from)))
      .on("error", (error) => host.trap(`UDP: ${error.message}`));
  }

  /** On ESP32 the group is an option that `bind` reads: a later one replaces it, and after `bind` it is not read. */
  private join(group: string): void {
    if (this.bound) this.host.trap("addMembership after bind: Espruino passes it over");
    else this.group = group;
  }

  private bind(port: number, callback: unknown): object {
    const { address, clock } = this.host;
    this.bound = true;
    const release = clock.hold();
    this.socket.once("listening", () => {
      this.socket.setMulticastInterface(address);
      this.socket.setMulticastTTL(255);
      release();
    });
    this.socket.once("error", release).once("close", release).bind(port, address);
    if (this.group) this.listenTo(this.group, port);
    if (typeof callback === "function") this.host.queue(callback, this.object, [this.object]);
    return this.object;
  }

  private listenTo(group: string, port: number): void {
    const release = this.host.clock.hold();
    const socket = (this.groupSocket = this.create());
    socket
      .once("error", release)
      .once("close", release)
      .bind(port, group, () => {
        socket.addMembership(group, this.host.address);
        release();
      });
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
    // Multicast leaves by the loopback interface only. An unresolvable name becomes 0.0.0.0 on the device.
    const target = isMulticast(address) ? address : resolve(address);
    if (!target) return;
    if (!this.bound) this.bind(0, undefined);
    this.sending++;
    this.socket.send(Buffer.from(text, "latin1"), port, target, (error) => this.sent(error));
  }

  private sent(error: Error | null): void {
    this.sending--;
    if (error && !this.closed) this.host.trap(`UDP: ${error.message}`);
    if (!this.sending) this.whenSent?.();
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
    this.whenSent = undefined;
    const sockets = [this.socket, this.groupSocket].filter((one) => one !== undefined);
    return Promise.all(sockets.map((one) => new Promise<void>((resolve) => one.close(resolve)))).then(() => {});
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    const end = (): void => {
      this.release();
      void this.shut();
    };
    // What was sent leaves before.
    if (this.sending) this.whenSent = end;
    else end();
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
