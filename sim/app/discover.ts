/** Discovery: frame 7001 by UDP to every address, 7002 back. */
import { createSocket, type Socket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CMD_DISCOVER,
  CMD_DISCOVER_ANSWER,
  DISCOVER_CAPABILITIES,
  DISCOVER_DK,
  DISCOVER_PK,
  DISCOVER_REVISION,
  DISCOVER_STATE,
  DISCOVER_WINDOW,
  LAN_UDP_PORT,
} from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, find, findBytes, findNumber } from "../../src/codec/ttlv.js";
import { UnreachableError } from "./failures.js";
import { toBytes, toKey } from "./text.js";

/** Names of the states in frame 7002, by number. */
export const STATES = ["idle", "provisioning", "joining", "connecting", "online", "bound"] as const;
export type DeviceState = (typeof STATES)[number] | "unknown";

/** A device that answered. */
export interface Found {
  address: string;
  dk: string;
  pk: string;
  /** 1 WAN, 2 LAN, 4 BLE, 8 Matter, added up; 0 when the device does not say. */
  capabilitiesBitmask: number;
  state: DeviceState;
  /** Whether a bindingCode is valid now. */
  windowOpen: boolean;
  /** Revision of the LAN protocol, 0 when the device does not say. */
  revision: number;
}

export interface DiscoverOptions {
  /** IPv4 addresses to ask, default 127.0.0.1. A host on a real network may give its broadcast address. */
  addresses?: string[];
  /** Ask only the devices of this ProductKey. */
  pk?: string;
  /** Take only this DeviceKey. */
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

/** Reads an answer, or undefined if it is none. DK and PK are required, and printable. */
export function parseAnswer(datagram: Buffer, address: string): Found | undefined {
  const frame = decodeFrame(datagram.toString("latin1"));
  const nodes = frame?.cmd === CMD_DISCOVER_ANSWER ? decodeTtlv(frame.data) : undefined;
  const dk = nodes && toKey(findBytes(nodes, DISCOVER_DK));
  const pk = nodes && toKey(findBytes(nodes, DISCOVER_PK));
  if (!nodes || !dk || !pk) return undefined;
  return {
    address,
    dk,
    pk,
    capabilitiesBitmask: findNumber(nodes, DISCOVER_CAPABILITIES) ?? 0,
    state: STATES[findNumber(nodes, DISCOVER_STATE) ?? -1] ?? "unknown",
    windowOpen: find(nodes, DISCOVER_WINDOW) === true,
    revision: findNumber(nodes, DISCOVER_REVISION) ?? 0,
  };
}

/**
 * Finds devices. Each appears once, with its newest answer, in the order of their first answers.
 * @throws the signal's reason when it is aborted
 */
export async function discover(options: DiscoverOptions = {}): Promise<Found[]> {
  const { addresses = ["127.0.0.1"], pk, dk, timeout = 3000, count = Infinity, strict = false, signal } = options;
  signal?.throwIfAborted();
  const found = new Map<string, Found>();
  const request = encodeTtlv(pk ? [[DISCOVER_PK, toBytes(pk)]] : []);
  const socket = await openSocket(addresses.every(isLoopback) ? "127.0.0.1" : undefined);
  const asking = askAll(socket, addresses, request);
  const over = new AbortController();
  socket.on("message", (datagram, from) => {
    const answer = strict && !addresses.includes(from.address) ? undefined : parseAnswer(datagram, from.address);
    if (!answer || (pk && answer.pk !== pk) || (dk && answer.dk !== dk)) return;
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

/** Asks all addresses now and every second. An address that cannot be reached is as one where nobody answers. */
function askAll(socket: Socket, addresses: string[], data: string): NodeJS.Timeout {
  let id = 0;
  const ask = () => {
    const frame = Buffer.from(encodeFrame(++id, CMD_DISCOVER, data), "latin1");
    for (const address of addresses) socket.send(frame, LAN_UDP_PORT, address, () => {});
  };
  ask();
  return setInterval(ask, RESEND_MS);
}
