/** The network that is tried, or was last: the saved one, which is tried again until it is there, or an app's. */

import { equal } from "../crypto/equal.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Journal } from "../storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID } from "../storage/keys.js";
import { BREATH, createStation } from "./station.js";
import { FAILED, JOINED, JOINING, LOST, type Steps } from "./steps.js";

/** Milliseconds between two tries to join the saved network, doubling from the first to the last. */
const REJOIN_FIRST = 2000;
const REJOIN_LAST = 60000;

/** Wi-Fi credentials from an app, checked. */
export interface Credentials {
  /** 1-32 bytes. */
  ssid: string;
  /** None, 8-63 bytes, or 64 hexadecimal digits. */
  pass: string;
  /** URL of the MQTT server, or "" for the configured one. */
  url: string;
}

export interface Joining {
  /** Another network than the one until now. */
  choose(credentials: Credentials): void;
  /** Whether it is this one. @param server whether another server makes it another one */
  is(credentials: Credentials, server: boolean): boolean;
  /** Joins it; JOINED or FAILED follows. @param state until then */
  join(state: number): void;
  /** Chooses and joins the saved network. @returns false when there is none */
  joinSaved(): boolean;
  /** Joins it again after a pause. */
  joinLater(problem?: number): void;
  /** It is joined: connects to the cloud. @param state from now on @param milliseconds of that, if it ends by itself */
  connect(state: number, milliseconds?: number): void;
  disconnect(): void;
  /** Leaves it, or gives up joining it. */
  leave(): void;
  /** Saves it in flash. */
  keep(): void;
}

/** The network in flash; without an SSID, none. */
function saved(journal: Journal): Credentials {
  return { ssid: journal.text(KEY_SSID), pass: journal.text(KEY_PASSWORD), url: journal.text(KEY_SERVER) };
}

function save(journal: Journal, network: Credentials): void {
  journal.put([
    [KEY_SSID, network.ssid],
    [KEY_PASSWORD, network.pass],
    [KEY_SERVER, network.url || false],
  ]);
}

/**
 * @param connect connects to the cloud. @param url an app's choice, or "" for the configured one
 * @param disconnect the network is gone, or about to be
 * @once
 */
export function createJoining(
  hal: Hal,
  journal: Journal,
  steps: Steps,
  connect: (url: string) => void,
  disconnect: () => void,
): Joining {
  let network: Credentials;
  let rejoin = REJOIN_FIRST;
  let breath: Timer | undefined; // before the cloud is connected to

  function join(state: number): void {
    steps.enter(state);
    station.join(network.ssid, network.pass, (problem) => steps.fire(problem ? FAILED : JOINED, problem));
  }

  function goOffline(): void {
    hal.cancel(breath);
    disconnect();
  }

  const station = createStation(hal, () => steps.fire(LOST));

  return {
    choose(credentials) {
      network = credentials;
    },
    is(credentials, server) {
      if (server && credentials.url && credentials.url != network.url) return false;
      const same = equal(credentials.pass, network.pass);
      return equal(credentials.ssid, network.ssid) && same;
    },
    join: join,
    joinSaved() {
      network = saved(journal);
      if (!network.ssid) return false;
      join(JOINING);
      return true;
    },
    joinLater(problem) {
      goOffline();
      steps.enter(JOINING, rejoin, problem);
      rejoin = Math.min(rejoin * 2, REJOIN_LAST);
    },
    connect(state, milliseconds) {
      rejoin = REJOIN_FIRST;
      steps.enter(state, milliseconds);
      // Connecting blocks all JavaScript.
      breath = hal.after(BREATH, () => connect(network.url));
    },
    disconnect: goOffline,
    leave: station.leave,
    keep: () => save(journal, network),
  };
}
