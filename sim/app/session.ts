/** The LAN session of a bound device: login with the authKey, then reads, writes and reports, and a heartbeat. */
import {
  CMD_HEARTBEAT,
  CMD_LOGIN,
  CMD_LOGIN_ANSWER,
  CMD_PING,
  CMD_PONG,
  CMD_RANDOM,
  CMD_RANDOM_ANSWER,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_REPORT,
  CMD_WRITE,
  CMD_WRITE_ANSWER,
  HEARTBEAT_FLAG,
  HEARTBEAT_SECONDS,
  LOGIN_ALREADY,
  LOGIN_HASH,
  LOGIN_OK,
  LOGIN_RANDOM,
  LOGIN_RESULT,
  WRITE_RESULT,
} from "../../src/codec/commands.js";
import { findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import { FailedError } from "../errors.js";
import { UnreachableError } from "./failures.js";
import type { Link, Message } from "./frame-link.js";
import { LanChannel, loginHash } from "./lan-channel.js";
import { connected, type OpenOptions } from "./proof.js";

const CONNECT_MS = 10_000;
/** For each answer of the login. */
const ANSWER_MS = 3000;
/** 20 s is too slow for some units. */
const HEARTBEAT_MS = 12_000;
/** Silence that ends the reports of a read. */
const QUIET_MS = 500;

/** A watch looks again after that; nothing depends on it. */
const LONG_MS = 60_000;

/** What a write brought. */
export interface Written {
  /** 0 is done. */
  result: number;
  /** The report that followed, if one did. */
  report?: Node[];
}

export class LanSession {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly link: Link,
    private readonly signal?: AbortSignal,
  ) {
    const beat = (): number => link.send(CMD_HEARTBEAT, [[HEARTBEAT_SECONDS, 30], [HEARTBEAT_FLAG, 1]]); // prettier-ignore
    beat();
    this.heartbeat = setInterval(beat, HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /**
   * Logs in to a device.
   * @param authKey BASE64 of 16 bytes, as the cloud gives it
   * @throws UnreachableError when it does not answer; FailedError when it refuses
   */
  static async open(address: string, authKey: string, options: OpenOptions = {}): Promise<LanSession> {
    const link = await connected(address, CONNECT_MS, options);
    try {
      await login(link, Buffer.from(authKey, "base64"), options.signal);
      return new LanSession(link, options.signal);
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /**
   * Reads properties.
   * @param ids none: all
   * @returns what came until the device fell silent
   */
  async read(ids: number[] = []): Promise<Node[]> {
    const request = ids.map((id) => String.fromCharCode(id >> 8, id & 255)).join("");
    this.link.sendRaw(CMD_READ, request);
    const nodes: Node[] = [];
    const fits = ({ cmd }: Message): boolean => cmd === CMD_READ_ANSWER || cmd === CMD_REPORT;
    for (let wait = ANSWER_MS; ; wait = QUIET_MS) {
      const message = await this.link.await(fits, wait, this.signal);
      if (!message) return nodes;
      nodes.push(...message.nodes);
    }
  }

  /**
   * Writes properties.
   * @param wait milliseconds for the report that may follow
   * @throws UnreachableError when no answer comes
   */
  async write(nodes: Node[], wait = QUIET_MS): Promise<Written> {
    const answer = await this.link.request(CMD_WRITE, CMD_WRITE_ANSWER, ANSWER_MS, this.signal, nodes);
    if (!answer) throw new UnreachableError(`the device at ${this.link.address} does not answer a write`);
    const result = findNumber(answer, WRITE_RESULT) ?? -1;
    const report = result === 0 ? await this.report(wait) : undefined;
    return { result, ...(report && { report }) };
  }

  /** The next report of the device, or undefined when the milliseconds pass without one. */
  async report(timeout: number): Promise<Node[] | undefined> {
    return (await this.link.await(({ cmd }) => cmd === CMD_REPORT, timeout, this.signal))?.nodes;
  }

  /** Hands over each report of the device. @returns when the signal is aborted @throws UnreachableError when it is lost */
  async watch(reported: (nodes: Node[]) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const message = await this.link
        .await(({ cmd }) => cmd === CMD_REPORT, LONG_MS, signal)
        .catch((error) => {
          if (signal.aborted) return undefined;
          throw error;
        });
      if (message) reported(message.nodes);
    }
  }

  /** Whether the device answers a ping. */
  async ping(): Promise<boolean> {
    this.link.send(CMD_PING);
    return (await this.link.await(({ cmd }) => cmd === CMD_PONG, ANSWER_MS, this.signal)) !== undefined;
  }

  close(): void {
    clearInterval(this.heartbeat);
    this.link.close();
  }
}

/** Proves the authKey, and seals everything after that. */
async function login(link: Link, key: Buffer, signal?: AbortSignal): Promise<void> {
  const hello = await link.request(CMD_RANDOM, CMD_RANDOM_ANSWER, ANSWER_MS, signal);
  const random = hello && findBytes(hello, LOGIN_RANDOM);
  if (!random || !/^[\x20-\x7e]{16}$/.test(random)) {
    throw new UnreachableError(
      `the device at ${link.address} gives no random of 16 characters: is it one of this kind?`,
    );
  }
  const proof: Node[] = [[LOGIN_HASH, loginHash(key, random)]];
  const answer = await link.request(CMD_LOGIN, CMD_LOGIN_ANSWER, ANSWER_MS, signal, proof);
  const result = answer && findNumber(answer, LOGIN_RESULT);
  if (result !== LOGIN_OK && result !== LOGIN_ALREADY) {
    throw new FailedError(`the device at ${link.address} refuses the login (${result}): the authKey is not its own`);
  }
  link.seal(new LanChannel(key, random));
}
