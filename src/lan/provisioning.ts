/**
 * How the device gets onto a network: the saved one, or one that an app brings through the device's own access point.
 * A new network replaces the saved one only after the cloud has acknowledged the bindingCode over it.
 */

import {
  FAIL_BUSY,
  FAIL_CLOUD_UNREACHABLE,
  FAIL_REPORT,
  PROGRESS_ROUTER,
  STATE_CONNECTING,
  STATE_IDLE,
  STATE_JOINING,
  STATE_PROVISIONING,
} from "../codec/commands.js";
import type { Settings } from "../options.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Journal } from "../storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID } from "../storage/keys.js";
import type { Credentials } from "./handshake.js";
import { BREATH, createStation } from "./station.js";

/** Milliseconds from a network that is joined to a code that is reported: an app waits no longer. */
const CLOUD_PATIENCE = 15000;
/** The access point stays this long after success, so that the app hears of it. */
const FAREWELL = 60000;
/** Milliseconds between two tries to join the saved network, doubling from the first to the last. */
const REJOIN_FIRST = 2000;
const REJOIN_LAST = 60000;
/** The option that means "never". */
const FOREVER = 0xffff;

export interface ProvisioningEvents {
  /** @param state STATE_… @param reason FAIL_… of the attempt that ended, or undefined */
  state(state: number, reason?: number): void;
  /** Who provisions is told: PROGRESS_… */
  progress(step: number): void;
  /** An attempt has ended: 0, or FAIL_… */
  finished(reason: number): void;
  /** The network is there: connect to the cloud. @param url an app's choice, or "" for the configured one */
  connect(url: string): void;
  /** The network is gone, or about to be. */
  disconnect(): void;
  /** Opens a binding window. @returns whether it is open */
  openWindow(): boolean;
  /** The access point could not be opened. */
  accessPointFailed(error: string): void;
}

export interface Provisioning {
  /** Joins the saved network, or opens the access point where there is none. */
  start(): void;
  /** Opens the access point and waits for an app. @param reason why the attempt before failed (FAIL_…) */
  wait(reason?: number): void;
  /** An app brings a network. @returns 0, or FAIL_BUSY when this is not the time */
  request(credentials: Credentials): number;
  /** The app has heard of its success: the access point may go. */
  farewell(): void;
  /** Whether an app waits for a result. */
  active(): boolean;
  /** The cloud has the code: the attempt has succeeded. */
  succeeded(): void;
  /** The cloud cannot be reached or refuses. @param final whether to give up now, not after some patience */
  cloudFailed(reason: number, final: boolean): void;
}

/**
 * @param name SSID of the device's own access point
 * @param password of it, or "" for an open one
 * @once
 */
export function createProvisioning(
  hal: Hal,
  journal: Journal,
  settings: Settings,
  name: string,
  password: string,
  events: ProvisioningEvents,
): Provisioning {
  let waiting = false;
  let candidate: Credentials | undefined;
  let reason = 0;
  let accessPoint = false;
  let rejoin = REJOIN_FIRST;
  let timer: Timer | undefined; // the next thing that time does here
  let farewell: Timer | undefined;
  let breath: Timer | undefined;

  function later(milliseconds: number, action: () => void): void {
    hal.cancel(timer);
    timer = hal.after(milliseconds, action);
  }

  function closeAccessPoint(): void {
    if (accessPoint) hal.wifi().stopAP();
    accessPoint = false;
  }

  function openAccessPoint(): void {
    hal.cancel(farewell);
    if (accessPoint) return;
    accessPoint = true;
    hal.wifi().startAP(name, password ? { password: password, authMode: "wpa2" } : {}, (error) => {
      if (error) events.accessPointFailed(error);
    });
  }

  function start(): void {
    const ssid = journal.text(KEY_SSID);
    waiting = false;
    if (!ssid) return wait();
    events.state(STATE_JOINING);
    station.join(ssid, journal.text(KEY_PASSWORD), (problem) => {
      if (problem) return joinLater(problem);
      rejoin = REJOIN_FIRST;
      connect(journal.text(KEY_SERVER));
    });
  }

  function joinLater(problem?: number): void {
    events.state(STATE_JOINING, problem);
    later(rejoin, start);
    rejoin = Math.min(rejoin * 2, REJOIN_LAST);
  }

  function connect(url: string): void {
    events.state(STATE_CONNECTING);
    // Connecting blocks all JavaScript.
    breath = hal.after(BREATH, () => events.connect(url));
  }

  function disconnect(): void {
    hal.cancel(breath);
    events.disconnect();
  }

  /** Nobody came: back to the saved network, or to rest. */
  function giveUp(): void {
    closeAccessPoint();
    waiting = false;
    if (settings.reconnect && journal.text(KEY_SSID)) start();
    else events.state(STATE_IDLE);
  }

  function wait(problem?: number): void {
    candidate = undefined;
    waiting = true;
    disconnect();
    station.leave();
    openAccessPoint();
    events.state(STATE_PROVISIONING, problem);
    hal.cancel(timer);
    if (settings.provisioning != FOREVER) later(settings.provisioning * 1000, giveUp);
  }

  function fail(problem: number): void {
    events.finished(problem);
    wait(problem);
  }

  const station = createStation(hal, () => {
    disconnect();
    if (candidate) fail(reason);
    else joinLater();
  });

  return {
    start: start,
    wait: wait,
    request(credentials) {
      if (!waiting) return FAIL_BUSY;
      waiting = false;
      candidate = credentials;
      reason = FAIL_CLOUD_UNREACHABLE;
      events.state(STATE_JOINING);
      later(BREATH, () => {
        events.progress(PROGRESS_ROUTER);
        station.join(credentials.ssid, credentials.password, (problem) => {
          if (problem) return fail(problem);
          later(CLOUD_PATIENCE, () => fail(reason));
          if (events.openWindow()) connect(credentials.server);
          else fail(FAIL_REPORT);
        });
      });
      return 0;
    },
    farewell() {
      if (waiting || candidate) return;
      hal.cancel(farewell);
      farewell = hal.after(BREATH, closeAccessPoint);
    },
    active: () => !!candidate,
    succeeded() {
      if (!candidate) return;
      journal.put([
        [KEY_SSID, candidate.ssid],
        [KEY_PASSWORD, candidate.password],
        [KEY_SERVER, candidate.server || false],
      ]);
      candidate = undefined;
      hal.cancel(timer);
      farewell = hal.after(FAREWELL, closeAccessPoint);
      events.finished(0);
    },
    cloudFailed(problem, final) {
      reason = problem;
      if (candidate && final) fail(problem);
    },
  };
}
