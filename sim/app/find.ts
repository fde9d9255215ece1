/** Finding the device that is meant: by its keys where they are known, else everybody who answers. */
import { networkInterfaces } from "node:os";
import { discover, type Found } from "./discover.js";

export interface FindOptions {
  /** IPv4 addresses to ask; broadcast addresses too. */
  addresses: string[];
  /** Only devices of this ProductKey. */
  pk?: string;
  /** Only this DeviceKey. */
  dk?: string;
  signal?: AbortSignal;
}

/** Milliseconds until an address is silent, and for everybody on a network to answer. */
const SILENCE_MS = 5000;
const NETWORK_MS = 3000;

/** The last address of a network: all bits of the host set. */
function lastAddress(address: string, netmask: string): string {
  const mask = netmask.split(".").map(Number);
  return address
    .split(".")
    .map((byte, at) => Number(byte) | (~mask[at] & 255))
    .join(".");
}

/** Whether more than one device may answer at an address. */
export function isBroadcast(address: string): boolean {
  if (address === "255.255.255.255") return true;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some((net) => net.family === "IPv4" && lastAddress(net.address, net.netmask) === address);
}

/**
 * Asks addresses, and stops as soon as everybody who can be meant has answered.
 * @returns the devices, each once, in the order of their answers
 */
export async function findDevices({ addresses, pk, dk, signal }: FindOptions): Promise<Found[]> {
  const network = addresses.some(isBroadcast);
  const count = dk ? 1 : network ? Infinity : new Set(addresses).size;
  const timeout = network && !dk ? NETWORK_MS : SILENCE_MS;
  const found = await discover({ addresses, pk, dk, count, timeout, strict: !network, signal });
  return found.filter(({ dk }, at) => found.findIndex((other) => other.dk === dk) === at);
}
