/**
 * The state machine of the whole: idle → provisioning → joining → connecting → online → bound. It joins the parts and
 * decides; bytes, sockets and flash are theirs.
 */

import { capabilitiesBitmask } from "./capabilities.js";
import type { Cloud } from "../cloud/session.js";
import type { Content, Node, Value } from "../codec/ttlv.js";
import { createApps, type Apps } from "./apps.js";
import type { WindowInfo } from "./codes.js";
import { createEmitter, type On } from "./emitter.js";
import { createOnline, type Online } from "./online.js";
import { createOwner, type Owner } from "./owner.js";
import { prepare, type Basis } from "./prepare.js";
import { createSecrets, type Secrets } from "./secrets.js";
import { createStates } from "./states.js";
import { createWindows, type Windows } from "./windows.js";
import type { Handler } from "../lan/requests/index.js";
import { failure } from "../failure.js";
import type { Options, Settings } from "../options.js";
import type { Link, LinkEvents, Hal, Timer } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import type { Changes } from "../storage/journal.js";
import { KEY_BOOTS, KEY_PASSWORD, KEY_SERVER, KEY_SSID, KEY_UPDATE, KEY_WRONG_PROOFS } from "../storage/keys.js";

/** Milliseconds until sockets that `stop` has closed are gone: Espruino closes them in turns of its own. */
const CLOSING = 100;

/**
 * What the module of the proof is handed: K, milliseconds that never jump, the hashes, the random generator, and the
 * number of wrong proofs in a row, which it may set.
 */
export type Guard = (
  key: () => string,
  now: Hal["now"],
  hmac: Hal["hmac"],
  aes: Hal["aes"],
  random: Random,
  wrong: (value?: number) => number,
) => void;

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
  let windows: Windows;
  let secrets: Secrets;
  let owner: Owner;
  let online: Online;
  let apps: Apps;
  let doors: Timer | undefined; // opens the sockets
  let guarded = false; // whether the module of the proof is there
  const handlers: Record<number, Handler> = {};
  // Bits of the capabilitiesBitmask that other modules have switched on.
  let more = 0;

  function capabilities(): number {
    return capabilitiesBitmask(settings) | more;
  }

  /** K of an identity that holds a proof, while the device is unbound. */
  function possession(): string {
    return hal.sha256(basis.factory().pop);
  }

  function running(): Settings {
    if (!settings) throw failure("stopped", "not started");
    return settings;
  }

  /** Whether codes can be made that cannot be guessed. */
  function trusted(): boolean {
    if (basis.journal.worn) basis.fault();
    else if (!basis.seeded) emitter.problem("seed", "no factory seed: codes could be guessed");
    return basis.seeded && !basis.journal.worn;
  }

  /** A value in flash, 0 at first. @param value to be set */
  function count<V extends Value = number>(value?: V, key?: number): V | 0 {
    key = key || KEY_BOOTS;
    running();
    if (value !== undefined) basis.journal.put([[key, value || false]]);
    return (basis.journal.get(key) as V) || 0;
  }

  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false]);
    // Where the cloud has moved the device belongs to its product.
    if (!secrets.movedTo()) changes.push([KEY_SERVER, false]);
    basis.journal.purge(changes);
    owner.rekey();
    apps.provisioning.pair();
  }

  /**
   * The first start: makes the parts.
   * @once
   */
  function ready(found: Basis): void {
    basis = found;
    secrets = createSecrets(found.identity, found.factory, found.journal, found.random);
    windows = createWindows(hal, emitter, states, secrets, found.random, found.seeded && !found.journal.worn, {
      running: running,
      trusted: trusted,
      report: () => online.report(),
      known: (credentials) => apps.provisioning.known(credentials),
      join: (credentials) => apps.provisioning.join(credentials),
      reported: () => apps.provisioning.reported(),
    });
    owner = createOwner(hal, emitter, states, secrets, windows, (authKey) => apps.sessions.rekeyed(authKey));
    const failed = (reason: number, final: boolean): void => apps.provisioning.cloudFailed(reason, final);
    const server = (): string => running().server;
    online = createOnline(hal, emitter, states, found, secrets, windows, owner, server, failed);
    apps = createApps(hal, emitter, states, found, secrets, windows, online, possession, handlers);
    hal.after(0, () => {
      if (found.proof && !guarded) emitter.problem("proof", "the module WifiBindingProof is missing");
    });
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
    if (again) doors = hal.after(CLOSING, apps.listen);
    else apps.listen();
    owner.rekey();
    apps.provisioning.start();
  }

  return {
    on: emitter.on,
    start: start,
    stop() {
      if (!settings) return;
      apps.provisioning.stop();
      settings = undefined;
      apps.sessions.rekeyed();
      hal.cancel(doors);
      apps.close();
    },
    openWindow(seconds, code) {
      running();
      return windows.open(seconds, code);
    },
    closeWindow() {
      if (settings) windows.close();
    },
    window: () => settings && windows.window(),
    state: states.name,
    capabilities: capabilities,
    reset() {
      running();
      windows.close();
      // While there is a connection: its end has a turn of its own.
      online.report();
      const made = basis.factory();
      forget(secrets.reset());
      basis.identity.pk = made.pk;
    },
    remove() {
      running();
      forget([]);
    },
    provision() {
      running();
      apps.provisioning.pair();
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
      if (!basis.proof) return;
      guarded = true;
      guard(
        () => secrets.authKey() || possession(),
        hal.now,
        hal.hmac,
        hal.aes,
        // A worn flash makes the next boot repeat them.
        (length, input) => (basis.journal.worn ? "" : basis.random(length, input)),
        (value) => count(value, KEY_WRONG_PROOFS),
      );
    },
    boots: count,
    serve(command, handler) {
      handlers[command] = handler;
    },
    cloud() {
      running();
      return online.cloud();
    },
    push(command, content) {
      running();
      apps.sessions.push(command, content);
    },
    attach(link) {
      running();
      return apps.sessions.attach(link);
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
