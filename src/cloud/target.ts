/** Where the session connects and as what: at home, or on trial where the cloud has sent it; and how often that failed. */

import { at16 } from "../codec/bytes.js";
import type { Server } from "../codec/server.js";
import type { Random } from "../random/drbg.js";
import type { Profile } from "./auth.js";
import { CODE_NEW_DS, CODE_UNKNOWN_DEVICE, CODE_WRONG_DS, isRefusal, retryDelay } from "./retry.js";

/** A profile on trial is given up at its fourth failure [S]. */
const TRIAL_FAILURES = 4;
/** A DS is forgotten when it is refused on so many connections in a row. */
const DOUBTS = 2;

export interface TargetEvents {
  /** The DS to connect with, or "" to ask for one. */
  deviceSecret(): string;
  /**
   * A DS was issued ("": the cloud refused the one we had). Must be durable when this returns.
   * @param profile the cloud has moved the device to another server or product, and it works there: as durable
   */
  storeDeviceSecret(ds: string, profile?: Profile): void;
  /** The device's own product at a server. Asked each time: the ProductSecret stays in flash. */
  profileAt(server: Server): Profile;
}

export interface Target {
  /** @param other to be tried first */
  set(home: Server, other: Profile | undefined): void;
  /** Tries another profile, without the DS. */
  move(other: Profile): void;
  profile(): Profile;
  onTrial(): boolean;
  /** Whether TLS is used. */
  secure(): boolean;
  /** The DS to connect with, or "" to ask for one. */
  secret(): string;
  /** Who issues a DS is home: the trial is over. @returns the profile that was on trial */
  proven(): Profile | undefined;
  /** Stores another DS, or forgets the present one (""). @param proven where it is good, if that has changed */
  store(ds: string, proven?: Profile): void;
  /** The connection lasts: earlier failures no longer count. */
  settled(): void;
  /** An attempt has failed, or a connection. @param asking whether it asked for a DS @returns milliseconds to the next */
  failed(asking: boolean, code: number): number;
  /** One refusal may be another's mistake: a DS is given up when a second connection hears the same. */
  refused(code: number): void;
}

/** Whether a refusal is one of the DS. */
function useless(code: number): boolean {
  return code == CODE_WRONG_DS || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
}

/** @once */
export function createTarget(random: Random, events: TargetEvents): Target {
  let home: Server;
  let trial: Profile | undefined;
  // In a row: attempts that did not reach the cloud, refusals of any kind, and refusals of this DS.
  let misses = 0;
  let refusals = 0;
  let doubts = 0;

  function settled(): void {
    misses = refusals = doubts = 0;
  }

  function store(ds: string, proven?: Profile): void {
    doubts = 0;
    events.storeDeviceSecret(ds, proven);
  }

  return {
    set(to, other) {
      home = to;
      trial = other;
      settled();
    },
    move(other) {
      trial = other;
      settled();
    },
    profile: () => trial || events.profileAt(home),
    onTrial: () => !!trial,
    secure: () => (trial ? trial.home : home).secure,
    secret: () => (trial ? "" : events.deviceSecret()),
    store: store,
    proven() {
      const proven = trial;
      trial = undefined;
      if (proven) home = proven.home;
      return proven;
    },
    settled: settled,
    failed(asking, code) {
      const count = isRefusal(code) ? ++refusals : ++misses;
      const delay = retryDelay(asking, code, count, at16(random(2), 0));
      if (!trial || misses + refusals < TRIAL_FAILURES) return delay;
      trial = undefined;
      settled();
      return 1;
    },
    refused(code) {
      if (useless(code) && ++doubts >= DOUBTS) store("");
    },
  };
}
