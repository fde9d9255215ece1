/**
 * The air between a simulated device and a phone in another process: one line of JSON a message, over loopback. A
 * connection is one phone; it asks, each answer is the next line that is no indication.
 */

import type { Socket } from "node:net";

/** Where a device that runs on this machine is near, at its own address. */
export const BLE_PORT = 40002;
/** Characters of a message; the longest holds 500 bytes in base64. */
const LONGEST = 1024;
export interface Question {
  /** Connects, and is answered by the MTU; a question without any of these asks for the advertisement, in base64. */
  mtu?: unknown;
  subscribe?: unknown;
  /** Base64. */
  write?: unknown;
}

export interface Told {
  answer?: unknown;
  error?: string;
  /** Base64. */
  indication?: string;
}

export const tell = (socket: Socket, message: Question | Told): void =>
  void socket.write(`${JSON.stringify(message)}\n`);

/** Messages until the other side has gone. @throws Error when it sends something else */
export async function* messages<T>(socket: Socket): AsyncGenerator<T> {
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    if (text.length > LONGEST) throw new Error("a message that does not end");
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
