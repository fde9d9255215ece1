/**
 * A device that does what a test says: UDP 6606 and TCP 6607 on its own loopback address. Discovery, pings, the login
 * and the proof of possession it does by itself, from their definitions; everything else is the test's.
 */
import { createSocket, type Socket as Udp } from "node:dgram";
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
  CMD_DISCOVER,
  CMD_DISCOVER_ANSWER,
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_LOGIN,
  CMD_LOGIN_ANSWER,
  CMD_PING,
  CMD_PONG,
  CMD_PROGRESS,
  CMD_PROVE,
  CMD_PROVE_ANSWER,
  CMD_PROVISION_ANSWER,
  CMD_RANDOM,
  CMD_RANDOM_ANSWER,
  EXT_ERROR,
  EXT_PROGRESS,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_WAIT,
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
export const DK = "A1B2C3D4E5F6";
export const CODE = "0123456789ABCDEF";

/** Content of 7011 that says success. */
export const accepted = (dk = DK): Node[] => [
  [4, true],
  [5, 120],
  [7, PK],
  [8, dk],
  [9, CODE],
];

/** A whole datagram of 7031. */
export const found = (id: number, address: string, dk = DK, port = LAN_TCP_PORT): string =>
  encodeFrame(id, CMD_DISCOVER_ANSWER, encodeTtlv([[3, PK], [4, dk], [5, address], [6, port], [7, 1]])); // prettier-ignore

/** One frame that arrived by TCP, and the ways to answer it. */
export interface Request {
  id: number;
  cmd: number;
  nodes: Node[];
  /** The data as it arrived, opened. */
  data: string;
  /** Whether it came over a proved, sealed link. */
  sealed: boolean;
  /** Sends a frame with the request's package id. */
  answer(cmd: number, nodes?: Node[]): void;
  /** Sends a frame with package id 0. */
  push(cmd: number, nodes?: Node[]): void;
  /** Sends bytes, without any sealing. */
  raw(bytes: string): void;
  /** Cuts the link without a goodbye. */
  cut(): void;
  /** 7011 with the code. */
  accept(): void;
  /** 70E4. */
  progress(step: number): void;
  fail(code: number): void;
}

/** What seals a link. */
interface Sealing {
  seal(cmd: number, data: string): string;
  open(cmd: number, data: string): string;
}

/** One app, and how far it is. */
interface Visitor {
  socket: Socket;
  app?: Buffer;
  device?: Buffer;
  /** Of the last 7033. */
  random?: string;
  channel?: Sealing;
}

/** The sealing of a LAN session, from its definition. */
function sessionSealing(key: Buffer, random: string): Sealing {
  const run = (cipher: { update(data: string, encoding: "latin1"): Buffer; final(): Buffer }, data: string): string =>
    data && Buffer.concat([cipher.update(data, "latin1"), cipher.final()]).toString("latin1");
  return {
    seal: (_, data) => run(createCipheriv("aes-128-cbc", key, random), data),
    open: (_, data) => run(createDecipheriv("aes-128-cbc", key, random), data),
  };
}

/** A frame of a device: the project's own encoder refuses id 0 to apps, this one is for pushes too. */
function frameOf(id: number, cmd: number, data: string): string {
  if (id) return encodeFrame(id, cmd, data);
  const body = Buffer.concat([Buffer.from([0, 0, cmd >> 8, cmd & 255]), Buffer.from(data, "latin1")]);
  const sum = body.reduce((total, byte) => (total + byte) & 255, 0);
  const plain = Buffer.concat([Buffer.from([(body.length + 1) >> 8, (body.length + 1) & 255, sum]), body]);
  const stuffed = plain.toString("latin1").replace(/\xaa(?=[\xaa\x55]|$)/g, "\xaa\x55");
  return `\xaa\xaa${stuffed}`;
}

export class FakeDevice {
  /** Commands that arrived by TCP, in their order, without those that are answered here. */
  readonly commands: number[] = [];
  /** Package ids and data of all frames, in their order. */
  readonly frames: Frame[] = [];
  /** TCP links so far. */
  links = 0;
  /** K of a label with a proof; without it the device knows no proof. */
  key: Buffer | undefined;
  /** What it proves itself with, if that is another key. */
  ownKey: Buffer | undefined;
  /** The authKey of a bound device. */
  authKey: Buffer | undefined;
  /** What 7035 says in place of the truth. */
  loginResult: number | undefined;
  /** Seconds of the lock-out. */
  wait = 0;
  /** Whether it answers hello behind the ping. */
  slowHello = false;
  /** Whether it answers pings. */
  pongs = true;
  /** Bytes in clear that leave together with a good proof. */
  glued = "";
  dk = DK;
  onRequest: (request: Request) => void = () => {};
  /** Answer to a discovery request: whole datagrams. */
  onDiscover: (id: number, data: string) => string[] = (id) => [found(id, this.address, this.dk)];
  private server!: Server;
  private udp!: Udp;
  private readonly sockets = new Set<Socket>();

  constructor(readonly address: string) {}

  async start(): Promise<this> {
    await this.listen();
    this.udp = createSocket("udp4");
    this.udp.on("message", (datagram, from) => {
      const frame = decodeFrame(datagram.toString("latin1"))!;
      if (frame.cmd !== CMD_DISCOVER) return;
      for (const answer of this.onDiscover(frame.id, frame.data)) {
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
    this.frames.push(frame);
    const data = channel ? channel.open(frame.cmd, frame.data) : frame.data;
    const nodes = (data && decodeTtlv(data)) || [];
    const raw = (bytes: string) => void socket.write(Buffer.from(bytes, "latin1"));
    const send = (id: number, cmd: number, content: Node[]) => {
      const plain = encodeTtlv(content);
      raw(frameOf(id, cmd, channel ? channel.seal(cmd, plain) : plain));
    };
    const answer = (cmd: number, content: Node[] = []) => send(frame.id, cmd, content);
    if (frame.cmd === CMD_PING) return this.pongs ? answer(CMD_PONG) : undefined;
    if (frame.cmd === CMD_HELLO) return this.greet(() => answer(CMD_HELLO_ANSWER, this.hello(visitor, nodes)));
    if (frame.cmd === CMD_PROVE) return this.prove(visitor, nodes, frame.id);
    if (frame.cmd === CMD_RANDOM && this.authKey) return answer(CMD_RANDOM_ANSWER, [[1, this.random(visitor)]]);
    if (frame.cmd === CMD_LOGIN && this.authKey) return answer(CMD_LOGIN_ANSWER, [[3, this.login(visitor, nodes)]]);
    this.commands.push(frame.cmd);
    this.onRequest({
      ...{ id: frame.id, cmd: frame.cmd, nodes, data, sealed: channel !== undefined, answer, raw },
      push: (cmd, content = []) => send(0, cmd, content),
      cut: () => socket.destroy(),
      accept: () => answer(CMD_PROVISION_ANSWER, accepted(this.dk)),
      progress: (step) => send(0, CMD_PROGRESS, [[EXT_PROGRESS, step]]),
      fail: (code) => send(0, CMD_PROGRESS, [[EXT_PROGRESS, PROGRESS_FAILURE], [EXT_ERROR, code]]), // prettier-ignore
    });
  }

  private greet(answer: () => void): void {
    if (!this.key) return;
    if (this.slowHello) setTimeout(answer, 50);
    else answer();
  }

  private random(visitor: Visitor): string {
    return (visitor.random = randomBytes(8).toString("hex"));
  }

  private login(visitor: Visitor, nodes: Node[]): number {
    const key = this.authKey!;
    const { random = "" } = visitor;
    const wanted = createHash("sha256")
      .update(`${key.toString("hex")};${random}`)
      .digest("hex");
    if (findBytes(nodes, 2) !== wanted) return 1;
    // The answer itself is in clear.
    setImmediate(() => (visitor.channel = sessionSealing(key, random)));
    return this.loginResult ?? 0;
  }

  private hello(visitor: Visitor, nodes: Node[]): Node[] {
    const random = randomBytes(16);
    visitor.app = Buffer.from(findBytes(nodes, HELLO_APP_RANDOM)!, "latin1");
    visitor.device = random;
    return [
      [HELLO_DEVICE_RANDOM, random.toString("latin1")],
      [HELLO_WAIT, this.wait],
    ];
  }

  private prove(visitor: Visitor, nodes: Node[], id: number): void {
    const { app, device, socket } = visitor;
    const level1 = new FakeLevel1(this.key!, app!, device!);
    const passed = level1.appProof(this.dk).toString("latin1") === findBytes(nodes, PROVE_APP);
    const proof = new FakeLevel1(this.ownKey ?? this.key!, app!, device!).deviceProof(this.dk).toString("latin1");
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
