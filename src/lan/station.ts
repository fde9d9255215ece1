/** The device as a Wi-Fi station: joins one network, says why it could not, and notices when it is gone. */

import { FAIL_NO_ADDRESS, FAIL_NO_NETWORK, FAIL_PASSWORD } from "../codec/commands.js";
import type { Hal, Timer } from "../hal/hal.js";

/** Milliseconds that joining may take. Espruino tries three times before it reports a failure. */
const JOIN_TIMEOUT = 15000;

/** Milliseconds for what was said last to leave: good-byes to the cloud and on the network, an answer to an app. */
export const BREATH = 50;

export interface Station {
  /** Joins a network. @param done told once: 0, or FAIL_NO_NETWORK, FAIL_PASSWORD, FAIL_NO_ADDRESS */
  join(ssid: string, password: string, done: (problem: number) => void): void;
  /** Leaves the network, or gives up joining one. No event follows. */
  leave(): void;
}

/**
 * @param lost called when a network that was joined is gone
 * @once
 */
export function createStation(hal: Hal, lost: () => void): Station {
  const wifi = hal.wifi();
  let joined = false;
  let associated = false;
  let attempt = 0;
  let timer: Timer | undefined;

  wifi.on("associated", () => {
    associated = true;
  });
  wifi.on("disconnected", () => {
    if (!joined) return;
    joined = false;
    lost();
  });

  /** Whatever an earlier attempt still says is not heard any more. */
  function begin(): number {
    hal.cancel(timer);
    joined = associated = false;
    return ++attempt;
  }

  return {
    join(ssid, password, done) {
      const mine = begin();
      const settle = (problem: number): void => {
        if (mine != attempt) return;
        begin();
        joined = !problem;
        done(problem);
      };
      timer = hal.after(JOIN_TIMEOUT, () => {
        wifi.disconnect();
        settle(associated ? FAIL_NO_ADDRESS : FAIL_NO_NETWORK);
      });
      wifi.connect(ssid, { password: password }, (error) => {
        // Parts of the reasons that mean a wrong password. Not a constant: a regular expression takes 14 JsVars.
        const refused = error && /HANDSHAKE|AUTH_FAIL|AUTH_EXPIRE|MIC_FAILURE/.test(error);
        settle(error ? (refused ? FAIL_PASSWORD : FAIL_NO_NETWORK) : 0);
      });
    },
    leave() {
      const mine = begin();
      hal.after(BREATH, () => {
        if (mine == attempt) wifi.disconnect();
      });
    },
  };
}
