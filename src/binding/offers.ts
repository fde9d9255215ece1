/** Which app is told a code, and which one has a window opened. */

import { parseServer } from "../codec/server.js";
import type { Hal } from "../hal/hal.js";
import type { Credentials } from "../lan/joining.js";
import { NO_TLS, type Settings } from "../options.js";
import type { Codes, WindowInfo } from "./codes.js";
import type { Emitter } from "./emitter.js";
import type { Secrets } from "./secrets.js";

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

export interface Offers {
  /** The window that an app on this network may know of; see ProvisionEvents. */
  known(credentials: Credentials): WindowInfo | undefined;
  /** An app brings a network; see ProvisionEvents. */
  join(credentials: Credentials, seconds: number | undefined): WindowInfo | undefined;
}

/**
 * @param open opens a window, unless no code can be made
 * @once
 */
export function createOffers(
  hal: Hal,
  emitter: Emitter,
  secrets: Secrets,
  codes: Codes,
  open: (seconds?: number) => boolean,
  needs: WindowNeeds,
): Offers {
  return {
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
  };
}
