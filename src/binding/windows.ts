/** When a binding window opens and ends, which app is told its code, and what the cloud is told of it. */

import type { Report } from "../cloud/reporter.js";
import { STATE_ONLINE } from "../codec/commands.js";
import type { Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { createCodes, type Codes } from "./codes.js";
import type { Emitter } from "./emitter.js";
import { createOffers, type Offers, type WindowNeeds } from "./offers.js";
import { createReports } from "./reports.js";
import type { Secrets } from "./secrets.js";
import type { States } from "./states.js";

export interface Windows extends Pick<Codes, "close" | "disconnected" | "window">, Offers {
  /** @see openWindow in index.ts */
  open(seconds?: number, code?: string): boolean;
  /** Without a button: opens one window after the other while the device is not bound. */
  rotate(): void;
  /** What the cloud does not know yet. */
  nextReport(): Report | undefined;
  /** The cloud has what was sent. */
  reported(sent: Report): void;
}

/**
 * @param trusted whether codes can be made now
 * @once
 */
export function createWindows(
  hal: Hal,
  emitter: Emitter,
  states: States,
  secrets: Secrets,
  random: Random,
  trusted: boolean,
  needs: WindowNeeds,
): Windows {
  /** There is another code for the cloud. Reported later: who opens and ends windows is deep in the small stack. */
  function tell(seconds: number): void {
    emitter.emit("window", { seconds: seconds });
    hal.after(0, needs.report);
  }

  function open(seconds?: number, code?: string): boolean {
    const most = needs.running().window;
    const length = seconds === undefined ? most : seconds;
    if (!needs.trusted()) return false;
    codes.open(length, code);
    tell(length);
    return true;
  }

  function rotate(): void {
    if (states.current() != STATE_ONLINE || codes.window()) return;
    const next = needs.running().autoRotate;
    if (next) open(next);
  }

  function ended(): void {
    tell(0);
    rotate();
  }

  const codes = createCodes(hal, random, trusted, ended);
  const offers = createOffers(hal, emitter, secrets, codes, open, needs);
  const reports = createReports(hal, emitter, secrets, codes, needs.reported);

  return {
    open: open,
    close: codes.close,
    window: codes.window,
    disconnected: codes.disconnected,
    rotate: rotate,
    known: offers.known,
    join: offers.join,
    nextReport: reports.next,
    reported: reports.acknowledged,
  };
}
