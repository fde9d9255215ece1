/** The UDP side of a LAN tap: discovery goes on to the device, and its answers come back, unchanged. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

import { LAN_UDP_PORT } from "../../src/codec/commands.js";
import type { Piece } from "../decode/capture.js";

/** Milliseconds that an answer may take. */
const ANSWER_MS = 3000;
/** Askers at one time. */
const MOST = 64;
/** Datagrams are no connection; their pieces have the number of none. */
const NO_CONNECTION = 0;

export interface DiscoveryTap {
  stop(): void;
}

/** @throws the system's error when the port cannot be had */
export async function tapDiscovery(
  host: string,
  device: string,
  onPiece: (piece: Piece) => void,
): Promise<DiscoveryTap> {
  const server = createSocket("udp4");
  const askers = new Map<string, Socket>();
  const tell = (direction: "up" | "down", bytes: Buffer): void =>
    onPiece({ connection: NO_CONNECTION, direction, time: Date.now(), bytes });
  const askerOf = ({ address, port }: RemoteInfo): Socket | undefined => {
    const name = `${address}:${port}`;
    const known = askers.get(name);
    if (known || askers.size >= MOST) return known;
    const socket = createSocket("udp4");
    askers.set(name, socket);
    const forget = (): void => {
      clearTimeout(timer);
      if (askers.delete(name)) socket.close();
    };
    const timer = setTimeout(forget, ANSWER_MS).unref();
    socket.on("error", forget);
    socket.on("message", (answer) => {
      tell("up", answer);
      server.send(answer, port, address);
    });
    return socket;
  };
  server.on("message", (question, from) => {
    tell("down", question);
    askerOf(from)?.send(question, LAN_UDP_PORT, device);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).bind(LAN_UDP_PORT, host, resolve));
  // A device that is away is an error of the socket on some systems.
  server.removeAllListeners("error").on("error", () => {});
  return {
    stop() {
      for (const socket of askers.values()) socket.close();
      askers.clear();
      server.close();
    },
  };
}
