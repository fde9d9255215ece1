/** Discovery: frame 7030 by UDP to every address, 7031 back. */
import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CMD_DISCOVER,
  CMD_DISCOVER_ANSWER,
  DISCOVER_DK,
  DISCOVER_IP,
  DISCOVER_PK,
  DISCOVER_PORT,
  DISCOVER_VERSION,
  LAN_UDP_PORT,
} from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, findBytes, findNumber } from "../../src/codec/ttlv.js";
import { UnreachableError } from "./failures.js";
import { toKey } from "./text.js";

/** A device that answered. */
export interface Found {
  /** Where the answer came from. */
  address: string;
  dk: string;
  pk: string;
  /** The IPv4 address that the device says it has. */
  ip: string;
  /** TCP port of its session. */
  port: number;
  /** Version of the LAN protocol, 0 when the device does not say. */
  version: number;
}

export interface DiscoverOptions {
  /** IPv4 addresses to ask, default 127.0.0.1. A host on a real network may give its broadcast address. */
  addresses?: string[];
  /** Take only devices of this ProductKey. */
  pk?: string;
  /** Take only this DeviceKey; products differ in its case. */
  dk?: string;
  /** Milliseconds to listen, default 3000. */
  timeout?: number;
  /** Stop as soon as this many devices answered; default: listen until the timeout. */
  count?: number;
  /** Take only answers that come from one of the addresses; not for broadcast addresses. Default false. */
  strict?: boolean;
  /** Called at the first answer of each device. */
  onFound?: (device: Found) => void;
  signal?: AbortSignal;
}

/** Requests are repeated at this pace: UDP loses packets, and a device may still be booting. */
const RESEND_MS = 1000;
/** An app counts its package ids from here [R3]. */
const FIRST_ID = 1000;

/** Whether two texts are the same DeviceKey. */
export function sameKey(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * Reads an answer, or undefined if it is none. As apps do, it passes over a device without an address or port, and takes
 * a port that is a text.
 */
export function parseAnswer(datagram: Buffer, address: string): Found | undefined {
  const frame = decodeFrame(datagram.toString("latin1"));
  const nodes = frame?.cmd === CMD_DISCOVER_ANSWER ? decodeTtlv(frame.data) : undefined;
  if (!nodes) return undefined;
  const dk = toKey(findBytes(nodes, DISCOVER_DK));
  const pk = toKey(findBytes(nodes, DISCOVER_PK));
  const ip = findBytes(nodes, DISCOVER_IP) ?? "";
  const port = Number(findBytes(nodes, DISCOVER_PORT) ?? findNumber(nodes, DISCOVER_PORT) ?? 0);
  const reachable = isIPv4(ip) && Number.isInteger(port) && port > 0 && port < 65536;
  if (!dk || !pk || !reachable) return undefined;
  return { address, dk, pk, ip, port, version: findNumber(nodes, DISCOVER_VERSION) ?? 0 };
}

/**
 * Finds devices. Each appears once, with its newest answer, in the order of their first answers.
 * @throws the signal's reason when it is aborted
 */
export async function discover(options: DiscoverOptions = {}): Promise<Found[]> {
  const { addresses = ["127.0.0.1"], pk, dk, timeout = 3000, count = Infinity, strict = false, signal } = options;
  signal?.throwIfAborted();
  const found = new Map<string, Found>();
  const socket = await openSocket(addresses.every(isLoopback) ? "127.0.0.1" : undefined);
  const asking = askAll(socket, addresses);
  const over = new AbortController();
  socket.on("message", (datagram, from) => {
    const answer = strict && !addresses.includes(from.address) ? undefined : parseAnswer(datagram, from.address);
    if (!answer || (pk && answer.pk !== pk) || (dk && !sameKey(answer.dk, dk))) return;
    const name = `${answer.pk} ${answer.dk} ${from.address}`;
    if (!found.has(name)) options.onFound?.(answer);
    found.set(name, answer);
    if (found.size >= count) over.abort();
  });
  const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  await sleep(timeout, undefined, { signal: end }).catch(() => {});
  clearInterval(asking);
  socket.close();
  signal?.throwIfAborted();
  return [...found.values()];
}

/**
 * The device at an address.
 * @throws UnreachableError when it does not answer in time
 */
export async function discoverOne(address: string, options: Omit<DiscoverOptions, "addresses">): Promise<Found> {
  const [device] = await discover({ ...options, addresses: [address], count: 1, strict: true });
  if (device) return device;
  throw new UnreachableError(`no device answers discovery at ${address}:${LAN_UDP_PORT}: check the address and power`);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

/** A UDP socket on a free port that may send to a broadcast address; on every interface unless one is given. */
function openSocket(host?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, host, () => {
      socket.setBroadcast(true);
      resolve(socket);
    });
  });
}

/** Asks all addresses now and every second. An address that cannot be reached is as one where no device answers. */
function askAll(socket: Socket, addresses: string[]): NodeJS.Timeout {
  let id = FIRST_ID;
  const ask = () => {
    const frame = Buffer.from(encodeFrame(id++, CMD_DISCOVER, ""), "latin1");
    for (const address of addresses) socket.send(frame, LAN_UDP_PORT, address, () => {});
  };
  ask();
  return setInterval(ask, RESEND_MS);
}
