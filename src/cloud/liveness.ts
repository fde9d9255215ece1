/** The states of a connection to the broker, and how long it may be silent in each. */

import type { Hal, Timer } from "../hal/hal.js";
import { PINGREQ } from "./packets.js";
import type { Wire } from "./wire.js";

/** From the dial to the SUBACK of the own subscription, and from a ping to its answer [S]. */
const HANDSHAKE_TIMEOUT = 15000;
const PING_TIMEOUT = 10000;

// States, in the order in which a connection goes through them.
const CLOSED = 0;
export const CONNECTING = 1; // CONNACK must come
export const SUBSCRIBING = 2; // accepted: SUBACK must come, publishes may
export const READY = 3;
const PINGING = 4; // ready, and PINGRESP must come

export interface Liveness {
  current(): number;
  /** The broker is dialled. @param alive seconds of keepalive */
  begin(alive: number): void;
  /** CONNACK has come. */
  accepted(): void;
  /** The subscription is granted or refused. */
  ready(): void;
  /** PINGRESP has come. @returns whether it was asked for */
  answered(): boolean;
  end(): void;
}

/**
 * @param over what the state waits for has not come
 * @once
 */
export function createLiveness(hal: Hal, wire: Wire, over: () => void): Liveness {
  let state = CLOSED;
  let keepalive = 0;
  let timer: Timer | undefined; // of what the state waits for next

  function watch(milliseconds: number): void {
    hal.cancel(timer);
    timer = hal.after(milliseconds, tick);
  }

  /** Pings twice in a keepalive, whatever else travels [S]: a peer that takes publishes and answers nothing is dead. */
  function ready(): void {
    state = READY;
    watch(keepalive * 500);
  }

  function tick(): void {
    if (state != READY) return over();
    state = PINGING;
    wire.write(PINGREQ);
    watch(PING_TIMEOUT);
  }

  return {
    current: () => state,
    begin(alive) {
      state = CONNECTING;
      keepalive = alive;
      watch(HANDSHAKE_TIMEOUT);
    },
    accepted() {
      state = SUBSCRIBING;
    },
    ready: ready,
    answered() {
      const asked = state == PINGING;
      if (asked) ready();
      return asked;
    },
    end() {
      hal.cancel(timer);
      state = CLOSED;
    },
  };
}
