/**
 * How the device gets onto a network: the saved one, or one that an app brings in pairing mode. A new network replaces
 * the saved one only after the cloud has acknowledged the bindingCode over it.
 */

import { FAIL_CLOUD_UNREACHABLE } from "../codec/commands.js";
import { equal } from "../crypto/equal.js";
import type { Settings } from "../options.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Journal } from "../storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID } from "../storage/keys.js";
import { createAccessPoint } from "./access-point.js";
import { BREATH, createStation } from "./station.js";

/** Milliseconds from a network that is joined to a code that the cloud has acknowledged: with joining, an app's minute. */
const CLOUD_PATIENCE = 45000;
/** Milliseconds between two tries to join the saved network, doubling from the first to the last. */
const REJOIN_FIRST = 2000;
const REJOIN_LAST = 60000;
/** The option that means "never". */
const FOREVER = 0xffff;

// States: the first four are STATE_IDLE to STATE_CONNECTING, the others are shown as the two before
const IDLE = 0; // no network is wanted
const PAIRING = 1; // waits for an app
const JOINING = 2; // the saved network, now or after a pause
const CONNECTED = 3; // on the saved network
const TRYING = 4; // an app's network
const PROVING = 5; // on it, until the cloud has the code

// Events
const START = 0; // the device boots
const PAIR = 1; // the owner wants another network
const BROUGHT = 2; // an app brings one
const JOINED = 3;
const FAILED = 4; // it could not be joined
const LOST = 5;
const TIME = 6; // the state's own timer
const REPORTED = 7; // the cloud has acknowledged the code
const REFUSED = 8; // the cloud cannot be used, and waiting does not help

/** What each state does at each event, by the letter of an action; a dot ignores it. */
const TABLE =
  // START, PAIR, BROUGHT, JOINED, FAILED, LOST, TIME, REPORTED, REFUSED
  "jp......." + // IDLE
  ".pt...g.." + // PAIRING
  ".p.cr.j.." + // JOINING
  ".p...r..." + // CONNECTED
  ".p.vf.a.." + // TRYING
  ".p...ffkf"; // PROVING
const EVENTS = 9;

/** Wi-Fi credentials from an app, checked. */
export interface Credentials {
  /** 1-32 bytes. */
  ssid: string;
  /** None, 8-63 bytes, or 64 hexadecimal digits. */
  pass: string;
  /** URL of the MQTT server, or "" for the configured one. */
  url: string;
}

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
  let state = IDLE;
  let network: Credentials | undefined; // that is tried, or was last
  let reason = 0; // why PROVING fails, when its time is over
  let end = 0; // of pairing
  let rejoin = REJOIN_FIRST;
  let timer: Timer | undefined; // TIME
  let breath: Timer | undefined; // before the cloud is connected to

  function fire(event: number, problem?: number): void {
    const letter = TABLE.charAt(state * EVENTS + event);
    if (letter == "j") joinSaved();
    else if (letter == "p") pair();
    else if (letter == "t") attempt();
    else if (letter == "a") join(TRYING);
    else if (letter == "c") connect(CONNECTED);
    else if (letter == "v") connect(PROVING, CLOUD_PATIENCE);
    else if (letter == "r") joinLater(problem);
    else if (letter == "k") keep();
    else if (letter == "f") fail(problem || reason);
    else if (letter == "g") giveUp();
  }

  /** @param milliseconds to the state's TIME, if it has one */
  function later(milliseconds?: number): void {
    hal.cancel(timer);
    if (milliseconds !== undefined) timer = hal.after(milliseconds, () => fire(TIME));
  }

  function enter(next: number, milliseconds?: number, problem?: number): void {
    state = next;
    later(milliseconds);
    events.state(next > CONNECTED ? next - 2 : next, problem);
  }

  function joinSaved(): void {
    network = { ssid: journal.text(KEY_SSID), pass: journal.text(KEY_PASSWORD), url: journal.text(KEY_SERVER) };
    if (network.ssid) join(JOINING);
    else pair();
  }

  function joinLater(problem?: number): void {
    disconnect();
    enter(JOINING, rejoin, problem);
    rejoin = Math.min(rejoin * 2, REJOIN_LAST);
  }

  function connect(next: number, milliseconds?: number): void {
    rejoin = REJOIN_FIRST;
    enter(next, milliseconds);
    // Connecting blocks all JavaScript.
    breath = hal.after(BREATH, () => events.connect(network!.url));
  }

  function disconnect(): void {
    hal.cancel(breath);
    events.disconnect();
  }

  /** Waits for an app until `end`. */
  function wait(problem?: number): void {
    disconnect();
    station.leave();
    accessPoint.open();
    enter(PAIRING, settings.provisioning == FOREVER ? undefined : Math.max(0, end - hal.now()), problem);
  }

  function pair(): void {
    end = hal.now() + settings.provisioning * 1000;
    wait();
  }

  /** Nobody came: back to the saved network, or to rest. */
  function giveUp(): void {
    accessPoint.close();
    if (settings.reconnect !== false && journal.text(KEY_SSID)) joinSaved();
    else enter(IDLE);
  }

  function stop(): void {
    disconnect();
    station.leave();
    accessPoint.close();
    enter(IDLE);
  }

  /** The answer to the app leaves before the radio is busy. No event here: this is deep in the handling of a frame. */
  function attempt(): void {
    state = TRYING;
    reason = FAIL_CLOUD_UNREACHABLE;
    later(BREATH);
  }

  function join(next: number): void {
    enter(next);
    station.join(network!.ssid, network!.pass, (problem) => fire(problem ? FAILED : JOINED, problem));
  }

  /** Back to pairing, whose time has gone on. */
  function fail(problem: number): void {
    events.finished(problem);
    wait(problem);
  }

  function keep(): void {
    journal.put([
      [KEY_SSID, network!.ssid],
      [KEY_PASSWORD, network!.pass],
      [KEY_SERVER, network!.url || false],
    ]);
    state = CONNECTED;
    later();
    accessPoint.closeLater();
    events.finished(0);
  }

  const station = createStation(hal, () => fire(LOST));
  const accessPoint = createAccessPoint(hal, name, password, events.accessPointFailed);

  return {
    start: () => fire(START),
    stop: stop,
    pair: () => fire(PAIR),
    pairing: () => state == PAIRING,
    join(credentials) {
      network = credentials;
      fire(BROUGHT);
    },
    known(credentials) {
      const server = state > CONNECTED && credentials.url;
      if (state < JOINING || (server && server != network!.url)) return false;
      const same = equal(credentials.pass, network!.pass);
      return equal(credentials.ssid, network!.ssid) && same;
    },
    active: () => state > CONNECTED,
    reported: () => fire(REPORTED),
    cloudFailed(problem, final) {
      reason = problem;
      if (final) fire(REFUSED, problem);
    },
  };
}
