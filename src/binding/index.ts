/**
 * The state machine of the whole: idle → provisioning → joining → connecting → online → bound. It joins the rooms and
 * decides; bytes, sockets and flash are theirs.
 */

import { capabilitiesBitmask } from "./capabilities.js";
import { CODE_NEW_DS, CODE_UNKNOWN_DEVICE } from "../cloud/retry.js";
import { createSession, type Session } from "../cloud/session.js";
import { hex } from "../codec/bytes.js";
import {
  FAIL_CLOUD_UNREACHABLE,
  FAIL_REPORT,
  LABEL_AP,
  LAN_TCP_PORT,
  REASON_WITHDRAWN,
  RESULT_BOUND,
  RESULT_CODE,
  RESULT_REASON,
  STATE_BOUND,
  STATE_CONNECTING,
  STATE_IDLE,
  STATE_ONLINE,
} from "../codec/commands.js";
import type { Frame } from "../codec/frame.js";
import { identityProblem, LOCKED, type Identity, type Keys } from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import { parseServer } from "../codec/server.js";
import { encodeTtlv, find, findBytes, findNumber, type Node } from "../codec/ttlv.js";
import { ensureSecret, startRandom } from "../credentials/birth.js";
import { equal } from "../crypto/equal.js";
import { createCodes, type Codes, type WindowInfo } from "./codes.js";
import { createEmitter, type On } from "./emitter.js";
import { createSecrets, type Secrets } from "./secrets.js";
import { readIdentity } from "../credentials/factory-identity.js";
import { serveDiscovery, type Discovery } from "../lan/discovery.js";
import { createProvisioning, type Credentials, type Provisioning } from "../lan/provisioning.js";
import { createLogin } from "../lan/requests/login.js";
import { createProvision, type Provision } from "../lan/requests/provision.js";
import { createRequests, type Handler } from "../lan/requests/index.js";
import { createScan } from "../lan/scan.js";
import { createSessions, type Sessions } from "../lan/sessions.js";
import { failure } from "../failure.js";
import { NO_TLS, settingsOf, type Options, type Settings } from "../options.js";
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
/** Seconds that a code of a rotation must have left to be handed to an app. */
const LEAST_LEFT = 10;
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

/** The connection to the cloud, for modules of their own. */
export interface Cloud {
  /** Serves a command of the cloud: `handler(frame, nodes)`, which returns what was wrong with it (UNPACK_…) or nothing. */
  on(cmd: number, handler: (frame: Frame, nodes: Node[] | undefined) => number | void): void;
  /**
   * Publishes with QoS 1 in a topic class.
   * @param done told whether the broker has acknowledged; never, when the connection ends before
   * @returns false when there is no connection, or too much waits
   */
  publish(kind: string, cmd: number, nodes: Node[], done?: (acknowledged: boolean) => void): boolean;
}

/** What the module for updates is handed. */
export interface Updates {
  sha256: Hal["sha256"];
  connect: Hal["connect"];
  /** The public key that updates are signed with, 32 bytes, or "". */
  key(): string;
  /** The version that the cloud is told. @param text in place of it, until the next boot */
  version(text?: string): string;
  /** What it keeps in flash. @param nodes in place of it */
  task(nodes?: Node[]): Node[];
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
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
  cloud(): Cloud;
  updates(): Updates;
}

/** @once */
export function createBinding(hal: Hal): Binding {
  const emitter = createEmitter(hal);
  let state = STATE_IDLE;
  let identity: Keys;
  let journal: Journal;
  let seeded = false; // whether the factory has given a seed
  let seal: Seal | undefined;
  // Of the first start, and while the device is started.
  let chosen: Settings | undefined;
  let settings: Settings | undefined;
  let random: Random;
  let codes: Codes;
  let secrets: Secrets;
  let session: Session;
  let sessions: Sessions;
  let discovery: Discovery;
  let closeLan: (() => void) | undefined;
  let doors: Timer | undefined; // opens the sockets
  let provision: Provision;
  let provisioning: Provisioning;
  let proof = false; // whether the identity holds one
  let guarded = false; // whether the module of the proof is there
  let told: boolean | undefined; // what `bound` has said last
  const handlers: Record<number, Handler> = {};
  // Bits of the capabilitiesBitmask that other modules have switched on.
  let more = 0;

  /** Split when it is asked for: an array would stay in RAM. */
  function stateName(): string {
    return "idle,provisioning,joining,connecting,online,bound".split(",")[state];
  }

  function setState(next: number, reason?: number): void {
    if (next == state && !reason) return;
    state = next;
    const name = stateName();
    hal.log("state=" + name + (reason ? " reason=" + reason : ""));
    emitter.emit("state", { state: name, reason: reason });
  }

  function problem(code: string, message: string, number?: number): void {
    hal.log("error " + code + (number ? " " + number : "") + ": " + message);
    emitter.emit("error", { code: code, message: message, number: number });
  }

  function fault(): void {
    problem("flash", journal.worn ? "worn out: changes are lost with the power" : "a change is lost");
  }

  function capabilities(): number {
    return capabilitiesBitmask(!!settings, !!settings, !!settings && settings.matter) | more;
  }

  function currentWindow(): WindowInfo | undefined {
    return settings && codes.window();
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

  /** Without a button: one window after the other while the device is nobody's. */
  function rotate(): void {
    const next = settings ? settings.autoRotate : 0;
    if (next && !codes.window() && state == STATE_ONLINE) openWindow(next);
  }

  /**
   * The window that an app may know of; one of a rotation that is about to end makes place for the next. A device that is
   * not bound opens one soon after a boot, for an app that repeats what it has asked for before the power failed.
   */
  function known(credentials: Credentials): WindowInfo | undefined {
    if (!provisioning.known(credentials)) return undefined;
    const now = codes.window();
    const chosen = running();
    const next = chosen.autoRotate || chosen.window;
    if (now ? chosen.autoRotate && now.seconds < LEAST_LEFT : !secrets.authKey() && hal.now() < chosen.window * 1000) {
      openWindow(next);
    }
    return codes.window();
  }

  /** An app brings a network: the window opens now, and the code is reported when the cloud is there. */
  function join(credentials: Credentials, seconds: number | undefined): WindowInfo | undefined {
    const server = credentials.url && parseServer(credentials.url);
    if (server && server.secure && !hal.tls) {
      problem("tls", NO_TLS);
      return undefined;
    }
    const most = running().window;
    const length = seconds !== undefined && seconds >= 1 ? Math.min(Math.floor(seconds), most) : most;
    if (!openWindow(length)) return undefined;
    // Where the cloud has moved the device counts, with its product, until an app names another server.
    credentials.url = credentials.url || secrets.movedTo();
    provisioning.join(credentials);
    return { code: codes.current(), seconds: length };
  }

  function openWindow(seconds?: number, code?: string): boolean {
    const most = running().window;
    const length = seconds === undefined ? most : seconds;
    if (journal.worn || !seeded) {
      if (journal.worn) fault();
      else problem("seed", "no factory seed: bindingCodes could be guessed");
      return false;
    }
    codes.open(length, code);
    emitter.emit("window", { seconds: length });
    session.report();
    return true;
  }

  function windowEnded(): void {
    emitter.emit("window", { seconds: 0 });
    // Not from here: an authKey ends a window, deep in the handling of a packet, and the stack is small.
    hal.after(0, () => session.report());
    rotate();
  }

  /** Bound, or unbound. @param authKey 16 bytes, or "" */
  function setBound(authKey: string): void {
    const bound = authKey != "";
    // What the cloud says again changes nothing.
    const changed = secrets.setAuthKey(authKey);
    rekey();
    if (!changed && (state == STATE_BOUND) == bound) return;
    // Not from here: the stack is small, and this is deep in it.
    hal.after(0, () => {
      setState(bound ? STATE_BOUND : STATE_ONLINE);
      if (bound) codes.close();
      else rotate();
    });
  }

  function tellBound(bound: boolean): void {
    if (bound === told) return;
    told = bound;
    emitter.emit("bound", { bound: bound });
  }

  /** The authKey may be another one, or none: apps that have logged in under the old one are closed. */
  function rekey(): void {
    sessions.rekeyed(secrets.authKey());
    // The state follows first.
    hal.after(0, () => tellBound(secrets.authKey() != ""));
  }

  /** 00E6: a code is spent, the device is unbound, or a code was withdrawn after too many wrong tries. */
  function result(nodes: Node[]): void {
    const bound = find(nodes, RESULT_BOUND) === true;
    // In flash before the cloud's packet is acknowledged.
    if (!bound && findNumber(nodes, RESULT_REASON) != REASON_WITHDRAWN) return setBound("");
    // Not from here: the stack is small, and this is deep in it.
    hal.after(0, () => {
      const now = codes.window();
      if (!now || !equal(now.code, findBytes(nodes, RESULT_CODE) || "")) return;
      if (bound) {
        setState(STATE_BOUND);
        codes.close();
        tellBound(true);
      } else if (now.seconds) openWindow(now.seconds);
    });
  }

  /** @once */
  function createRooms(chosen: Settings): void {
    secrets = createSecrets(identity, factory, journal, random);
    codes = createCodes(hal, random, seeded && !journal.worn, windowEnded);
    session = createSession(hal, random, chosen, {
      deviceSecret: secrets.deviceSecret,
      profileAt: secrets.profileAt,
      storeDeviceSecret(ds, profile) {
        secrets.renew(ds, profile);
        rekey();
      },
      authKey(key) {
        if (key) setBound(key);
        else problem("authKey", "what the cloud has sent cannot be read");
      },
      online() {
        setState(secrets.authKey() ? STATE_BOUND : STATE_ONLINE);
        rotate();
      },
      nextReport() {
        const code = codes.current();
        const done = codes.known() && secrets.known();
        return done || !code ? undefined : { secret: secrets.bindingSecret(), code: code };
      },
      reported(sent, acknowledged) {
        if (!acknowledged) return provisioning.cloudFailed(FAIL_REPORT, false);
        secrets.acknowledged(sent.secret);
        if (!codes.acknowledged(sent.code)) return;
        // Not from here: the stack is small, and this is deep in it.
        hal.after(0, () => {
          const now = codes.window();
          emitter.emit("reported", { seconds: now ? now.seconds : 0 });
          provisioning.reported();
        });
      },
      result: result,
      failed(reason, code, delay) {
        problem("cloud", delay ? "next try in " + Math.ceil(delay / 1000) + " s" : "still connected", code);
        if (!delay) return;
        codes.disconnected();
        if (!provisioning.active()) setState(STATE_CONNECTING);
        // A DS of another server is forgotten, and the next attempt asks for one.
        const again = reason == FAIL_CLOUD_UNREACHABLE || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
        provisioning.cloudFailed(reason, !again);
      },
    });
    const pairing = (): boolean => provisioning.pairing();
    provision = createProvision(identity, { pairing: pairing, known: known, join: join });
    const login = createLogin(hal, random, () => (journal.worn ? "" : secrets.authKey()));
    const requests = createRequests(login, provision, proof, pairing, createScan(hal), handlers);
    sessions = createSessions(hal, chosen.debug, requests);
    const name = chosen.prefix + "-" + identity.dk.substr(-4);
    const password = (): string => (proof ? hex(hal.hmac(possession(), LABEL_AP)).substr(0, 16) : "");
    provisioning = createProvisioning(hal, journal, chosen, name, password, {
      state: setState,
      finished(reason) {
        provision.finish(!reason);
        if (reason) codes.close();
        emitter.emit("provisioning", { error: reason });
      },
      connect(url) {
        const moved = secrets.movedTo();
        const server = parseServer(url || chosen.server)!;
        const made = factory();
        // Another server than the one to which the cloud has moved the device knows it as the factory made it.
        session.start(
          server,
          moved && url != moved ? { cloud: server, pk: made.pk, ps: made.ps, dk: made.dk } : undefined,
        );
      },
      disconnect() {
        codes.disconnected();
        session.stop();
      },
      accessPointFailed: (error) => problem("ap", error),
    });
  }

  /** A number in flash. @param value to be set */
  function count(value?: number, key?: number): number {
    key = key || KEY_BOOTS;
    running();
    if (value !== undefined) journal.put([[key, value || false]]);
    return (journal.get(key) as number) || 0;
  }

  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false]);
    // Where the cloud has moved the device belongs to its product.
    if (!secrets.movedTo()) changes.push([KEY_SERVER, false]);
    journal.purge(changes);
    rekey();
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
    if (!hal.crypto) return problem("crypto", "no crypto: flash the module WifiBindingCrypto");
    if (options.flashStart) hal.flash.start = options.flashStart;
    let key = options.flashKey;
    seal = key ? createSeal(hal, key, SEAL_IDENTITY) : undefined;
    const journalSeal = key ? createSeal(hal, key, SEAL_JOURNAL) : undefined;
    // The build makes globals of them.
    options = {} as Options;
    key = "";
    const made = factory();
    const wrong = identityProblem(made);
    if (wrong) return problem("identity", wrong);
    journal = openJournal(hal.flash, hal.crc32, IDENTITY_BLOCKS, JOURNAL_BLOCKS, fault, journalSeal, hal.after);
    if (journal.locked) return problem("flash", LOCKED);
    seeded = made.seed != "";
    proof = made.pop != "";
    random = startRandom(hal, made, journal);
    ensureSecret(hal, made, journal, random);
    if (journal.get(KEY_PURGE)) journal.purge([]);
    identity = { pk: journal.text(KEY_PK) || made.pk, dk: made.dk };
    createRooms(checked);
    discovery = serveDiscovery(hal, identity);
    hal.after(0, () => {
      if (proof && !guarded) problem("proof", "the module WifiBindingProof is missing");
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
    rekey();
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
    openWindow: openWindow,
    closeWindow() {
      if (settings) codes.close();
    },
    window: currentWindow,
    state: stateName,
    capabilities: capabilities,
    reset() {
      running();
      codes.close();
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
        random,
        (value) => count(value, KEY_WRONG_PROOFS),
      );
    },
    boots: count,
    serve(command, handler) {
      handlers[command] = handler;
    },
    attach(link) {
      running();
      return sessions.attach(link);
    },
    cloud() {
      running();
      return {
        on: session.on,
        publish: (kind, cmd, nodes, done) => session.publish(kind, cmd, encodeTtlv(nodes), done),
      };
    },
    updates() {
      const now = running();
      return {
        sha256: hal.sha256,
        connect: hal.connect,
        key: () => factory().updateKey,
        version: (text) => (now.firmware = text || now.firmware),
        task(nodes) {
          if (nodes) journal.put([[KEY_UPDATE, nodes]]);
          return (journal.get(KEY_UPDATE) as Node[]) || [];
        },
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
