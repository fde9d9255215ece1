/** UDP sockets of Espruino for long-running servers. */

import type { Address } from "../hal.js";

export interface UdpSocket {
  send(bytes: string, port: number, address: string): void;
  /** Closes after what was sent has left. */
  close(): void;
}

/**
 * Listens on a UDP port, and again whenever the socket closes by itself: a few datagrams of no length do that.
 * @param group a multicast group, on a port that others may share
 * @param local gives the own address in the group's network, each time the socket opens
 * @once
 */
export function openUdp(
  port: number,
  received: (bytes: string, from: Address) => void,
  group?: string,
  local?: () => string,
): UdpSocket {
  let socket: EspruinoDatagramSocket | undefined;
  const open = (): void => {
    const mine = require("dgram").createSocket(group ? { type: "udp4", reuseAddr: true } : "udp4");
    socket = mine;
    // Espruino takes a group before `bind` only.
    if (group) mine.addMembership(group, local!());
    mine.bind(port, () => {});
    mine.on("message", received);
    mine.on("error", () => {});
    mine.on("close", () => {
      // 'close' comes twice.
      if (socket == mine) {
        socket = undefined;
        setTimeout(open, 100);
      }
    });
  };
  open();
  return {
    send(bytes, port, address) {
      if (socket) socket.send(bytes, port, address);
    },
    close() {
      const mine = socket;
      socket = undefined;
      if (mine) mine.close();
    },
  };
}
