/** How the device gets onto a network: the saved one, or one that an app brings in pairing mode. */

import type { Hal } from "../hal/hal.js";
import type { Settings } from "../options.js";
import type { Journal } from "../storage/journal.js";
import { createAccessPoint } from "./access-point.js";
import { createJoining, type Credentials } from "./joining.js";
import { createPairing } from "./pairing.js";
import { BROUGHT, CONNECTED, createSteps, JOINING, PAIR, PAIRING, PROVING, REPORTED, START, TRYING } from "./steps.js";
import { createTrial } from "./trial.js";

/** Milliseconds from a network that is joined to a code that the cloud has acknowledged: with joining, an app's minute. */
const CLOUD_PATIENCE = 45000;

export interface ProvisioningEvents {
  /** @param state STATE_… @param reason FAIL_… of the attempt that ended, or undefined */
  state(state: number, reason?: number): void;
  /** An attempt with an app's network has ended: 0, or FAIL_… */
  finished(reason: number): void;
  /** The network is there: connect to the cloud. @param url an app's choice, or "" for the configured one */
  connect(url: string): void;
  /** The network is gone, or about to be. */
  disconnect(): void;
  /** The access point could not be opened. */
  accessPointFailed(error: string): void;
}

export interface Provisioning {
  /** Joins the saved network, or begins to pair where there is none. */
  start(): void;
  /** Leaves the network and closes the access point. */
  stop(): void;
  /** Begins to pair: opens the access point and waits for an app. */
  pair(): void;
  /** Whether it waits for an app. */
  pairing(): boolean;
  /** In pairing mode: joins what an app brings. */
  join(credentials: Credentials): void;
  /** Whether this network is on trial, or is the saved one that the device is on, or looks for. */
  known(credentials: Credentials): boolean;
  /** Whether an app's network is on trial. */
  active(): boolean;
  /** The cloud has acknowledged the code. */
  reported(): void;
  /** The cloud cannot be reached or refuses. @param final whether to give up now, not after some patience */
  cloudFailed(reason: number, final: boolean): void;
}

/**
 * @param name SSID of the device's own access point
 * @param password gives that of it, or "" for an open one
 * @once
 */
export function createProvisioning(
  hal: Hal,
  journal: Journal,
  settings: Settings,
  name: string,
  password: () => string,
  events: ProvisioningEvents,
): Provisioning {
  function act(letter: string, problem?: number): void {
    if (letter == "j") pairing.joinSaved();
    else if (letter == "p") pairing.begin();
    else if (letter == "t") trial.begin();
    else if (letter == "a") joining.join(TRYING);
    else if (letter == "c") joining.connect(CONNECTED);
    else if (letter == "v") joining.connect(PROVING, CLOUD_PATIENCE);
    else if (letter == "r") joining.joinLater(problem);
    else if (letter == "k") trial.keep();
    else if (letter == "f") trial.fail(problem);
    else if (letter == "g") pairing.giveUp();
  }

  const steps = createSteps(hal, events.state, act);
  const joining = createJoining(hal, journal, steps, events.connect, events.disconnect);
  const accessPoint = createAccessPoint(hal, name, password, events.accessPointFailed);
  const pairing = createPairing(hal, settings, steps, joining, accessPoint);
  const trial = createTrial(steps, joining, accessPoint, pairing, events.finished);

  return {
    start: () => steps.fire(START),
    stop: pairing.stop,
    pair: () => steps.fire(PAIR),
    pairing: () => steps.current() == PAIRING,
    join(credentials) {
      joining.choose(credentials);
      steps.fire(BROUGHT);
    },
    known: (credentials) => steps.current() >= JOINING && joining.is(credentials, steps.current() > CONNECTED),
    active: () => steps.current() > CONNECTED,
    reported: () => steps.fire(REPORTED),
    cloudFailed: trial.cloudFailed,
  };
}
