/** Publishes with QoS 1 that the broker has yet to acknowledge. */

import type { Hal, Timer } from "../hal/hal.js";
import { duplicateOf, publishPacket, SUBSCRIPTION } from "./packets.js";
import type { Wire } from "./wire.js";

/** A publish is sent this often, and this far apart [S]. */
const SENDS = 3;
const RESEND_AFTER = 2000;
/** Publishes that may be in flight. */
const MOST_IN_FLIGHT = 8;

export interface Flight {
  /**
   * Publishes with QoS 1, at once.
   * @param done told once whether the broker has acknowledged: false when it has not in time, or the connection ends
   * @param again other than 0: marked as sent before
   * @returns false when too many are in flight, or too much waits to be sent
   */
  publish(topic: string, payload: string, done?: (acknowledged: boolean) => void, again?: number): boolean;
  /** A publish has been acknowledged, or is given up. @returns whether it was in flight */
  settle(id: number, acknowledged: boolean): boolean;
  /** The connection ends. */
  end(): void;
}

interface Publish {
  _id: number;
  _packet: string;
  _done: ((acknowledged: boolean) => void) | undefined;
}

/** @once */
export function createFlight(hal: Hal, wire: Wire): Flight {
  let flight: Publish[] = [];
  let packetId = 0;
  let sends = 0; // of what is in flight, without an acknowledgement
  let timer: Timer | undefined; // to the next
  let moved = false; // whether the broker has acknowledged, or was sent, one more since the timer began

  /** Something moves: one timer runs meanwhile; one that each publish set anew would cost as much as they do. */
  function wait(): void {
    moved = !!timer;
    if (timer) return;
    timer = hal.after(RESEND_AFTER, repeat);
  }

  /** What is in flight is sent again, in its order, when nothing has moved since; the third time the oldest is given up. */
  function repeat(): void {
    timer = undefined;
    if (!flight.length) return;
    if (!moved && ++sends >= SENDS) settle(flight[0]._id, false);
    else {
      if (!moved) flight.forEach((one) => wire.write(duplicateOf(one._packet)));
      wait();
    }
  }

  function settle(id: number, acknowledged: boolean): boolean {
    const one = flight.filter((each) => each._id == id)[0];
    if (!one) return false;
    flight.splice(flight.indexOf(one), 1);
    sends = 0;
    wait();
    if (one._done) one._done(acknowledged);
    return true;
  }

  return {
    publish(topic, payload, done, again) {
      if (flight.length >= MOST_IN_FLIGHT) return false;
      packetId = (packetId % (SUBSCRIPTION - 1)) + 1;
      const packet = publishPacket(packetId, topic, payload);
      if (!wire.write(again ? duplicateOf(packet) : packet)) return false;
      flight.push({ _id: packetId, _packet: packet, _done: done });
      wait();
      return true;
    },
    settle: settle,
    end() {
      const lost = flight;
      hal.cancel(timer);
      timer = undefined;
      flight = [];
      lost.forEach((one) => one._done && one._done(false));
    },
  };
}
