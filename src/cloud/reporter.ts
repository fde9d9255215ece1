/** 00B5: tells the cloud the bindingSecret and the bindingCode, one report at a time, until PUBACK. */

import { BINDING_CODE, BINDING_SECRET, CMD_BINDING } from "../codec/commands.js";
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

  function report(): void {
    if (sent) return;
    const now = next();
    if (!now) return;
    sent = now;
    const taken = uplink.publish(
      CLASS_SYS,
      CMD_BINDING,
      [
        [BINDING_SECRET, now.secret],
        [BINDING_CODE, now.code],
      ],
      (acknowledged) => {
        sent = undefined;
        reported(now, acknowledged);
        report();
      },
    );
    if (taken) return;
    sent = undefined;
    hal.after(LATER, report);
  }

  return { report: report };
}
