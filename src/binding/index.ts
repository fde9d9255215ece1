/**
 * The state machine of the whole: idle → provisioning → joining → connecting → online → bound. It joins the parts and
 * decides; bytes, sockets and flash are theirs.
 */

import { capabilitiesBitmask } from "./capabilities.js";
import { CODE_NEW_DS, CODE_UNKNOWN_DEVICE } from "../cloud/retry.js";
import { createSession, type Cloud, type Session } from "../cloud/session.js";
import { first16, hex } from "../codec/bytes.js";
import { FAIL_CLOUD_UNREACHABLE, FAIL_REPORT, LABEL_AP, LAN_TCP_PORT } from "../codec/commands.js";
import { identityProblem, LOCKED, type Identity, type Keys } from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import { parseServer } from "../codec/server.js";
import type { Content, Node, Value } from "../codec/ttlv.js";
import { ensureSecret, startRandom } from "../credentials/birth.js";
import type { WindowInfo } from "./codes.js";
import { createEmitter, type On } from "./emitter.js";
import { createOwner, type Owner } from "./owner.js";
import { createSecrets, type Secrets } from "./secrets.js";
import { createStates, ENTERED, ENTERED_BOUND, LOST } from "./states.js";
import { createWindows, type Windows } from "./windows.js";
import { readIdentity } from "../credentials/factory-identity.js";
import { serveDiscovery, type Discovery } from "../lan/discovery.js";
import { createProvisioning, type Provisioning } from "../lan/provisioning.js";
import { createLogin } from "../lan/requests/login.js";
import { createProvision } from "../lan/requests/provision.js";
import { createRequests, type Handler } from "../lan/requests/index.js";
import { createScan } from "../lan/scan.js";
import { createSessions, type Sessions } from "../lan/sessions.js";
import { failure } from "../failure.js";
import { settingsOf, type Options, type Settings } from "../options.js";
import type { Link, LinkEvents, Hal, Timer } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { openJournal, type Changes, type Journal } from "../storage/journal.js";
import {
  KEY_BOOTS,
  KEY_PASSWORD,
  KEY_PK,
  KEY_PURGE,
  KEY_SERVER,
  KEY_SSID,
  KEY_UPDATE,
  KEY_WRONG_PROOFS,
} from "../storage/keys.js";
import { createSeal, SEAL_IDENTITY, SEAL_JOURNAL, type Seal } from "../storage/seal.js";

/** Blocks of the journal, behind the identity's. */
const JOURNAL_BLOCKS = 14;
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
  let identity: Keys;
  let journal: Journal;
  let seeded = false; // whether the factory has given a seed
  let seal: Seal | undefined;
  // Of the first start, and while the device is started.
  let chosen: Settings | undefined;
  let settings: Settings | undefined;
  let random: Random;
  let windows: Windows;
  let secrets: Secrets;
  let owner: Owner;
  let session: Session;
  let sessions: Sessions;
  let discovery: Discovery;
  let closeLan: (() => void) | undefined;
  let doors: Timer | undefined; // opens the sockets
  let provisioning: Provisioning;
  let proof = false; // whether the identity holds one
  let guarded = false; // whether the module of the proof is there
  const handlers: Record<number, Handler> = {};
  // Bits of the capabilitiesBitmask that other modules have switched on.
  let more = 0;

  function fault(): void {
    emitter.problem("flash", journal.worn ? "worn out: changes are lost with the power" : "a change is lost");
  }

  function capabilities(): number {
    return capabilitiesBitmask(settings) | more;
  }

  function factory(): Identity {
    return readIdentity(hal, seal);
  }

  /** K of an identity that holds a proof, while the device is unbound. */
  function possession(): string {
    return hal.sha256(factory().pop);
  }

  function running(): Settings {
    if (!settings) throw failure("stopped", "not started");
    return settings;
  }

  /** Whether codes can be made that cannot be guessed. */
  function trusted(): boolean {
    if (journal.worn) fault();
    else if (!seeded) emitter.problem("seed", "no factory seed: codes could be guessed");
    return seeded && !journal.worn;
  }

  /** @once */
  function createSecretParts(): void {
    secrets = createSecrets(identity, factory, journal, random);
    windows = createWindows(hal, emitter, states, secrets, random, seeded && !journal.worn, {
      running: running,
      trusted: trusted,
      report: () => session.report(),
      known: (credentials) => provisioning.known(credentials),
      join: (credentials) => provisioning.join(credentials),
      reported: () => provisioning.reported(),
    });
    owner = createOwner(hal, emitter, states, secrets, windows, (authKey) => sessions.rekeyed(authKey));
  }

  /** @once */
  function createCloud(chosen: Settings): void {
    session = createSession(hal, random, chosen, {
      deviceSecret: secrets.deviceSecret,
      profileAt: secrets.profileAt,
      storeDeviceSecret: owner.renew,
      authKey: owner.authKey,
      online() {
        states.fire(secrets.authKey() ? ENTERED_BOUND : ENTERED);
        windows.rotate();
      },
      nextReport: windows.nextReport,
      reported(sent, acknowledged) {
        if (acknowledged) windows.reported(sent);
        else provisioning.cloudFailed(FAIL_REPORT, false);
      },
      result: owner.result,
      failed(reason, code, delay) {
        emitter.problem("cloud", delay ? "next try in " + Math.ceil(delay / 1000) + " s" : "still connected", code);
        if (!delay) return;
        windows.disconnected();
        states.fire(LOST);
        // A DS of another server is forgotten, and the next attempt asks for one.
        const again = reason == FAIL_CLOUD_UNREACHABLE || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
        provisioning.cloudFailed(reason, !again);
      },
    });
  }

  /** Connects to the cloud. @param url an app's choice, or "" */
  function connect(url: string): void {
    const moved = secrets.movedTo();
    const server = parseServer(url || running().server)!;
    const made = factory();
    // Another server than the one to which the cloud has moved the device knows it as the factory made it.
    const other = moved && url != moved ? { home: server, pk: made.pk, ps: made.ps, dk: made.dk } : undefined;
    session.start(server, other);
  }

  /** @once */
  function createLan(chosen: Settings): void {
    const pairing = (): boolean => provisioning.pairing();
    const provision = createProvision(identity, { pairing: pairing, known: windows.known, join: windows.join });
    const login = createLogin(hal, random, () => (journal.worn ? "" : secrets.authKey()));
    const requests = createRequests(login, provision, proof, pairing, createScan(hal), handlers);
    sessions = createSessions(hal, chosen.debug, requests);
    const name = chosen.prefix + "-" + identity.dk.substr(-4);
    const password = (): string => (proof ? first16(hex(hal.hmac(possession(), LABEL_AP))) : "");
    provisioning = createProvisioning(hal, journal, chosen, name, password, {
      state: states.fire,
      finished(reason) {
        provision.finish(!reason);
        if (reason) windows.close();
        emitter.emit("provisioning", { error: reason });
      },
      connect: connect,
      disconnect() {
        windows.disconnected();
        session.stop();
      },
      accessPointFailed: (error) => emitter.problem("ap", error),
    });
    discovery = serveDiscovery(hal, identity);
  }

  /** A value in flash, 0 at first. @param value to be set */
  function count<V extends Value = number>(value?: V, key?: number): V | 0 {
    key = key || KEY_BOOTS;
    running();
    if (value !== undefined) journal.put([[key, value || false]]);
    return (journal.get(key) as V) || 0;
  }

  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false]);
    // Where the cloud has moved the device belongs to its product.
    if (!secrets.movedTo()) changes.push([KEY_SERVER, false]);
    journal.purge(changes);
    owner.rekey();
    provisioning.pair();
  }

  /**
   * Leaves `chosen` undefined where the device can serve nothing.
   * @once
   */
  function prepare(options: Options): void {
    // Whatever is wrong with options and flash: the doors are closed.
    options = options || ({} as Options);
    if (options.debug) hal.log("debug: consoles stay open");
    else hal.closeDoors(options.console || "");
    const checked = settingsOf(options, hal.board, hal.tls);
    if (!hal.crypto) return emitter.problem("crypto", "no crypto: flash the module WifiBindingCrypto");
    if (options.flashStart) hal.flash.start = options.flashStart;
    let key = options.flashKey;
    seal = key ? createSeal(hal, key, SEAL_IDENTITY) : undefined;
    const journalSeal = key ? createSeal(hal, key, SEAL_JOURNAL) : undefined;
    // The build makes globals of them.
    options = {} as Options;
    key = "";
    const made = factory();
    const wrong = identityProblem(made);
    if (wrong) return emitter.problem("identity", wrong);
    journal = openJournal(hal.flash, hal.crc32, IDENTITY_BLOCKS, JOURNAL_BLOCKS, fault, journalSeal, hal.after);
    if (journal.locked) return emitter.problem("flash", LOCKED);
    seeded = made.seed != "";
    proof = made.pop != "";
    random = startRandom(hal, made, journal);
    ensureSecret(hal, made, journal, random);
    if (journal.get(KEY_PURGE)) journal.purge([]);
    identity = { pk: journal.text(KEY_PK) || made.pk, dk: made.dk };
    createSecretParts();
    createCloud(checked);
    createLan(checked);
    hal.after(0, () => {
      if (proof && !guarded) emitter.problem("proof", "the module WifiBindingProof is missing");
    });
    chosen = checked;
  }

  function listen(): void {
    closeLan = hal.listen(LAN_TCP_PORT, sessions.attach);
    discovery.open();
  }

  /** @once */
  function start(options: Options): void {
    const again = chosen;
    if (settings) throw failure("started", "already started");
    if (!chosen) prepare(options);
    // It may hold the flashKey, and the build makes a global of it.
    options = {} as Options;
    settings = chosen;
    if (!settings) return;
    if (again) doors = hal.after(CLOSING, listen);
    else listen();
    owner.rekey();
    provisioning.start();
  }

  return {
    on: emitter.on,
    start: start,
    stop() {
      if (!settings) return;
      provisioning.stop();
      settings = undefined;
      sessions.rekeyed();
      hal.cancel(doors);
      if (closeLan) closeLan();
      closeLan = undefined;
      discovery.close();
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
      session.report();
      const made = factory();
      forget(secrets.reset());
      identity.pk = made.pk;
    },
    remove() {
      running();
      forget([]);
    },
    provision() {
      running();
      provisioning.pair();
    },
    identity() {
      const configured = running().server;
      return {
        pk: identity.pk,
        dk: identity.dk,
        server: journal.text(KEY_SERVER) || configured,
        proof: proof,
      };
    },
    guard(guard) {
      running();
      if (!proof) return;
      guarded = true;
      guard(
        () => secrets.authKey() || possession(),
        hal.now,
        hal.hmac,
        hal.aes,
        // A worn flash makes the next boot repeat them.
        (length, input) => (journal.worn ? "" : random(length, input)),
        (value) => count(value, KEY_WRONG_PROOFS),
      );
    },
    boots: count,
    serve(command, handler) {
      handlers[command] = handler;
    },
    cloud() {
      running();
      return session.cloud();
    },
    push(command, content) {
      running();
      sessions.push(command, content);
    },
    attach(link) {
      running();
      return sessions.attach(link);
    },
    updates() {
      return {
        sha256: hal.sha256,
        connect: hal.connect,
        key: () => factory().updateKey,
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
