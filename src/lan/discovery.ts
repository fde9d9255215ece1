/** Discovery: answers "who is there?" over UDP. [R3] */

import {
  CMD_DISCOVER,
  CMD_DISCOVER_ANSWER,
  DISCOVER_DK,
  DISCOVER_IP,
  DISCOVER_PK,
  DISCOVER_PORT,
  DISCOVER_VERSION,
  LAN_TCP_PORT,
  LAN_UDP_PORT,
  LAN_VERSION,
} from "../codec/commands.js";
import { decodeFrame, encodeFrame } from "../codec/frame.js";
import { encodeTtlv } from "../codec/ttlv.js";
import type { Keys } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";

/** Answers in a second to one address, and addresses that get any in a second. */
const MOST_ANSWERS = 10;
const MOST_ADDRESSES = 16;
/** What Espruino says where there is no address. */
const NOWHERE = "0.0.0.0";

/**
 * The answer to one datagram.
 * @param address the device's own, dotted
 * @returns a frame, or "" for anything but a well-formed 7030, whose content does not matter. No amplifier: an answer
 * that is longer than twice the request and 64 bytes is not sent; it is with keys of 16 characters
 */
export function discoveryAnswer(identity: Keys, datagram: string, address: () => string): string {
  const frame = decodeFrame(datagram);
  if (!frame || frame.cmd != CMD_DISCOVER) return "";
  const answer = encodeFrame(
    frame.id,
    CMD_DISCOVER_ANSWER,
    encodeTtlv([
      [DISCOVER_PK, identity.pk],
      [DISCOVER_DK, identity.dk],
      [DISCOVER_IP, address()],
      [DISCOVER_PORT, LAN_TCP_PORT],
      [DISCOVER_VERSION, LAN_VERSION],
    ]),
  );
  return answer.length <= 2 * datagram.length + 64 ? answer : "";
}

export interface Discovery {
  open(): void;
  close(): void;
}

/**
 * Answers while it is open, at a bounded rate.
 * @once
 */
export function serveDiscovery(hal: Hal, identity: Keys): Discovery {
  let second = 0;
  let addresses = 0;
  let answers: Record<string, number> = {};

  /** Counts one answer to an address in this second. @returns whether it may be given */
  function may(address: string): boolean {
    const now = (hal.now() / 1000) | 0;
    if (now != second) {
      second = now;
      addresses = 0;
      answers = {};
    }
    const count = (answers[address] || 0) + 1;
    if (count == 1 && ++addresses > MOST_ADDRESSES) return false;
    answers[address] = count;
    return count <= MOST_ANSWERS;
  }

  /** The station's address, or the access point's while only that is up. */
  function address(): string {
    const own = hal.wifi().getIP().ip;
    return own == NOWHERE ? hal.wifi().getAPIP().ip : own;
  }

  const socket = hal.udp(LAN_UDP_PORT, (datagram, from) => {
    const answer = discoveryAnswer(identity, datagram, address);
    if (answer && may(from.address)) socket.send(answer, from);
  });
  return socket;
}
