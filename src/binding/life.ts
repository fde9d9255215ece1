/** The device from a start to the next stop. Its parts are made once, by the first start that finds nothing wrong. */

import type { Value } from "../codec/ttlv.js";
import { failure } from "../failure.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Handler } from "../lan/requests/index.js";
import type { Options, Settings } from "../options.js";
import { KEY_BOOTS } from "../storage/keys.js";
import { createDevice, type Device } from "./device.js";
import type { Emitter } from "./emitter.js";
import { prepare, type Basis } from "./prepare.js";
import type { States } from "./states.js";

/** Milliseconds until sockets that `stop` has closed are gone: Espruino closes them in turns of its own. */
const CLOSING = 100;

export interface Life {
  start(options: Options): void;
  stop(): void;
  /** Of the device that is started. @throws Failure "stopped" when it is not */
  running(): Settings;
  /** As `running`, or undefined. */
  settings(): Settings | undefined;
  /** From the first start on. */
  basis(): Basis;
  device(): Device;
  /** A value in flash, 0 at first. @param value in place of it @param key by default that of the boots */
  count<V extends Value = number>(value?: V, key?: number): V | 0;
}

/**
 * @param handlers of modules, by command
 * @once
 */
export function createLife(hal: Hal, emitter: Emitter, states: States, handlers: Record<number, Handler>): Life {
  // Of the first start, and while the device is started.
  let chosen: Settings | undefined;
  let settings: Settings | undefined;
  let basis: Basis;
  let device: Device;
  let doors: Timer | undefined; // opens the sockets

  function running(): Settings {
    if (!settings) throw failure("stopped", "not started");
    return settings;
  }

  function count<V extends Value = number>(value?: V, key?: number): V | 0 {
    key = key || KEY_BOOTS;
    running();
    if (value !== undefined) basis.journal.put([[key, value || false]]);
    return (basis.journal.get(key) as V) || 0;
  }

  /** @once */
  function ready(found: Basis): void {
    basis = found;
    device = createDevice(hal, emitter, states, found, running, count, handlers);
    chosen = found.settings;
  }

  /** @once */
  function start(options: Options): void {
    const again = chosen;
    if (settings) throw failure("started", "already started");
    if (!chosen) prepare(hal, emitter, options, ready);
    // It may hold the flashKey, and the build makes a global of it.
    options = {} as Options;
    settings = chosen;
    if (!settings) return;
    if (again) doors = hal.after(CLOSING, device.apps.listen);
    else device.apps.listen();
    device.owner.rekey();
    device.apps.provisioning.start();
  }

  return {
    start: start,
    stop() {
      if (!settings) return;
      device.apps.provisioning.stop();
      settings = undefined;
      device.apps.sessions.rekeyed();
      hal.cancel(doors);
      device.apps.close();
    },
    running: running,
    settings: () => settings,
    basis: () => basis,
    device: () => device,
    count: count,
  };
}
