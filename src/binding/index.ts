/** The binding's public side: what may be called before the first start, while it runs, and after `stop`. */

import { capabilitiesBitmask } from "./capabilities.js";
import type { Cloud } from "../cloud/session.js";
import type { Content, Node, Value } from "../codec/ttlv.js";
import type { WindowInfo } from "./codes.js";
import { createDevice, type Device, type Guard } from "./device.js";
import { createEmitter, type On } from "./emitter.js";
import { prepare, type Basis } from "./prepare.js";
import { createStates } from "./states.js";
import type { Handler } from "../lan/requests/index.js";
import { failure } from "../failure.js";
import type { Options, Settings } from "../options.js";
import type { Link, LinkEvents, Hal, Timer } from "../hal/hal.js";
import { KEY_BOOTS, KEY_SERVER, KEY_UPDATE } from "../storage/keys.js";

/** Milliseconds until sockets that `stop` has closed are gone: Espruino closes them in turns of its own. */
const CLOSING = 100;

/** What the module for updates is handed. */
export interface Updates {
  sha256: Hal["sha256"];
  connect: Hal["connect"];
  /** The public key that updates are signed with, 32 bytes, or "". */
  key(): string;
  /** `firmware` is what the cloud is told, until the next boot. */
  settings: { firmware: string };
  /** What it keeps in flash, or 0. @param nodes in place of it */
  task(nodes?: Node[]): Node[] | 0;
}

export interface Binding {
  on: On;
  start(options: Options): void;
  stop(): void;
  openWindow(seconds?: number, code?: string): boolean;
  closeWindow(): void;
  window(): WindowInfo | undefined;
  state(): string;
  capabilities(): number;
  reset(): void;
  remove(): void;
  provision(): void;
  identity(): { pk: string; dk: string; server: string; proof: boolean };
  guard(guard: Guard): void;
  boots(value?: number): number;
  serve(command: number, handler: Handler): void;
  cloud(): Cloud;
  push(command: number, content: Content): void;
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
  updates(): Updates;
}

/** @once */
export function createBinding(hal: Hal): Binding {
  const emitter = createEmitter(hal);
  const states = createStates(hal, emitter);
  // Of the first start, and while the device is started.
  let chosen: Settings | undefined;
  let settings: Settings | undefined;
  let basis: Basis;
  let device: Device;
  let doors: Timer | undefined; // opens the sockets
  const handlers: Record<number, Handler> = {};
  // Bits of the capabilitiesBitmask that other modules have switched on.
  let more = 0;

  function capabilities(): number {
    return capabilitiesBitmask(settings) | more;
  }

  function running(): Settings {
    if (!settings) throw failure("stopped", "not started");
    return settings;
  }

  /** A value in flash, 0 at first. @param value to be set */
  function count<V extends Value = number>(value?: V, key?: number): V | 0 {
    key = key || KEY_BOOTS;
    running();
    if (value !== undefined) basis.journal.put([[key, value || false]]);
    return (basis.journal.get(key) as V) || 0;
  }

  /**
   * The first start: makes the parts.
   * @once
   */
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
    on: emitter.on,
    start: start,
    stop() {
      if (!settings) return;
      device.apps.provisioning.stop();
      settings = undefined;
      device.apps.sessions.rekeyed();
      hal.cancel(doors);
      device.apps.close();
    },
    openWindow(seconds, code) {
      running();
      return device.windows.open(seconds, code);
    },
    closeWindow() {
      if (settings) device.windows.close();
    },
    window: () => settings && device.windows.window(),
    state: states.name,
    capabilities: capabilities,
    reset() {
      running();
      device.reset();
    },
    remove() {
      running();
      device.remove();
    },
    provision() {
      running();
      device.apps.provisioning.pair();
    },
    identity() {
      const configured = running().server;
      return {
        pk: basis.identity.pk,
        dk: basis.identity.dk,
        server: basis.journal.text(KEY_SERVER) || configured,
        proof: basis.proof,
      };
    },
    guard(guard) {
      running();
      device.guard(guard);
    },
    boots: count,
    serve(command, handler) {
      handlers[command] = handler;
    },
    cloud() {
      running();
      return device.online.cloud();
    },
    push(command, content) {
      running();
      device.apps.sessions.push(command, content);
    },
    attach(link) {
      running();
      return device.apps.sessions.attach(link);
    },
    updates() {
      return {
        sha256: hal.sha256,
        connect: hal.connect,
        key: () => basis.factory().updateKey,
        settings: chosen!,
        task: (nodes) => count(nodes, KEY_UPDATE),
      };
    },
    advertise(bit, on) {
      const next = on ? more | bit : more & ~bit;
      if (next == more) return;
      more = next;
      emitter.emit("capabilities", { capabilities: capabilities() });
    },
  };
}
