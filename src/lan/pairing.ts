/** Pairing: the access point is open, and the device waits for an app, for as long as the option says. */

import type { Hal } from "../hal/hal.js";
import type { Settings } from "../options.js";
import type { AccessPoint } from "./access-point.js";
import type { Joining } from "./joining.js";
import { IDLE, PAIRING, type Steps } from "./steps.js";

/** The option that means "never". */
const FOREVER = 0xffff;

export interface Pairing {
  begin(): void;
  /** Goes on, until its time is over. @param problem FAIL_… of the attempt that ended */
  wait(problem?: number): void;
  /** Joins the saved network, or begins where there is none. */
  joinSaved(): void;
  /** No app came: back to the saved network, or to rest. */
  giveUp(): void;
  /** To rest, without a network. */
  stop(): void;
}

/** @once */
export function createPairing(
  hal: Hal,
  settings: Settings,
  steps: Steps,
  joining: Joining,
  accessPoint: AccessPoint,
): Pairing {
  let end = 0;

  function wait(problem?: number): void {
    joining.disconnect();
    joining.leave();
    accessPoint.open();
    steps.enter(PAIRING, settings.provisioning == FOREVER ? undefined : Math.max(0, end - hal.now()), problem);
  }

  function begin(): void {
    end = hal.now() + settings.provisioning * 1000;
    wait();
  }

  return {
    begin: begin,
    wait: wait,
    joinSaved() {
      if (!joining.joinSaved()) begin();
    },
    giveUp() {
      accessPoint.close();
      if (settings.reconnect === false || !joining.joinSaved()) steps.enter(IDLE);
    },
    stop() {
      joining.disconnect();
      joining.leave();
      accessPoint.close();
      steps.enter(IDLE);
    },
  };
}
