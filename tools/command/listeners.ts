/** Who listens on a port of this machine, as far as the system tells (Linux, /proc). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import { ANY } from "../../sim/listen.js";

/** One listener: its IPv4 address, and the process where that may be seen. */
export interface Listener {
  address: string;
  pid?: number;
  /** Name of the program. */
  name?: string;
}

/** State of a TCP socket that listens, and of a UDP socket without a peer. */
const LISTENING = { tcp: "0A", udp: "07" };

/** `0100007F` is 127.0.0.1. */
function addressOf(hex: string): string {
  return Buffer.from(hex, "hex").reverse().join(".");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Names in a folder; none of another user's, or of a process that has just ended. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a link leads there; not one that is gone, as that by which the folder itself was read. */
function leadsTo(link: string, target: string): boolean {
  try {
    return readlinkSync(link) === target;
  } catch {
    return false;
  }
}

/** The process that holds a socket. */
function holderOf(inode: string): Pick<Listener, "pid" | "name"> {
  const holds = (pid: string): boolean =>
    namesIn(`/proc/${pid}/fd`).some((file) => leadsTo(`/proc/${pid}/fd/${file}`, `socket:[${inode}]`));
  const pid = namesIn("/proc").find((name) => /^\d+$/.test(name) && holds(name));
  return pid ? { pid: Number(pid), name: textOf(`/proc/${pid}/comm`).trim() } : {};
}

/** Who is in the way of a server, for a message: "" where the system does not tell. */
export function holderOn(protocol: "tcp" | "udp", port: number | undefined, host: string): string {
  const holders = port ? listenersOn(protocol, port) : [];
  const found = holders.find(({ address, pid }) => pid && (host === ANY || address === ANY || address === host));
  return found ? `, by process ${found.pid} (${found.name})` : "";
}

/** The listeners on a port, on whatever address. */
export function listenersOn(protocol: "tcp" | "udp", port: number): Listener[] {
  const rows = textOf(`/proc/net/${protocol}`).trim().split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    const [address, digits] = (local ?? "").split(":");
    if (state !== LISTENING[protocol] || parseInt(digits, 16) !== port) return [];
    return [{ address: addressOf(address), ...holderOf(inode) }];
  });
}
