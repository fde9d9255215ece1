/** A stretch of network between a device and the cloud's broker, which the test cuts and listens to. */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** One connection through the proxy. */
export interface Passage {
  readonly device: Socket;
  /** Ends it on both sides, without a good-bye. */
  cut(): void;
}

export class Proxy {
  readonly passages: Passage[] = [];
  /** Told of each connection, before any byte has passed. */
  onPassage: (passage: Passage) => void = () => {};
  /** Told of all that passes, in either direction. */
  onTraffic: () => void = () => {};
  private readonly server: Server;
  private back = (): void => {};

  private constructor(
    private readonly target: URL,
    private readonly gather: number,
    tls?: { key: string; cert: string },
  ) {
    const pass = (socket: Socket): void => this.pass(socket);
    // The Linux build of Espruino knows TLS 1.2 with RSA only.
    this.server = tls ? createTlsServer({ ...tls, maxVersion: "TLSv1.2" }, pass) : createServer(pass);
  }

  /**
   * @param target URL of the broker
   * @param tls certificate and key to be the TLS end for the device
   * @param gather milliseconds of the device's silence after which what it has sent goes on in one piece
   */
  static async start(target: string, tls?: { key: string; cert: string }, gather = 0): Promise<Proxy> {
    const proxy = new Proxy(new URL(target), gather, tls);
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.passages.splice(0).forEach((passage) => passage.cut());
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Nobody is there any more: connections end, and new ones are refused. */
  async down(): Promise<void> {
    const { port } = this;
    this.back = () => this.server.listen(port, "127.0.0.1");
    await this.stop();
  }

  /** As before, at the same port. */
  async up(): Promise<void> {
    this.back();
    await once(this.server, "listening");
  }

  private pool(device: Socket, cloud: Socket): void {
    let pieces: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    device.on("data", (piece) => {
      pieces.push(piece);
      clearTimeout(timer);
      timer = setTimeout(() => {
        cloud.write(Buffer.concat(pieces));
        pieces = [];
      }, this.gather);
    });
  }

  private pass(device: Socket): void {
    const cloud = connect(Number(this.target.port), this.target.hostname).setNoDelay();
    device.setNoDelay();
    const cut = (): void => {
      device.destroy();
      cloud.destroy();
    };
    const passage = { device, cut };
    this.passages.push(passage);
    this.onPassage(passage);
    this.onTraffic();
    for (const end of [device, cloud]) {
      end.on("error", cut).on("close", cut);
      for (const event of ["connect", "data", "close"]) end.on(event, () => this.onTraffic());
    }
    if (this.gather) this.pool(device, cloud);
    else device.pipe(cloud);
    cloud.pipe(device);
  }
}
