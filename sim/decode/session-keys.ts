/** Opens sealed frames in Node: the LAN session by its authKey, the channel of a proof, and what 00B4 seals under PS. */
import { createDecipheriv, createHash } from "node:crypto";
import {
  CMD_CONFIG,
  CMD_CONFIG_ECHO,
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_LOGIN_ANSWER,
  CMD_PROVE_ANSWER,
  CMD_RANDOM,
  CMD_RANDOM_ANSWER,
  CONFIG_SEALED,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  LOGIN_OK,
  LOGIN_RANDOM,
  LOGIN_RESULT,
  PROVE_OK,
} from "../../src/codec/commands.js";
import { decodeTtlv, find, findBytes } from "../../src/codec/ttlv.js";
import { LanChannel } from "../app/lan-channel.js";
import { keyOfPop, openSealed } from "../app/level1.js";
import type { Keys } from "./keys.js";
import type { Direction } from "./names.js";

export interface Secrets {
  /** BASE64 of 16 bytes, as the cloud's API says it. */
  authKey?: string;
  /** The 16 characters of 7033, where the capture does not hold them. */
  random?: string;
  /** The proof of possession of the label; a device that is bound proves its authKey. */
  pop?: string;
  /** ProductSecret. */
  ps?: string;
}

/** Randoms of a login that are tried: of several in one capture, any may be the one. */
const KEPT = 16;
const ZEROS = Buffer.alloc(16);

const isLogin = (cmd: number): boolean => cmd >= CMD_RANDOM && cmd <= CMD_LOGIN_ANSWER;
const isProof = (cmd: number): boolean => cmd >= CMD_HELLO && cmd <= CMD_PROVE_ANSWER;
const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

export class SessionKeys implements Keys {
  private readonly authKey?: Buffer;
  private randoms: string[] = [];
  private app?: string;
  private device?: string;
  private loggedIn = false;
  private proven = false;

  constructor(private readonly secrets: Secrets) {
    if (secrets.authKey) this.authKey = Buffer.from(secrets.authKey, "base64");
    if (secrets.random) this.randoms.push(secrets.random);
  }

  heard(cmd: number, data: Uint8Array): void {
    const nodes = decodeTtlv(Buffer.from(data).toString("latin1")) ?? [];
    if (cmd === CMD_RANDOM_ANSWER) {
      const random = findBytes(nodes, LOGIN_RANDOM);
      if (random?.length === 16) this.randoms = [random, ...this.randoms].slice(0, KEPT);
    }
    if (cmd === CMD_LOGIN_ANSWER && find(nodes, LOGIN_RESULT) === LOGIN_OK) this.loggedIn = true;
    // A proof begins a connection.
    if (cmd === CMD_HELLO) {
      this.loggedIn = this.proven = false;
      this.app = findBytes(nodes, HELLO_APP_RANDOM);
    }
    if (cmd === CMD_HELLO_ANSWER) this.device = findBytes(nodes, HELLO_DEVICE_RANDOM);
    if (cmd === CMD_PROVE_ANSWER) this.proven = find(nodes, PROVE_OK) === true;
  }

  isSealed(cmd: number): boolean {
    return !isProof(cmd) && (this.proven || (this.loggedIn && !isLogin(cmd)));
  }

  open(cmd: number, data: Uint8Array, direction: Direction | undefined): Uint8Array | undefined {
    if (!data.length || isProof(cmd)) return undefined;
    const text = Buffer.from(data).toString("latin1");
    const plain = this.openProof(cmd, text, direction) ?? this.openLan(cmd, text);
    return plain === undefined ? undefined : bytesOf(plain);
  }

  meaning(cmd: number, id: number, text: string, show: boolean): string | undefined {
    const { ps } = this.secrets;
    if (!ps || id !== CONFIG_SEALED || (cmd !== CMD_CONFIG && cmd !== CMD_CONFIG_ECHO)) return undefined;
    return readSealed(text, ps, show) ?? "not sealed under this PS in a form that is tried";
  }

  private openLan(cmd: number, data: string): string | undefined {
    if (!this.authKey || isLogin(cmd)) return undefined;
    for (const random of this.randoms) {
      const plain = new LanChannel(this.authKey, random).open(cmd, data);
      if (plain !== undefined) return plain;
    }
    return undefined;
  }

  private openProof(cmd: number, data: string, direction: Direction | undefined): string | undefined {
    const { pop } = this.secrets;
    if (this.app === undefined || this.device === undefined) return undefined;
    const keys = [pop ? keyOfPop(pop) : undefined, this.authKey];
    for (const key of keys) {
      if (!key) continue;
      for (const way of direction ? [direction] : (["down", "up"] as const)) {
        const plain = openSealed(key, bytesOf(this.app), bytesOf(this.device), way === "down", cmd, data);
        if (plain !== undefined) return plain;
      }
    }
    return undefined;
  }
}

/** The forms of id 12 that are inferred [I]: AES-128-CBC under PS, iv of PS or zeros; in it a key, perhaps behind PK,DK. */
function readSealed(text: string, ps: string, show: boolean): string | undefined {
  const hash = createHash("sha256").update(ps, "latin1").digest().subarray(0, 16);
  const ivs: [string, Buffer][] = [["iv from SHA-256 of PS", hash], ["iv of zeros", ZEROS]]; // prettier-ignore
  for (const [form, iv] of ivs) {
    const plain = decrypt(Buffer.from(text, "base64"), bytesOf(ps).subarray(0, 16), iv);
    if (plain === undefined || !/^[!-~]+$/.test(plain)) continue;
    const [, prefix = "", rest = plain] = /^([0-9A-Za-z]+,[0-9A-Za-z]+,)?(.*)$/.exec(plain) ?? [];
    const what =
      Buffer.from(rest, "base64").length === 16 && rest.length === 24 ? "authKey" : `${rest.length} characters`;
    return `opened by PS, ${form}: ${prefix}${show ? rest : `** (${what})`}`;
  }
  return undefined;
}

function decrypt(bytes: Buffer, key: Buffer, iv: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, iv);
    return Buffer.concat([decipher.update(bytes), decipher.final()]).toString("latin1");
  } catch {
    return undefined;
  }
}
