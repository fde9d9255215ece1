/** Discovery: answers "who is there?" over UDP. */

import {
  CMD_DISCOVER,
  CMD_DISCOVER_ANSWER,
  DISCOVER_CAPABILITIES,
  DISCOVER_DK,
  DISCOVER_PK,
  DISCOVER_REVISION,
  DISCOVER_STATE,
  DISCOVER_WINDOW,
  LAN_REVISION,
} from "../codec/commands.js";
import { decodeFrame, encodeFrame } from "../codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes } from "../codec/ttlv.js";
import type { Identity } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";

/** Answers in a second to one address, and addresses that get any in a second. */
const MOST_ANSWERS = 10;
const MOST_ADDRESSES = 16;

/** What an answer says beside the identity. */
export interface Presence {
  capabilities: number;
  /** STATE_… */
  state: number;
  windowOpen: boolean;
}

/**
 * The answer to one datagram.
 * @returns a frame, or "" for anything but a well-formed request that means this product. No amplifier: an answer that
 * is longer than twice the request and 64 bytes is not given; a product with keys as long as that is asked for by its PK
 */
export function discoveryAnswer(identity: Identity, datagram: string, presence: () => Presence): string {
  const frame = decodeFrame(datagram);
  if (!frame || frame.cmd != CMD_DISCOVER) return "";
  if (frame.data) {
    const nodes = decodeTtlv(frame.data);
    const pk = nodes && findBytes(nodes, DISCOVER_PK);
    if (!nodes || (pk && pk != identity.pk)) return "";
  }
  const now = presence();
  const answer = encodeFrame(
    frame.id,
    CMD_DISCOVER_ANSWER,
    encodeTtlv([
      [DISCOVER_DK, identity.dk],
      [DISCOVER_PK, identity.pk],
      [DISCOVER_CAPABILITIES, now.capabilities],
      [DISCOVER_STATE, now.state],
      [DISCOVER_WINDOW, now.windowOpen],
      [DISCOVER_REVISION, LAN_REVISION],
    ]),
  );
  return answer.length <= 2 * datagram.length + 64 ? answer : "";
}

/**
 * Answers on `port` for as long as the device runs, but not everybody at any rate.
 * @once
 */
export function serveDiscovery(hal: Hal, identity: Identity, port: number, presence: () => Presence): void {
  let second = 0;
  let addresses = 0;
  let answers: Record<string, number> = {};

  /** Counts one answer to an address in this second. @returns whether it may be given */
  function may(address: string): boolean {
    const now = Math.floor(hal.now() / 1000);
    if (now != second) {
      second = now;
      addresses = 0;
      answers = {};
    }
    const before = answers[address];
    if (!before && ++addresses > MOST_ADDRESSES) return false;
    answers[address] = (before || 0) + 1;
    return answers[address] <= MOST_ANSWERS;
  }

  const send = hal.udp(port, (datagram, from) => {
    const answer = discoveryAnswer(identity, datagram, presence);
    if (answer && may(from.address)) send(answer, from);
  });
}
