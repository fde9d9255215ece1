/**
 * The public state of the device: idle, provisioning, joining, connecting, online or bound, as STATE_… counts them. What
 * is not in the table does not happen: a connection that is lost while the device waits for an app changes nothing.
 */

import { STATE_IDLE } from "../codec/commands.js";
import type { Hal } from "../hal/hal.js";
import type { Emitter } from "./emitter.js";

// Events. 0 to 3 are the states of provisioning: at rest, waits for an app, joins, is on the network.
export const ENTERED = 4; // the cloud has accepted the device, which is not bound
export const ENTERED_BOUND = 5;
export const BOUND = 6;
export const UNBOUND = 7;
export const LOST = 8; // the cloud is not there

const NEXT =
  // 0123, ENTERED, ENTERED_BOUND, BOUND, UNBOUND, LOST
  "0123-----" + // idle
  "0123-----" + // provisioning
  "0123-----" + // joining
  "012345---" + // connecting
  "0123-55-3" + // online
  "01234--43"; // bound
const EVENTS = 9;

export interface States {
  /** STATE_… */
  current(): number;
  name(): string;
  /** @param reason FAIL_…, of an attempt that has ended @returns whether the state is another one */
  fire(event: number, reason?: number): boolean;
}

/** @once */
export function createStates(hal: Hal, emitter: Emitter): States {
  let state = STATE_IDLE;

  /** Split when it is asked for: an array would stay in RAM. */
  function name(): string {
    return "idle,provisioning,joining,connecting,online,bound".split(",")[state];
  }

  return {
    current: () => state,
    name: name,
    fire(event, reason) {
      const next = parseInt(NEXT.charAt(state * EVENTS + event));
      const other = next >= 0 && next != state;
      if (other) state = next;
      if (other || reason) {
        hal.log("state=" + name() + (reason ? " reason=" + reason : ""));
        emitter.emit("state", { state: name(), reason: reason });
      }
      return other;
    },
  };
}
