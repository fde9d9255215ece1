/** A broker that is written by hand, byte by byte: for what no real one sends. */

import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import mqtt from "mqtt-packet";

import { decodeFrame, encodeFrame, type Frame } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { latin1 } from "./hal.js";

export const CONNACK = "\x20\x02\x00\x00";

/** One connection of a device. */
export class RawConnection {
  readonly packets: mqtt.Packet[] = [];
  readonly at = Date.now();
  /** When the device ended it, or undefined. */
  ended: number | undefined;
  private readonly parser = mqtt.parser();

  constructor(
    readonly socket: Socket,
    /** How many connections there were before. */
    readonly index: number,
    private readonly script: (connection: RawConnection, packet: mqtt.Packet) => void,
  ) {
    this.parser.on("packet", (packet) => {
      this.packets.push(packet);
      this.script(this, packet);
    });
    socket.on("data", (data) => this.parser.parse(data));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => (this.ended ??= Date.now()));
  }

  send(bytes: string): void {
    if (this.socket.writable) this.socket.write(latin1(bytes));
  }

  /** The password of its CONNECT: "0;…" asks for a DS, "1;…" has one. */
  get password(): string {
    const connect = this.packets.find((packet) => packet.cmd === "connect") as { password?: Buffer } | undefined;
    return String(connect?.password ?? "");
  }

  get suback(): string {
    const subscribe = this.packets.find((packet) => packet.cmd === "subscribe");
    const id = subscribe?.messageId ?? 0;
    return String.fromCharCode(0x90, 3, id >> 8, id & 255, 1);
  }

  get frames(): Frame[] {
    const publishes = this.packets.filter((packet): packet is mqtt.IPublishPacket => packet.cmd === "publish");
    return publishes.map(({ payload }) => decodeFrame((payload as Buffer).toString("latin1"))!);
  }

  /** A frame of the cloud with QoS 0. */
  down(cmd: number, nodes: Node[] | string, id = 9): void {
    const payload = encodeFrame(id, cmd, typeof nodes === "string" ? nodes : encodeTtlv(nodes));
    this.send(
      mqtt
        .generate({ cmd: "publish", topic: "t", payload: latin1(payload), qos: 0, dup: false, retain: false })
        .toString("latin1"),
    );
  }
}

/** Behaves: accepts, grants, acknowledges, answers pings. */
export function polite(connection: RawConnection, packet: mqtt.Packet): void {
  if (packet.cmd === "connect") connection.send(CONNACK);
  if (packet.cmd === "subscribe") connection.send(connection.suback);
  if (packet.cmd === "pingreq") connection.send("\xd0\x00");
  if (packet.cmd === "publish" && packet.qos === 1) {
    connection.send(`\x40\x02${String.fromCharCode(packet.messageId! >> 8, packet.messageId! & 255)}`);
  }
}

export class RawBroker {
  readonly connections: RawConnection[] = [];
  private server!: Server;
  private port = 0;

  /** What it does with each packet that comes. */
  constructor(public script: (connection: RawConnection, packet: mqtt.Packet) => void = polite) {}

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get last(): RawConnection {
    return this.connections.at(-1)!;
  }

  /** Listens, on the port that it had before if there was one. */
  async start(): Promise<void> {
    this.server = createServer((socket) => {
      this.connections.push(
        new RawConnection(socket.setNoDelay(), this.connections.length, (...what) => this.script(...what)),
      );
    });
    await new Promise<void>((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Goes down: connections break, and new ones are refused. */
  async stop(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }
}
