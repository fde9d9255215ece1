/** Where servers of the toolbox listen: on this machine alone, unless a person wants more. */
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

import { UsageError } from "./errors.js";

/** All addresses of the machine. */
export const ANY = "0.0.0.0";

/** Whether only programs of this machine reach a server there. */
export function isLoopback(host: string): boolean {
  return isIPv4(host) && host.startsWith("127.");
}

/** The IPv4 addresses of this machine's networks. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

/** The address by which others reach a server that listens on this one. */
export function reachable(host: string): string {
  return host === ANY ? (ownAddresses().find((address) => !isLoopback(address)) ?? "127.0.0.1") : host;
}

/** @throws UsageError for an address that is not this machine's own */
export function demandOwn(host: string, own = ownAddresses()): void {
  if (isLoopback(host) || host === ANY || own.includes(host)) return;
  throw new UsageError(`${host} is no address of this machine: it has ${own.join(", ")}, and ${ANY} is all of them`);
}
