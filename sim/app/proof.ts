/** The proof of possession, an extension of this project: both sides prove the secret of the label, then frames are sealed. [C] */
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import {
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_PING,
  CMD_PONG,
  CMD_PROVE,
  CMD_PROVE_ANSWER,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_WAIT,
  PROVE_APP,
  PROVE_DEVICE,
  PROVE_OK,
} from "../../src/codec/commands.js";
import { find, findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import { PossessionError, UnreachableError } from "./failures.js";
import { keyOfPop, Level1, SIZE } from "./level1.js";
import { Link } from "./frame-link.js";

/** What an app knows that strangers do not. */
export interface Possession {
  /** K: the hash of the label's proof of possession, or the authKey of a device that is bound. */
  key: Buffer;
  dk: string;
}

/** What a device that knows the extension answers. */
interface Hello {
  /** Seconds until it listens to another proof, 0 when it does now. */
  wait: number;
  /** The device's random, 16 bytes. */
  random: Buffer;
}

/** Milliseconds for an answer; a device that is joining a network is blocked for longer. */
const ANSWER_MS = 3000;
/** Milliseconds in which an answer may still come after that to a later frame. */
const OVERTAKEN_MS = 250;

/** What the app knows of a device, if anything. @param authKey BASE64, taken instead of the label's when it is there */
export function possessionOf({ pop, authKey }: { pop?: string; authKey?: string }, dk: string): Possession | undefined {
  if (authKey) return { key: Buffer.from(authKey, "base64"), dk };
  return pop ? { key: keyOfPop(pop), dk } : undefined;
}

/**
 * Says hello, and pings behind it: every device answers a ping, so one that answers only that knows no proof.
 * @returns undefined for a device without the extension
 * @throws UnreachableError when it answers neither, PossessionError when it has no fresh random
 */
async function hello(link: Link, random: Buffer, signal?: AbortSignal): Promise<Hello | undefined> {
  link.send(CMD_HELLO, [[HELLO_APP_RANDOM, random.toString("latin1")]]);
  link.send(CMD_PING);
  let answer = await link.await(({ cmd }) => cmd === CMD_HELLO_ANSWER || cmd === CMD_PONG, ANSWER_MS, signal);
  if (!answer) throw silent(link);
  const isHello = ({ cmd }: { cmd: number }): boolean => cmd === CMD_HELLO_ANSWER;
  if (!isHello(answer)) answer = await link.await(isHello, OVERTAKEN_MS, signal);
  const theirs = answer && findBytes(answer.nodes, HELLO_DEVICE_RANDOM);
  if (!answer) return undefined;
  if (theirs?.length !== SIZE) throw new PossessionError("the device takes no proof any more: its flash is worn out");
  return { wait: Math.max(0, findNumber(answer.nodes, HELLO_WAIT) ?? 0), random: Buffer.from(theirs, "latin1") };
}

/** Proves the possession, has the device prove it too, and seals everything after that. */
async function prove(link: Link, { key, dk }: Possession, signal?: AbortSignal): Promise<void> {
  const own = randomBytes(SIZE);
  const theirs = await hello(link, own, signal);
  // Else a stranger's device that asks for nothing would be given the Wi-Fi password in clear.
  if (!theirs) {
    throw new PossessionError("this device asks for no proof of possession: it is another one, or has no such label");
  }
  if (theirs.wait) throw new PossessionError(`too many wrong proofs: ${again(theirs.wait)}`, theirs.wait);
  const level1 = new Level1(key, own, theirs.random);
  const proof: Node[] = [[PROVE_APP, level1.proof(dk).toString("latin1")]];
  const answer = await link.request(CMD_PROVE, CMD_PROVE_ANSWER, ANSWER_MS, signal, proof);
  if (!answer) throw silent(link);
  if (find(answer, PROVE_OK) !== true) throw await refused(link, signal);
  if (!level1.isProven(dk, Buffer.from(findBytes(answer, PROVE_DEVICE) ?? "", "latin1"))) {
    throw new PossessionError("this device cannot prove that it is the one of the label: do not trust it");
  }
  link.seal(level1);
}

/** The proof was wrong; one more question tells whether the device has stopped listening. */
async function refused(link: Link, signal?: AbortSignal): Promise<PossessionError> {
  const wait = (await hello(link, randomBytes(SIZE), signal).catch(() => undefined))?.wait ?? 0;
  signal?.throwIfAborted();
  const next = wait ? `; ${again(wait)}` : "";
  return new PossessionError(
    `the device knows another proof of possession: check its label, or give the authKey of a device that is bound${next}`,
    wait,
  );
}

function again(seconds: number): string {
  return `the device listens again in ${seconds} s`;
}

function silent({ address }: Link): UnreachableError {
  return new UnreachableError(`the device at ${address} accepts links but does not answer: look at its log`);
}

/** The error for a device that demands a proof, or undefined for one that does not. */
export async function missingProof(link: Link, signal?: AbortSignal): Promise<PossessionError | undefined> {
  if (!(await hello(link, randomBytes(SIZE), signal))) return undefined;
  return new PossessionError(
    "proof of possession needed: give the one on the device's label, or the authKey once it is bound",
  );
}

/** How a link is opened. */
export interface OpenOptions {
  /** The secret of a device whose label holds a proof; without it nothing but the platform's own frames are sent. */
  possession?: Possession;
  /** TCP port that the device told by discovery. */
  port?: number;
  /** Opens another transport than TCP, such as a `gattStream`; the address is then only a name for messages. */
  transport?: () => Promise<Duplex>;
  signal?: AbortSignal;
}

/** A link that nothing has been said on. */
export function connected(address: string, timeout: number, options: OpenOptions): Promise<Link> {
  const { transport, signal, port } = options;
  return transport ? Link.over(transport, address) : Link.open(address, timeout, signal, port);
}

/**
 * Connects to a device, and proves what there is to prove.
 * @param timeout milliseconds to connect
 * @throws as `Link.open`, and PossessionError when the proof is wrong, not due or not asked for
 */
export async function openLink(address: string, timeout: number, options: OpenOptions): Promise<Link> {
  const link = await connected(address, timeout, options);
  try {
    if (options.possession) await prove(link, options.possession, options.signal);
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

/**
 * Whether a device demands a proof of possession.
 * @throws UnreachableError when nothing accepts or answers at the address
 */
export async function demandsProof(address: string, options: Omit<OpenOptions, "possession"> = {}): Promise<boolean> {
  const link = await connected(address, ANSWER_MS, options);
  try {
    return (await missingProof(link, options.signal)) !== undefined;
  } finally {
    link.close();
  }
}
