/** When a binding window opens and ends, which app is told its code, and what the cloud is told of it. */

import type { Report } from "../cloud/reporter.js";
import { STATE_ONLINE } from "../codec/commands.js";
import { parseServer } from "../codec/server.js";
import type { Hal } from "../hal/hal.js";
import type { Credentials } from "../lan/joining.js";
import { NO_TLS, type Settings } from "../options.js";
import type { Random } from "../random/drbg.js";
import { createCodes, type Codes, type WindowInfo } from "./codes.js";
import type { Emitter } from "./emitter.js";
import type { Secrets } from "./secrets.js";
import type { States } from "./states.js";

/** Seconds that a code of a rotation must have left to be handed to an app. */
const LEAST_LEFT = 10;

/** What a window depends on. */
export interface WindowNeeds {
  /** @throws Failure "stopped" */
  running(): Settings;
  /** Whether codes can be made that cannot be guessed; where not, it has said why. */
  trusted(): boolean;
  /** Has the session report. */
  report(): void;
  /** Of provisioning. */
  known(credentials: Credentials): boolean;
  join(credentials: Credentials): void;
  reported(): void;
}

export interface Windows extends Pick<Codes, "close" | "disconnected" | "window"> {
  /** @see openWindow in index.ts */
  open(seconds?: number, code?: string): boolean;
  /** Without a button: opens one window after the other while the device is not bound. */
  rotate(): void;
  /** The window that an app on this network may know of; see ProvisionEvents. */
  known(credentials: Credentials): WindowInfo | undefined;
  /** An app brings a network; see ProvisionEvents. */
  join(credentials: Credentials, seconds: number | undefined): WindowInfo | undefined;
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

  return {
    open: open,
    close: codes.close,
    window: codes.window,
    disconnected: codes.disconnected,
    rotate: rotate,
    known(credentials) {
      if (!needs.known(credentials)) return undefined;
      const chosen = needs.running();
      const now = codes.window();
      // A code of a rotation that is about to end makes place for the next. A device that is not bound opens a window
      // soon after a boot, for an app that repeats what it has asked for before the power failed.
      const due = now ? chosen.autoRotate && now.seconds < LEAST_LEFT : hal.now() < chosen.window * 1000;
      if (due && (now || !secrets.authKey())) open(chosen.autoRotate || chosen.window);
      return codes.window();
    },
    join(credentials, seconds) {
      const server = credentials.url && parseServer(credentials.url);
      if (server && server.secure && !hal.tls) {
        emitter.problem("tls", NO_TLS);
        return undefined;
      }
      const most = needs.running().window;
      const length = seconds! >= 1 ? Math.min(seconds!, most) | 0 : most;
      if (!open(length)) return undefined;
      // Where the cloud has moved the device counts, with its product, until an app names another server.
      credentials.url = credentials.url || secrets.movedTo();
      needs.join(credentials);
      return { code: codes.current(), seconds: length };
    },
    nextReport() {
      const code = codes.current();
      const done = codes.known() && secrets.known();
      return done || !code ? undefined : { secret: secrets.bindingSecret(), code: code };
    },
    reported(sent) {
      secrets.acknowledged(sent.secret);
      if (!codes.acknowledged(sent.code)) return;
      // Not from here: the stack is small, and this is deep in it.
      hal.after(0, () => {
        const now = codes.window();
        emitter.emit("reported", { seconds: now ? now.seconds : 0 });
        needs.reported();
      });
    },
  };
}
