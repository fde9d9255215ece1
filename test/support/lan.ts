/** The device's side of the LAN on a fake clock, and apps that write their own bytes: a login from its definition. */

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

import * as protocol from "../../src/codec/commands.js";
import { encodeFrame } from "../../src/codec/frame.js";
import type { Identity } from "../../src/codec/identity.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import type { Hal, LinkEvents } from "../../src/hal/hal.js";
import type { Network } from "../../src/hal/wifi.js";
import type { Credentials } from "../../src/lan/joining.js";
import { createRequests, type Handler } from "../../src/lan/requests/index.js";
import { createLogin } from "../../src/lan/requests/login.js";
import { createProvision, type Provision } from "../../src/lan/requests/provision.js";
import { createScan } from "../../src/lan/scan.js";
import type { App } from "../../src/lan/app.js";
import { createSessions, type Sessions } from "../../src/lan/sessions.js";
import { aes, FakeClock, hasher, latin1 } from "./hal.js";
import { FakeWifi } from "./wifi.js";

export const IDENTITY: Identity = { pk: "p1demo", ps: "", dk: "DEVICE01", ds: "", seed: "", pop: "", updateKey: "" };
export const CODE = "0123456789ABCDEF";
export const HOME: Network = { ssid: "home", rssi: -40, authMode: "wpa2" };

/** What an app has received. */
export interface Answer {
  id: number;
  cmd: number;
  /** Opened, if it is sealed. */
  data: string;
}

/** Reads frames with any package id, without the codec that is tested. */
function readFrame(raw: string): Answer {
  const plain = latin1("\xaa" + raw.slice(1).replaceAll("\xaa\x55", "\xaa"));
  const sum = plain.subarray(5).reduce((total, byte) => (total + byte) & 255, 0);
  if (plain.readUInt16BE(2) !== plain.length - 4 || sum !== plain[4]) throw new Error("no frame");
  return { id: plain.readUInt16BE(5), cmd: plain.readUInt16BE(7), data: plain.toString("latin1", 9) };
}

/** An app with one connection. */
export class FakeApp {
  readonly sent: string[] = [];
  ended = false;
  /** Whether it takes nothing: what is sent is lost. */
  full = false;
  events!: LinkEvents;
  /** The random of its login, "" while nothing is sealed. */
  iv = "";
  private id = 1000;

  constructor(private readonly lan: FakeLan) {
    this.events = lan.sessions.attach({
      send: (bytes) => !this.full && this.sent.push(bytes) > 0,
      end: () => (this.ended = true),
    });
  }

  /** What has come since the last call. */
  answers(): Answer[] {
    this.lan.clock.advance(0);
    return this.sent.splice(0).map((raw) => {
      const { id, cmd, data } = readFrame(raw);
      return { id, cmd, data: this.isSealed(cmd) ? this.cipher(createDecipheriv, data) : data };
    });
  }

  /** Sends bytes as they are. */
  write(cmd: number, data: string, id = this.id++): void {
    this.events.received(encodeFrame(id, cmd, data));
  }

  /** Sends a request, sealed after a login; empty data stays empty. */
  send(cmd: number, nodes: Node[] | string = []): void {
    const data = typeof nodes === "string" ? nodes : encodeTtlv(nodes);
    this.write(cmd, data && this.isSealed(cmd) ? this.cipher(createCipheriv, data) : data);
  }

  /** Sends a request. @returns the nodes of its only answer, after its command was compared */
  ask(cmd: number, answer: number, nodes: Node[] = []): Node[] {
    const { id } = this;
    this.send(cmd, nodes);
    const [one, ...more] = this.answers();
    if (one.cmd !== answer || one.id !== id || more.length) throw new Error(`an answer ${one.cmd.toString(16)}`);
    return one.data ? decodeTtlv(one.data)! : [];
  }

  /** 7032. @returns the random */
  challenge(): string {
    return this.ask(protocol.CMD_RANDOM, protocol.CMD_RANDOM_ANSWER)[0][1] as string;
  }

  /** 7034 for this random. @returns the result */
  answerChallenge(random: string, key = this.lan.authKey): number {
    const hash = createHash("sha256")
      .update(`${latin1(key).toString("hex")};${random}`)
      .digest("hex");
    return this.ask(protocol.CMD_LOGIN, protocol.CMD_LOGIN_ANSWER, [[protocol.LOGIN_HASH, hash]])[0][1] as number;
  }

  login(key = this.lan.authKey): number {
    const random = this.challenge();
    const result = this.answerChallenge(random, key);
    if (!result) this.iv = random;
    return result;
  }

  private isSealed(cmd: number): boolean {
    return this.iv !== "" && (cmd < protocol.CMD_RANDOM || cmd > protocol.CMD_LOGIN_ANSWER);
  }

  private cipher(create: typeof createCipheriv | typeof createDecipheriv, data: string): string {
    if (!data) return "";
    const cipher = create("aes-128-cbc", latin1(this.lan.authKey), latin1(this.iv));
    return cipher.update(data, "latin1", "latin1") + cipher.final("latin1");
  }
}

/** Sessions and requests as the binding joins them, around a device that does what the test says. */
export class FakeLan {
  readonly clock = new FakeClock();
  readonly radio = new FakeWifi();
  readonly log: string[] = [];
  readonly handlers: Record<number, Handler> = {};
  readonly sessions: Sessions;
  readonly provision: Provision;
  authKey = "\xaa\x55k\x00y of 16 bytes".slice(0, 16);
  pairing = true;
  /** The networks that were to be joined, and the seconds that were asked for. */
  joined: [Credentials, number | undefined][] = [];
  /** The window that a join, or a network that is known, is answered with. */
  window: { code: string; seconds: number } | undefined = { code: CODE, seconds: 120 };
  isKnown = false;
  /** What the random generator was handed. */
  readonly stirred: (string | undefined)[] = [];

  constructor({ guarded = false, debug = true } = {}) {
    this.radio.networks = [HOME];
    let count = 0;
    const random = (length: number, input?: string): string => {
      this.stirred.push(input);
      return String(++count).padStart(length, "r");
    };
    const hal = {
      ...this.clock,
      ...hasher,
      aes,
      base64: (bytes: string) => latin1(bytes).toString("base64"),
      log: (line: string) => this.log.push(line),
      wifi: () => this.radio.wifi,
    } as unknown as Hal;
    const scan = createScan(hal);
    this.provision = createProvision(IDENTITY, {
      pairing: () => this.pairing,
      known: () => (this.isKnown ? this.window : undefined),
      join: (credentials, seconds) => (this.joined.push([credentials, seconds]), this.window),
    });
    const login = createLogin(hal, random, () => this.authKey);
    const requests = createRequests(login, this.provision, guarded, () => this.pairing, scan, this.handlers);
    this.sessions = createSessions(hal, debug, requests);
  }

  connect(): FakeApp {
    return new FakeApp(this);
  }

  /** How many frames were dropped, as the log says. */
  dropped(): number {
    return this.log.filter((line) => line.startsWith("lan dropped=")).length;
  }
}

export type { App };
