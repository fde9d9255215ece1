/** 00B5: tells the cloud the bindingSecret and the bindingCode, one report at a time, until PUBACK. */

import { BINDING_CODE, BINDING_SECRET, CMD_BINDING } from "../codec/commands.js";
import { encodeTtlv } from "../codec/ttlv.js";
import type { Hal } from "../hal/hal.js";
import { CLASS_SYS, type Uplink } from "./uplink.js";

/** What one 00B5 holds: 16 characters 0-9A-F each. */
export interface Report {
  secret: string;
  code: string;
}

/** Milliseconds until a report is tried again for which too many publishes were waiting. */
const LATER = 2000;

export interface Reporter {
  /** Sends the next report, unless one is under way: then that one's end does it. */
  report(): void;
  /** The connection has ended: what was under way was not acknowledged. */
  dropped(): void;
}

/**
 * @param next what is to be reported now; undefined when there is nothing, or no connection for it
 * @param reported what became of a report
 * @once
 */
export function createReporter(
  hal: Hal,
  uplink: Uplink,
  next: () => Report | undefined,
  reported: (sent: Report, acknowledged: boolean) => void,
): Reporter {
  let sent: Report | undefined;

  function settle(acknowledged: boolean): void {
    const was = sent;
    sent = undefined;
    if (was) reported(was, acknowledged);
  }

  function report(): void {
    if (sent) return;
    const now = next();
    if (!now) return;
    const data = encodeTtlv([
      [BINDING_SECRET, now.secret],
      [BINDING_CODE, now.code],
    ]);
    const taken = uplink.publish(CLASS_SYS, CMD_BINDING, data, (acknowledged) => {
      settle(acknowledged);
      report();
    });
    if (taken) sent = now;
    else hal.after(LATER, report);
  }

  return { report: report, dropped: () => settle(false) };
}
