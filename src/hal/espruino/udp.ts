/** UDP sockets of Espruino for long-running servers. */

import type { Address, Datagrams } from "../hal.js";
import { ignore } from "./tcp.js";

/**
 * @param group a multicast group, on a port that others may share
 * @param local gives the own address in the group's network, each time the socket opens
 * @once
 */
export function createUdp(
  port: number,
  received: (bytes: string, from: Address) => void,
  group?: string,
  local?: () => string,
): Datagrams {
  let socket: EspruinoDatagramSocket | undefined;
  let wanted = false;

  function open(): void {
    wanted = true;
    if (socket) return;
    const mine = require("dgram").createSocket(group ? { type: "udp4", reuseAddr: true } : "udp4");
    // Espruino takes a group before `bind` only.
    if (group) mine.addMembership(group, local!());
    mine.bind(port, ignore);
    mine.on("message", received);
    mine.on("error", ignore);
    mine.on("close", () => {
      // 'close' comes twice. A few datagrams of no length close a socket.
      if (socket != mine) return;
      socket = undefined;
      setTimeout(() => wanted && open(), 100);
    });
    socket = mine;
  }

  return {
    open: open,
    close() {
      const mine = socket;
      wanted = false;
      socket = undefined;
      if (mine) mine.close();
    },
    send(bytes, to) {
      if (socket) socket.send(bytes, to.port, to.address);
    },
  };
}
