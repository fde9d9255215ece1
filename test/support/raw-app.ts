/** An app on a real socket that does only what the test says: no ping is answered, and anything can be sent. */

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { connect, type Socket } from "node:net";

import { readAnswers, type AppFrame } from "../../sim/app/stream.js";
import * as protocol from "../../src/codec/commands.js";
import { encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import { eventually, pause } from "../unit/sim/emulator/harness.js";

/** Milliseconds in which a device that says nothing would have said something. */
const QUIET = 200;
const PATIENCE = 5000;

export class RawApp {
  /** All that has come, sealed as it is. */
  readonly frames: AppFrame[] = [];
  closed = false;
  private id = 1000;

  private constructor(readonly socket: Socket) {
    const read = readAnswers(4096, (frame) => this.frames.push(frame));
    socket.on("data", (data: Buffer) => read(data));
    socket.on("error", () => {});
    socket.on("close", () => (this.closed = true));
  }

  static async connect(host: string): Promise<RawApp> {
    const socket = connect(protocol.LAN_TCP_PORT, host).setNoDelay();
    const app = new RawApp(socket);
    await new Promise((resolve) => socket.once("connect", resolve));
    return app;
  }

  /** Sends a frame with this data. @returns its package id */
  send(cmd: number, data: string | Node[] = ""): number {
    const bytes = typeof data === "string" ? data : encodeTtlv(data);
    this.socket.write(Buffer.from(encodeFrame(++this.id, cmd, bytes), "latin1"));
    return this.id;
  }

  /** The first frame with that command that has not been taken yet. */
  async next(cmd: number, patience = PATIENCE): Promise<AppFrame> {
    const frame = await eventually(() => this.frames.find((one) => one.cmd === cmd), patience);
    this.frames.splice(this.frames.indexOf(frame), 1);
    return frame;
  }

  /** Sends a request. @returns the nodes of its answer, which has its package id */
  async ask(cmd: number, answer: number, data: string | Node[] = ""): Promise<Node[]> {
    const id = this.send(cmd, data);
    const frame = await this.next(answer);
    if (frame.id !== id) throw new Error(`an answer to ${frame.id}, not to ${id}`);
    return frame.data ? decodeTtlv(frame.data)! : [];
  }

  /** 7032. @returns the random */
  async challenge(): Promise<string> {
    return findBytes(await this.ask(protocol.CMD_RANDOM, protocol.CMD_RANDOM_ANSWER), protocol.LOGIN_RANDOM)!;
  }

  /** 7034. @returns the result */
  async answer(authKey: string, random: string, more: Node[] = []): Promise<number> {
    const key = Buffer.from(authKey, "base64").toString("hex");
    const hash = createHash("sha256").update(`${key};${random}`).digest("hex");
    const nodes: Node[] = [[protocol.LOGIN_HASH, hash], ...more];
    return findNumber(await this.ask(protocol.CMD_LOGIN, protocol.CMD_LOGIN_ANSWER, nodes), protocol.LOGIN_RESULT)!;
  }

  /** Logs in. @returns what seals data from now on, and what opens it */
  async login(authKey: string): Promise<Sealing> {
    const random = await this.challenge();
    const result = await this.answer(authKey, random);
    if (result) throw new Error(`7035 says ${result}`);
    return new Sealing(Buffer.from(authKey, "base64"), random);
  }

  /** Whether the device says nothing for a while, and stays connected. */
  async ignored(): Promise<boolean> {
    const before = this.frames.length;
    await pause(QUIET);
    return this.frames.length === before && !this.closed;
  }

  end(): void {
    this.socket.destroy();
  }
}

/** AES-128-CBC under an authKey, whose iv is the random of the login. */
export class Sealing {
  constructor(
    private readonly key: Buffer,
    private readonly random: string,
  ) {}

  seal(nodes: Node[] | string): string {
    const cipher = createCipheriv("aes-128-cbc", this.key, this.random);
    return cipher.update(encodeTtlv(nodes), "latin1", "latin1") + cipher.final("latin1");
  }

  open(data: string): Node[] {
    const decipher = createDecipheriv("aes-128-cbc", this.key, this.random);
    const plain = decipher.update(data, "latin1", "latin1") + decipher.final("latin1");
    return plain ? decodeTtlv(plain)! : [];
  }
}
