/** A link from the app to a device, TCP unless another transport is given: frames out, messages in, one after the other. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CMD_PING, CMD_PONG, LAN_TCP_PORT } from "../../src/codec/commands.js";
import { encodeFrame, nextPackageId } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { messageOf } from "../errors.js";
import { UnreachableError } from "./failures.js";
import { BLE_FAILED } from "./states.js";
import { readAnswers, type AppFrame } from "./stream.js";

/** Largest frame that the app takes from a device, in bytes. A scan of 16 networks needs about 800. */
const FRAME_LIMIT = 4096;
/** An app counts its package ids from here [R3]. */
const FIRST_ID = 1000;
/** Idle time before TCP probes a silent peer: a device without power is noticed although nothing closes the socket. */
const KEEPALIVE_MS = 5000;

/** What seals the data of frames. */
export interface Channel {
  seal(cmd: number, data: string): string;
  /** Undefined for what the device has not sealed. */
  open(cmd: number, data: string): string | undefined;
}

/** A frame with its TTLV content; empty content gives no nodes. */
export interface Message {
  id: number;
  cmd: number;
  nodes: Node[];
}

export class Link {
  private channel: Channel | undefined;
  private readonly queue: Message[] = [];
  private wake = () => {};
  private id = FIRST_ID - 1;
  private lost: UnreachableError | undefined;

  private constructor(
    private readonly socket: Duplex,
    readonly address: string,
  ) {
    const read = readAnswers(FRAME_LIMIT, (frame) => this.take(frame));
    socket.on("data", (data: Buffer) => {
      if (!read(data)) this.lose("sends frames that are too large");
    });
    socket.on("error", (error) => this.lose(messageOf(error)));
    socket.on("close", () => this.lose("closed the link"));
  }

  /**
   * A link over any other transport.
   * @param name of the device, for errors
   * @throws UnreachableError when it cannot be opened
   */
  static async over(transport: () => Promise<Duplex>, name: string): Promise<Link> {
    const stream = await transport().catch((error) => {
      throw new UnreachableError(`no connection to the device at ${name} (${messageOf(error)})`, BLE_FAILED);
    });
    return new Link(stream, name);
  }

  /**
   * Connects to a device.
   * @param timeout milliseconds
   * @param port the one that the device told by discovery
   * @throws UnreachableError when nothing accepts in time; the signal's reason when it is aborted
   */
  static async open(address: string, timeout: number, signal?: AbortSignal, port = LAN_TCP_PORT): Promise<Link> {
    signal?.throwIfAborted();
    const socket = connect({ host: address, port });
    const error = await opened(socket, timeout, signal);
    if (!error) return new Link(socket.setKeepAlive(true, KEEPALIVE_MS).setNoDelay(true), address);
    socket.destroy();
    signal?.throwIfAborted();
    throw new UnreachableError(`no device answers at ${address}:${port} (${error}): check the address and power`);
  }

  /** From now on frames are sealed. What has arrived in clear until now is dropped: anybody may have sent it. */
  seal(channel: Channel): void {
    this.channel = channel;
    this.queue.length = 0;
  }

  /** Sends a frame, with the next package id unless one is given, and returns that. */
  send(cmd: number, nodes: Node[] = [], id?: number): number {
    return this.sendRaw(cmd, encodeTtlv(nodes), id);
  }

  /** As `send`, for data that is no TTLV. */
  sendRaw(cmd: number, data: string, id?: number): number {
    if (id === undefined) id = this.id = nextPackageId(this.id);
    const frame = encodeFrame(id, cmd, this.channel ? this.channel.seal(cmd, data) : data);
    if (!this.lost) this.socket.write(Buffer.from(frame, "latin1"));
    return id;
  }

  /**
   * The next message; what is no TTLV is passed over.
   * @param timeout milliseconds; undefined is returned when they pass in silence
   * @throws UnreachableError when the link is lost; the signal's reason when it is aborted
   */
  async receive(timeout: number, signal?: AbortSignal): Promise<Message | undefined> {
    signal?.throwIfAborted();
    if (!this.queue.length && !this.lost) await this.arrival(timeout, signal);
    signal?.throwIfAborted();
    const message = this.queue.shift();
    if (!message && this.lost) throw this.lost;
    return message;
  }

  /**
   * Sends a request and waits for its answer: same package id, the command given. Other messages are passed over.
   * @param timeout milliseconds; undefined is returned when they pass without the answer
   */
  async request(
    cmd: number,
    answer: number,
    timeout: number,
    signal?: AbortSignal,
    nodes: Node[] = [],
  ): Promise<Node[] | undefined> {
    const id = this.send(cmd, nodes);
    const message = await this.await((one) => one.cmd === answer && one.id === id, timeout, signal);
    return message?.nodes;
  }

  /** Passes over messages until one fits; undefined when the milliseconds pass without it. */
  async await(
    fits: (message: Message) => boolean,
    timeout: number,
    signal?: AbortSignal,
  ): Promise<Message | undefined> {
    const end = Date.now() + timeout;
    for (;;) {
      const message = await this.receive(end - Date.now(), signal);
      if (!message || fits(message)) return message;
    }
  }

  close(): void {
    this.lose("was closed by the app");
  }

  private take(frame: AppFrame): void {
    const data = this.channel ? this.channel.open(frame.cmd, frame.data) : frame.data;
    if (data === undefined) return;
    const nodes = data ? decodeTtlv(data) : [];
    if (!nodes) return;
    // A device ends the session of an app that leaves its ping unanswered.
    if (frame.cmd === CMD_PING) return void this.send(CMD_PONG, [], frame.id || undefined);
    this.queue.push({ id: frame.id, cmd: frame.cmd, nodes });
    this.wake();
  }

  private lose(why: string): void {
    this.lost ??= new UnreachableError(`the link to the device at ${this.address} was lost (${why})`);
    this.socket.destroy();
    this.wake();
  }

  private arrival(timeout: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", this.wake);
        this.wake = () => {};
        resolve();
      };
      const timer = setTimeout(() => this.wake(), Math.max(timeout, 0));
      signal?.addEventListener("abort", this.wake);
    });
  }
}

/** Waits until the socket is connected: undefined, or why it is not. */
function opened(socket: Socket, timeout: number, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (error?: string) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      resolve(error);
    };
    const aborted = () => done("aborted");
    const timer = setTimeout(() => done("no answer"), timeout);
    signal?.addEventListener("abort", aborted);
    socket.once("connect", () => done());
    // Stays: a socket that fails after it was given up must not throw.
    socket.on("error", (error) => done((error as NodeJS.ErrnoException).code ?? error.message));
  });
}
