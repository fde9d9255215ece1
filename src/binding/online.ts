/** The session of this device with the cloud: where it connects, and what follows from what the cloud says. */

import { CODE_NEW_DS, CODE_UNKNOWN_DEVICE } from "../cloud/retry.js";
import { createSession, type Session } from "../cloud/session.js";
import { FAIL_CLOUD_UNREACHABLE, FAIL_REPORT } from "../codec/commands.js";
import { parseServer } from "../codec/server.js";
import type { Hal } from "../hal/hal.js";
import type { Emitter } from "./emitter.js";
import type { Owner } from "./owner.js";
import type { Basis } from "./prepare.js";
import type { Secrets } from "./secrets.js";
import { ENTERED, ENTERED_BOUND, LOST, type States } from "./states.js";
import type { Windows } from "./windows.js";

export interface Online extends Pick<Session, "report" | "cloud"> {
  /** Connects to the cloud. @param url an app's choice, or "" */
  connect(url: string): void;
  /** The network is gone, or about to be. */
  disconnect(): void;
}

/**
 * @param configured the URL of the configured server
 * @param failed the cloud cannot be reached or refuses, which `final` says is for good
 * @once
 */
export function createOnline(
  hal: Hal,
  emitter: Emitter,
  states: States,
  basis: Basis,
  secrets: Secrets,
  windows: Windows,
  owner: Owner,
  configured: () => string,
  failed: (reason: number, final: boolean) => void,
): Online {
  const session = createSession(hal, basis.random, basis.settings, {
    deviceSecret: secrets.deviceSecret,
    profileAt: secrets.profileAt,
    storeDeviceSecret: owner.renew,
    authKey: owner.authKey,
    online() {
      states.fire(secrets.authKey() ? ENTERED_BOUND : ENTERED);
      windows.rotate();
    },
    nextReport: windows.nextReport,
    reported(sent, acknowledged) {
      if (acknowledged) windows.reported(sent);
      else failed(FAIL_REPORT, false);
    },
    result: owner.result,
    failed(reason, code, delay) {
      emitter.problem("cloud", delay ? "next try in " + Math.ceil(delay / 1000) + " s" : "still connected", code);
      if (!delay) return;
      windows.disconnected();
      states.fire(LOST);
      // A DS of another server is forgotten, and the next attempt asks for one.
      failed(reason, reason != FAIL_CLOUD_UNREACHABLE && code != CODE_NEW_DS && code != CODE_UNKNOWN_DEVICE);
    },
  });

  return {
    report: session.report,
    cloud: session.cloud,
    connect(url) {
      const moved = secrets.movedTo();
      const server = parseServer(url || configured())!;
      const made = basis.factory();
      // Another server than the one to which the cloud has moved the device knows it as the factory made it.
      const other = moved && url != moved ? { home: server, pk: made.pk, ps: made.ps, dk: made.dk } : undefined;
      session.start(server, other);
    },
    disconnect() {
      windows.disconnected();
      session.stop();
    },
  };
}
