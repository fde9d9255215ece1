/** The first two steps on every link: which level the device is at, and at level 1 the proofs of both sides. [C] */
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import {
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_PROVE,
  CMD_PROVE_ANSWER,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_LEVEL,
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

/** What a device says about its level. */
export interface Hello {
  /** 0 open, 1 proof of possession. */
  level: number;
  /** Seconds until it listens to another proof, 0 when it does now. */
  wait: number;
  /** The device's random, 16 bytes. */
  random: Buffer;
}

/** Milliseconds for an answer; a device that is joining a network is blocked for longer. */
const ANSWER_MS = 3000;

/** What the app knows of a device, if anything. @param authKey BASE64, taken instead of the label's when it is there */
export function possessionOf({ pop, authKey }: { pop?: string; authKey?: string }, dk: string): Possession | undefined {
  if (authKey) return { key: Buffer.from(authKey, "base64"), dk };
  return pop ? { key: keyOfPop(pop), dk } : undefined;
}

async function hello(link: Link, random: Buffer, signal?: AbortSignal): Promise<Hello | undefined> {
  const request: Node[] = [[HELLO_APP_RANDOM, random.toString("latin1")]];
  const answer = await link.request(CMD_HELLO, CMD_HELLO_ANSWER, ANSWER_MS, signal, request);
  const theirs = answer && findBytes(answer, HELLO_DEVICE_RANDOM);
  if (!answer || theirs?.length !== SIZE) return undefined;
  const level = findNumber(answer, HELLO_LEVEL) ?? 0;
  return { level, wait: Math.max(0, findNumber(answer, HELLO_WAIT) ?? 0), random: Buffer.from(theirs, "latin1") };
}

/** Proves the possession, has the device prove it too, and seals everything after that. */
async function prove(link: Link, { key, dk }: Possession, signal?: AbortSignal): Promise<void> {
  const own = randomBytes(SIZE);
  const theirs = await hello(link, own, signal);
  if (!theirs) throw silent(link);
  // Else whoever says "level 0" would be given the Wi-Fi password in clear.
  if (theirs.level !== 1) {
    throw new PossessionError("this device asks for no proof of possession: it is another one, or configured openly");
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
  const wait = (await hello(link, randomBytes(SIZE), signal))?.wait ?? 0;
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

/**
 * Makes a link ready for requests: proves what there is to prove, and otherwise makes sure that the device asks for
 * nothing, so that no credentials leave in clear for one that would refuse them.
 * @throws PossessionError when a proof is missing, wrong or not due; UnreachableError when the device is silent
 */
async function introduce(link: Link, possession: Possession | undefined, signal?: AbortSignal): Promise<void> {
  if (possession) return prove(link, possession, signal);
  // Silence is level 0: devices older than this table do not know frame 7003.
  if (((await hello(link, randomBytes(SIZE), signal))?.level ?? 0) === 0) return;
  throw new PossessionError(
    "proof of possession needed: give the one on the device's label, or the authKey once it is bound",
  );
}

/** How a link is opened. */
export interface OpenOptions {
  /** What a device at level 1 wants to be proved. */
  possession?: Possession;
  /** Opens another transport than TCP, such as a `gattStream`; the address is then only a name for messages. */
  transport?: () => Promise<Duplex>;
  signal?: AbortSignal;
}

/** A link that nothing has been said on. */
function connected(address: string, timeout: number, { transport, signal }: OpenOptions): Promise<Link> {
  return transport ? Link.over(transport, address) : Link.open(address, timeout, signal);
}

/**
 * Connects to a device and introduces the app.
 * @param timeout milliseconds to connect
 * @throws as `Link.open`, and PossessionError when a proof is missing, wrong or not due
 */
export async function openLink(address: string, timeout: number, options: OpenOptions): Promise<Link> {
  const link = await connected(address, timeout, options);
  try {
    await introduce(link, options.possession, options.signal);
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

/**
 * Which level a device is at.
 * @throws UnreachableError when nothing accepts at the address
 */
export async function securityLevel(address: string, options: Omit<OpenOptions, "possession"> = {}): Promise<number> {
  const link = await connected(address, ANSWER_MS, options);
  try {
    return (await hello(link, randomBytes(SIZE), options.signal))?.level ?? 0;
  } finally {
    link.close();
  }
}
