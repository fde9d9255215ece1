/** What a broker may send, and when. */

import { at16 } from "../codec/bytes.js";
import type { Flight } from "./flight.js";
import { CONNECTING, SUBSCRIBING, type Liveness } from "./liveness.js";
import { CONNACK, PINGRESP, PUBACK, pubackPacket, PUBLISH, SUBACK, SUBSCRIPTION, type Packet } from "./packets.js";
import type { Wire } from "./wire.js";

/** Packet ids of received publishes that are remembered to drop duplicates. */
const REMEMBERED = 4;

export interface InboundEvents {
  /** CONNACK return code: 0 accepted, 1 to 5 refused. */
  connack(code: number): void;
  /** SUBACK return code: 0 or 1 granted, 128 refused. */
  suback(code: number): void;
}

export interface Inbound {
  /**
   * @returns the message in it, if it is a new one: returned, so that its handler starts on a shallow stack. Else whether
   * it was asked for; undefined for what must not come, and for what cannot be acknowledged
   */
  receive(packet: Packet): string | boolean | undefined;
  /** The connection ends. */
  end(): void;
}

/** @once */
export function createInbound(wire: Wire, liveness: Liveness, flight: Flight, events: InboundEvents): Inbound {
  let seen: number[] = [];

  /** Whether a PUBLISH came before. */
  function isOld(head: number, id: number): boolean {
    if (head & 8 && seen.indexOf(id) >= 0) return true;
    if (seen.push(id) > REMEMBERED) seen.shift();
    return false;
  }

  return {
    receive(packet) {
      const head = packet.head;
      const body = packet.body;
      const length = body.length;
      const code = body.charCodeAt(length - 1); // of CONNACK and SUBACK
      const first = at16(body, 0); // a length, or an id
      if (liveness.current() == CONNECTING) {
        if (head != CONNACK || length != 2 || code > 5) return undefined;
        liveness.accepted();
        events.connack(code);
        return true;
      }
      if (head >> 4 == PUBLISH) {
        const qos = (head >> 1) & 3;
        const start = first + (qos ? 4 : 2);
        // Two bytes that are not there are read as 0 or more than a body has.
        if (qos > 1 || start > length) return undefined;
        // A broker waits for what is lost of these as long as the connection lasts: so the message is not taken either.
        if (qos && !wire.write(pubackPacket(at16(body, first + 2)))) return undefined;
        return qos && isOld(head, at16(body, first + 2)) ? true : body.substr(start);
      }
      if (head == PUBACK && length == 2) return flight.settle(first, true);
      if (head == PINGRESP && !length) return liveness.answered();
      const due = liveness.current() == SUBSCRIBING && head == SUBACK && length == 3 && first == SUBSCRIPTION;
      if (!due || (code > 1 && code != 128)) return undefined;
      liveness.ready();
      events.suback(code);
      return true;
    },
    end() {
      seen = [];
    },
  };
}
