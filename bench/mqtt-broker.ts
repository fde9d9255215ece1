/** Brokers for the comparison: a real one that counts, and a socket that answers as it is told. */

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { Aedes } from "aedes";

import { sleep } from "./bench-device.js";

/** Milliseconds from a connection to its break. */
const FIRST_BREAK = 5;
const LAST_BREAK = 60;
const UNHEARD = 10;

export interface Broker {
  port: number;
  stop(): Promise<void>;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** @param onPublish told each payload that a client publishes, as bytes in a string */
export async function realBroker(
  onPublish: (payload: string) => void,
  onSocket: (socket: Socket) => void = () => {},
): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  aedes.on("publish", (packet, client) => {
    if (client) onPublish(Buffer.from(packet.payload).toString("latin1"));
  });
  const server = createServer({ noDelay: true }, (socket) => {
    aedes.handle(socket);
    onSocket(socket);
  });
  const port = await listen(server);
  const stop = async (): Promise<void> => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  };
  return { port, stop };
}

/** For `realBroker`: what it writes arrives so many milliseconds later. */
export const later =
  (ms: number) =>
  (socket: Socket): void => {
    const write = socket.write.bind(socket) as (bytes: Uint8Array) => boolean;
    if (ms) socket.write = ((bytes: Uint8Array) => (setTimeout(write, ms, bytes), true)) as typeof socket.write;
  };

/** A real one that breaks the first connections, each some milliseconds after its begin. */
export async function breakingBroker(
  breaks: number,
  onPublish: (payload: string) => void,
): Promise<Broker & { broken(): number }> {
  let broken = 0;
  const through = await realBroker(onPublish, (socket) => {
    if (broken >= breaks) return;
    broken++;
    const after = FIRST_BREAK + randomInt(LAST_BREAK);
    // What it says last never arrives: publishes that it has are sent again.
    setTimeout(() => socket.cork(), after);
    setTimeout(() => socket.destroy(), after + UNHEARD);
  });
  return { ...through, broken: () => broken };
}

/** Answers CONNECT with `code`, and SUBSCRIBE; what it writes goes to whoever came last. */
export async function toldBroker(code: number): Promise<Broker & { write(bytes: string): Promise<void> }> {
  let last: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    last = socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (bytes: unknown) => {
      const text = bytes as string;
      const subscribe = /\x82[^]\0?[^]/.exec(text.charCodeAt(0) === 0x10 ? text.slice(2 + text.charCodeAt(1)) : text);
      if (text.charCodeAt(0) === 0x10) socket.write(`\x20\x02\0${String.fromCharCode(code)}`, "latin1");
      if (subscribe) {
        const at = text.indexOf(subscribe[0]);
        socket.write(`\x90\x03${text.slice(at + 2, at + 4)}\x01`, "latin1");
      }
    });
  });
  const port = await listen(server);
  const write = async (bytes: string): Promise<void> => {
    last?.write(bytes, "latin1");
    await sleep(25);
  };
  const stop = async (): Promise<void> => {
    last?.destroy();
    server.close();
  };
  return { port, write, stop };
}
