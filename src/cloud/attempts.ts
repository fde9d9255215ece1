/** One attempt to connect after the other: with what, what ends it, and when the next one follows. */

import { hex } from "../codec/bytes.js";
import { FAIL_CLOUD_REFUSED } from "../codec/commands.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Settings } from "../options.js";
import type { Random } from "../random/drbg.js";
import { clientId, passwordOf } from "./auth.js";
import type { Mqtt } from "./mqtt.js";
import { CODE_TIMEOUT, CODE_UNREACHABLE } from "./retry.js";
import { AUTHENTICATING, DIAL, END, ONLINE, type Phase } from "./states.js";
import type { Target } from "./target.js";
import type { Uplink } from "./uplink.js";

/** The cloud must issue a DS within this time after authentication; the vendor's SDK waits for ever. */
const DS_TIMEOUT = 30000;
/** A connection that lasts this long was a success: the failures before it no longer count. */
const SETTLED_AFTER = 60000;

/**
 * An attempt or a connection failed.
 * @param reason FAIL_…
 * @param code the cloud's number for it
 * @param delay milliseconds to the next attempt; 0 when the connection goes on
 */
export type Failed = (reason: number, code: number, delay: number) => void;

export interface Attempts {
  /** Connects, unless it does so already. */
  open(): void;
  /** Ends the connection; a report under way counts as not acknowledged. */
  drop(): void;
  /** Connects anew, in a turn of its own. */
  renew(): void;
  /** @param reason FAIL_… @param code the cloud's number for it */
  fail(reason: number, code: number): void;
  /** The cloud has refused the device. */
  refused(code: number): void;
  /** The cloud has accepted the device, and is to issue a DS. */
  awaitSecret(): void;
  /** Does something in a turn of its own, if the connection is still there. */
  later(action: () => void): void;
  /** The connection works. */
  works(): void;
}

/** @returns 0, or why it failed at once */
function dial(hal: Hal, random: Random, settings: Settings, target: Target, mqtt: Mqtt, uplink: Uplink): number {
  const to = target.profile();
  const id = clientId(to);
  const pass = passwordOf(hal, to, target.secret(), hex(random(8)), settings.encrypt);
  const options = { clientId: id, user: settings.username, pass: pass, alive: settings.keepalive };
  return mqtt.open(to.home, settings.tls, options, uplink.begin(id));
}

/**
 * @param failed told of each failure, in a turn of its own, before the next attempt
 * @once
 */
export function createAttempts(
  hal: Hal,
  random: Random,
  settings: Settings,
  phase: Phase,
  target: Target,
  mqtt: Mqtt,
  uplink: Uplink,
  failed: Failed,
): Attempts {
  let timer: Timer | undefined; // to the next attempt, or of what the connection waits for

  function after(milliseconds: number, action: () => void): void {
    hal.cancel(timer);
    timer = hal.after(milliseconds, action);
  }

  /** The last thing to do: who has published is told, and may stop the session, or throw. */
  function close(): void {
    phase.step(END);
    mqtt.close();
  }

  function fail(reason: number, code: number): void {
    const delay = target.failed(phase.current() == AUTHENTICATING, code);
    // What follows goes deep; the stack is small. Before the next attempt, however soon that is: it asks what to report.
    hal.after(0, () => failed(reason, code, delay));
    after(delay, open);
    close();
  }

  function open(): void {
    if (!phase.step(DIAL)) return;
    const problem = dial(hal, random, settings, target, mqtt, uplink);
    if (problem) fail(problem, CODE_UNREACHABLE);
  }

  return {
    open: open,
    drop() {
      hal.cancel(timer);
      close();
    },
    renew() {
      after(0, open);
      close();
    },
    fail: fail,
    refused(code) {
      if (phase.current() == ONLINE) target.refused(code);
      fail(FAIL_CLOUD_REFUSED, code);
    },
    awaitSecret: () => after(DS_TIMEOUT, () => fail(FAIL_CLOUD_REFUSED, CODE_TIMEOUT)),
    later: (action) => after(0, action),
    works: () => after(SETTLED_AFTER, target.settled),
  };
}
