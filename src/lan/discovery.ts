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
import type { Platform } from "../platform.js";

/** What an answer says beside the identity. */
export interface Presence {
  capabilities: number;
  /** STATE_… */
  state: number;
  windowOpen: boolean;
}

/**
 * The answer to one datagram.
 * @returns a frame, or "" for anything but a well-formed request that means this product
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
  return encodeFrame(
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
}

/** Answers on `port` for as long as the device runs. */
export function serveDiscovery(platform: Platform, identity: Identity, port: number, presence: () => Presence): void {
  const send = platform.udp(port, (datagram, from) => {
    const answer = discoveryAnswer(identity, datagram, presence);
    if (answer) send(answer, from);
  });
}
