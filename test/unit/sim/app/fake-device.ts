/** A device that does what a test says: UDP 40000 and TCP 40001 on its own loopback address, frames by src/codec. */
import { createSocket, type Socket as Udp } from "node:dgram";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
  CMD_ACK,
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_PROGRESS,
  CMD_PROVE,
  CMD_PROVE_ANSWER,
  CMD_PROVISION_ANSWER,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_LEVEL,
  HELLO_WAIT,
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
  PROVE_APP,
  PROVE_DEVICE,
  PROVE_OK,
} from "../../../../src/codec/commands.js";
import { readFrames } from "../../../../sim/app/frames.js";
import { decodeFrame, encodeFrame, type Frame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes, type Node } from "../../../../src/codec/ttlv.js";
import { FakeLevel1 } from "./fake-level1.js";

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
  /** Whether it came over a proved, sealed link. */
  sealed: boolean;
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

/** One app, and how far its proof is. */
interface Visitor {
  socket: Socket;
  app?: Buffer;
  device?: Buffer;
  channel?: FakeLevel1;
}

export class FakeDevice {
  /** Commands that arrived by TCP, in their order. */
  readonly commands: number[] = [];
  /** Package ids that were acknowledged. */
  readonly acknowledged: number[] = [];
  /** TCP links so far. */
  links = 0;
  /** Frames 7003 and 7005: answered as the level wants it, unless the device is older than them. */
  knowsHello = true;
  /** K at level 1; without it the device is at level 0. */
  key: Buffer | undefined;
  /** What it proves itself with, if that is another key. */
  ownKey: Buffer | undefined;
  /** Seconds of the lock-out, said by 7004. */
  wait = 0;
  /** Bytes in clear that leave together with a good 7006. */
  glued = "";
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
    const visitor: Visitor = { socket };
    const read = readFrames(4096, (frame) => this.requested(visitor, frame));
    socket.on("data", (data) => read(data.toString("latin1")));
  }

  private requested(visitor: Visitor, frame: Frame): void {
    const { socket, channel } = visitor;
    const data = channel ? channel.open(frame.cmd, frame.data) : frame.data;
    const nodes = data ? decodeTtlv(data)! : [];
    const raw = (bytes: string) => void socket.write(Buffer.from(bytes, "latin1"));
    const seal = (cmd: number, data: string) => (channel ? channel.seal(cmd, data) : data);
    const answer = (cmd: number, nodes: Node[] = []) => raw(encodeFrame(frame.id, cmd, seal(cmd, encodeTtlv(nodes))));
    if (frame.cmd === CMD_ACK) return void this.acknowledged.push(frame.id);
    if (frame.cmd === CMD_HELLO)
      return this.knowsHello ? answer(CMD_HELLO_ANSWER, this.hello(visitor, nodes)) : undefined;
    if (frame.cmd === CMD_PROVE) return this.prove(visitor, nodes, frame.id);
    this.commands.push(frame.cmd);
    this.onRequest({
      cmd: frame.cmd,
      nodes,
      sealed: channel !== undefined,
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

  private hello(visitor: Visitor, nodes: Node[]): Node[] {
    const random = randomBytes(16);
    visitor.app = Buffer.from(findBytes(nodes, HELLO_APP_RANDOM)!, "latin1");
    visitor.device = random;
    return [
      [HELLO_DEVICE_RANDOM, random.toString("latin1")],
      [HELLO_LEVEL, this.key ? 1 : 0],
      [HELLO_WAIT, this.wait],
    ];
  }

  private prove(visitor: Visitor, nodes: Node[], id: number): void {
    const { app, device, socket } = visitor;
    const level1 = new FakeLevel1(this.key!, app!, device!);
    const passed = level1.appProof(DK).toString("latin1") === findBytes(nodes, PROVE_APP);
    const proof = new FakeLevel1(this.ownKey ?? this.key!, app!, device!).deviceProof(DK).toString("latin1");
    const answer: Node[] = passed ? [[PROVE_OK, true], [PROVE_DEVICE, proof]] : [[PROVE_OK, false]]; // prettier-ignore
    const frame = encodeFrame(id, CMD_PROVE_ANSWER, encodeTtlv(answer));
    socket.write(Buffer.from(frame + (passed ? this.glued : ""), "latin1"));
    if (passed) visitor.channel = level1;
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
