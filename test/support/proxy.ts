/** A stretch of network between a device and the cloud's broker, which the test cuts and listens to. */

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
  private readonly server: Server;

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
    this.passages.forEach((passage) => passage.cut());
    await new Promise((resolve) => this.server.close(resolve));
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
    const cloud = connect(Number(this.target.port), this.target.hostname);
    const cut = (): void => {
      device.destroy();
      cloud.destroy();
    };
    const passage = { device, cut };
    this.passages.push(passage);
    this.onPassage(passage);
    device.on("error", cut).on("close", cut);
    cloud.on("error", cut).on("close", cut);
    if (this.gather) this.pool(device, cloud);
    else device.pipe(cloud);
    cloud.pipe(device);
  }
}
