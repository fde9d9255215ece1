/** What the HTTP side asks of a request before it looks at it: whose machine it names, and where it comes from. */
import type { Socket } from "node:net";

import { isLoopback, ownAddresses } from "../listen.js";
import { refusal } from "./status.js";

/** The name in a Host header or an origin. */
const nameOf = (host: string): string => host.replace(/:\d*$/, "").toLowerCase();

/** Whether a Host header names this machine: a name that a stranger's DNS leads here does not. */
export function isOwnHost(host: string | undefined): boolean {
  const name = nameOf(host ?? "");
  return name === "localhost" || isLoopback(name) || ownAddresses().includes(name);
}

/**
 * Whether a browser sends a request for a page that this cloud has not served. Other programs send neither header.
 */
export function fromElsewhere(headers: Record<string, unknown>): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/** What the parser refuses never becomes a request; its answer is an envelope all the same. */
export function parserRefusal(error: { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const why: Record<string, string> = {
    HPE_HEADER_OVERFLOW: "its headers are longer than 16 KiB",
    ERR_HTTP_REQUEST_TIMEOUT: "it was not complete in time",
  };
  const envelope = refusal(5048, `the request cannot be read: ${why[error.code ?? ""] ?? "it is not HTTP/1.1"}`);
  const body = JSON.stringify(envelope);
  const head = [
    "HTTP/1.1 200 OK",
    "Content-Type: application/json;charset=UTF-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
