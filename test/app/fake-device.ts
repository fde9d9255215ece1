/** A device that does what a test says: UDP 40000 and TCP 40001 on its own loopback address, frames by src/codec. */
import { createSocket, type Socket as Udp } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
  CMD_ACK,
  CMD_PROGRESS,
  CMD_PROVISION_ANSWER,
  LAN_CODE,
  LAN_DK,
  LAN_ERROR,
  LAN_OK,
  LAN_PK,
  LAN_PROGRESS,
  LAN_PROGRESS_ERROR,
  LAN_TCP_PORT,
  LAN_UDP_PORT,
  PROGRESS_FAILURE,
} from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame, FrameStream, type Frame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";

export const PK = "p1TEST";
export const DK = "860000000000001";
export const CODE = "0123456789ABCDEF";
/** Content of a final 7011, of 7014 and of 7018 that says success. */
export const DONE: Node[] = [
  [LAN_OK, true],
  [LAN_PK, PK],
  [LAN_DK, DK],
  [LAN_CODE, CODE],
];

/** One frame that arrived by TCP, and the ways to answer it. */
export interface Request {
  cmd: number;
  nodes: Node[];
  /** Sends a frame with the request's package id. */
  answer(cmd: number, nodes?: Node[]): void;
  /** Sends bytes as they are. */
  raw(bytes: string): void;
  /** Cuts the link without a goodbye. */
  cut(): void;
  accept(): void;
  progress(step: number): void;
  fail(code: number): void;
  done(): void;
}

export class FakeDevice {
  /** Commands that arrived by TCP, in their order. */
  readonly commands: number[] = [];
  /** Package ids that were acknowledged. */
  readonly acknowledged: number[] = [];
  /** TCP links so far. */
  links = 0;
  onRequest: (request: Request) => void = () => {};
  /** Answer to a discovery request: whole datagrams. */
  onDiscover: (nodes: Node[], id: number) => string[] = () => [];
  private server!: Server;
  private udp!: Udp;
  private readonly sockets = new Set<Socket>();

  constructor(readonly address: string) {}

  async start(): Promise<this> {
    await this.listen();
    this.udp = createSocket("udp4");
    this.udp.on("message", (datagram, from) => {
      const frame = decodeFrame(datagram.toString("latin1"))!;
      for (const answer of this.onDiscover(decodeTtlv(frame.data) ?? [], frame.id)) {
        this.udp.send(Buffer.from(answer, "latin1"), from.port, from.address);
      }
    });
    this.udp.bind(LAN_UDP_PORT, this.address);
    await once(this.udp, "listening");
    return this;
  }

  async stop(): Promise<void> {
    await this.deafen();
    this.udp.close();
  }

  /** Opens the TCP port (again). */
  async listen(): Promise<void> {
    this.server = createServer((socket) => this.connected(socket)).listen(LAN_TCP_PORT, this.address);
    await once(this.server, "listening");
  }

  /** Closes the TCP port and its links. */
  async deafen(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, "close");
  }

  private connected(socket: Socket): void {
    this.links++;
    this.sockets.add(socket.on("close", () => this.sockets.delete(socket)).on("error", () => {}));
    const stream = new FrameStream(4096, (frame) => this.requested(socket, frame));
    socket.on("data", (data) => stream.push(data.toString("latin1")));
  }

  private requested(socket: Socket, frame: Frame): void {
    if (frame.cmd === CMD_ACK) return void this.acknowledged.push(frame.id);
    this.commands.push(frame.cmd);
    const raw = (bytes: string) => void socket.write(Buffer.from(bytes, "latin1"));
    const answer = (cmd: number, nodes: Node[] = []) => raw(encodeFrame(frame.id, cmd, encodeTtlv(nodes)));
    this.onRequest({
      cmd: frame.cmd,
      nodes: frame.data ? decodeTtlv(frame.data)! : [],
      answer,
      raw,
      cut: () => socket.destroy(),
      accept: () => answer(CMD_PROVISION_ANSWER, [[LAN_OK, true]]),
      progress: (step) => answer(CMD_PROGRESS, [[LAN_PROGRESS, step]]),
      done: () => answer(CMD_PROVISION_ANSWER, DONE),
      fail: (code) => {
        answer(CMD_PROGRESS, [[LAN_PROGRESS, PROGRESS_FAILURE], [LAN_PROGRESS_ERROR, code]]); // prettier-ignore
        answer(CMD_PROVISION_ANSWER, [[LAN_OK, false], [LAN_ERROR, code]]); // prettier-ignore
      },
    });
  }
}

/** The error that a promise is rejected with; fails when it is not. */
export async function failure<T extends Error = Error>(promise: Promise<unknown>): Promise<T> {
  const outcome = await promise.then(
    () => undefined,
    (error: T) => error,
  );
  if (!outcome) throw new Error("expected a rejection");
  return outcome;
}
