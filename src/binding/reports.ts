/** What the cloud does not know yet of code and secret, and what follows when it does. */

import type { Report } from "../cloud/reporter.js";
import type { Hal } from "../hal/hal.js";
import type { Codes } from "./codes.js";
import type { Emitter } from "./emitter.js";
import type { Secrets } from "./secrets.js";

export interface Reports {
  /** What is to be reported now, or undefined. */
  next(): Report | undefined;
  /** The cloud has what was sent. */
  acknowledged(sent: Report): void;
}

/**
 * @param reported the cloud has the code of the open window
 * @once
 */
export function createReports(
  hal: Hal,
  emitter: Emitter,
  secrets: Secrets,
  codes: Codes,
  reported: () => void,
): Reports {
  return {
    next() {
      const code = codes.current();
      const done = codes.known() && secrets.known();
      return done || !code ? undefined : { secret: secrets.bindingSecret(), code: code };
    },
    acknowledged(sent) {
      secrets.acknowledged(sent.secret);
      if (!codes.acknowledged(sent.code)) return;
      // Not from here: the stack is small, and this is deep in it.
      hal.after(0, () => {
        const now = codes.window();
        emitter.emit("reported", { seconds: now ? now.seconds : 0 });
        reported();
      });
    },
  };
}
