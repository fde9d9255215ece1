/**
 * The state machine of the whole: idle → provisioning → joining → connecting → online → bound. It joins the rooms and
 * decides; bytes, sockets and flash are theirs.
 */

import { capabilitiesBitmask } from "./capabilities.js";
import { CODE_NEW_DS, CODE_UNKNOWN_DEVICE } from "../cloud/retry.js";
import type { Profile } from "../cloud/auth.js";
import { createSession, type Session } from "../cloud/session.js";
import { hex } from "../codec/bytes.js";
import {
  FAIL_CLOUD_UNREACHABLE,
  FAIL_REPORT,
  LABEL_AP,
  LAN_TCP_PORT,
  LAN_UDP_PORT,
  REASON_WITHDRAWN,
  RESULT_AUTH_KEY,
  RESULT_BOUND,
  RESULT_CODE,
  RESULT_REASON,
  STATE_BOUND,
  STATE_CONNECTING,
  STATE_IDLE,
  STATE_ONLINE,
} from "../codec/commands.js";
import { identityProblem, LOCKED, type Identity } from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import { parseServer, serverUrl } from "../codec/server.js";
import { find, findBytes, findNumber, type Node } from "../codec/ttlv.js";
import { ensureSecret, forgetCloud, newSecret, startRandom } from "../credentials/birth.js";
import { isBindingCode } from "../codec/code.js";
import { createPending, type Pending } from "../credentials/pending.js";
import { createWindow, MAX_WINDOW } from "../credentials/window.js";
import { equal } from "../crypto/equal.js";
import { createEmitter, type Listener } from "./emitter.js";
import { readIdentity } from "../credentials/factory-identity.js";
import { serveDiscovery } from "../lan/discovery.js";
import { createHandshake, type Handshake } from "../lan/handshake.js";
import { createLockout } from "../lan/lockout.js";
import { createProvisioning, type Provisioning } from "../lan/provisioning.js";
import { createReception } from "../lan/clients.js";
import { settingsOf, type Options, type Settings } from "../options.js";
import type { Link, LinkEvents, Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { openJournal, type Changes, type Journal } from "../storage/journal.js";
import {
  KEY_AUTH_KEY,
  KEY_DS,
  KEY_PASSWORD,
  KEY_PK,
  KEY_PS,
  KEY_PURGE,
  KEY_RESET,
  KEY_SERVER,
  KEY_SSID,
} from "../storage/keys.js";
import { createSeal, SEAL_IDENTITY, SEAL_JOURNAL, type Seal } from "../storage/seal.js";

/** Names of the STATE_… numbers in events. */
const STATE_NAMES = ["idle", "provisioning", "joining", "connecting", "online", "bound"];
/** Blocks of the journal, behind the identity's. */
const JOURNAL_BLOCKS = 14;
const AUTH_KEY_LENGTH = 16;
/** Seconds that a code must have left to be handed to an app, and milliseconds that the app waits for a fresh one. */
const LEAST_LEFT = 10;
const ANSWER_TIME = 4000;
/** Requests that may wait for it: a device that cannot make one, its flash worn out, would gather them. */
const MOST_WAITING = 8;

export interface WindowInfo {
  code: string;
  seconds: number;
}

export interface Binding {
  on(event: string, listener: Listener): void;
  start(options: Options): void;
  openWindow(seconds?: number, code?: string): boolean;
  closeWindow(): void;
  window(): WindowInfo | undefined;
  state(): string;
  capabilities(): number;
  reset(): void;
  remove(): void;
  provision(): void;
  identity(): { pk: string; dk: string };
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
}

/** @once */
export function createBinding(hal: Hal): Binding {
  const emitter = createEmitter(hal);
  let state = STATE_IDLE;
  let identity: Identity;
  let journal: Journal;
  let seeded = false; // whether the factory has given a seed
  let seal: Seal | undefined;
  let settings: Settings | undefined;
  let random: Random;
  let pending: Pending;
  let session: Session;
  let handshake: Handshake;
  let provisioning: Provisioning;
  let attach: (link: Link) => LinkEvents;
  const waiting: ((open: WindowInfo | undefined) => void)[] = [];
  // Bits of the capabilitiesBitmask that other modules have switched on.
  let more = 0;

  function setState(next: number, reason?: number): void {
    if (next == state && !reason) return;
    state = next;
    const name = STATE_NAMES[next];
    hal.log("state=" + name + (reason ? " reason=" + reason : ""));
    emitter.emit("state", { state: name, reason: reason });
  }

  function stateName(): string {
    return STATE_NAMES[state];
  }

  function problem(code: string, message: string): void {
    hal.log("error " + code + ": " + message);
    emitter.emit("error", { code: code, message: message });
  }

  function fault(): void {
    problem("flash", journal.worn ? "it takes nothing more: all is lost with the power" : "a change is lost");
  }

  function windowClosed(): void {
    emitter.emit("window", { seconds: 0 });
    answer();
  }

  /** Gives the apps that wait for a fresh code what there is now. */
  function answer(): void {
    const now = open.reported ? currentWindow() : undefined;
    waiting.splice(0, waiting.length).forEach((done) => done(now));
  }

  const open = createWindow(hal, () => {
    windowClosed();
    rotate();
  });

  function capabilities(): number {
    return capabilitiesBitmask(!!settings, !!settings, !!settings && settings.matter) | more;
  }

  function currentWindow(): WindowInfo | undefined {
    return open.code ? { code: open.code, seconds: open.seconds() } : undefined;
  }

  function running(): Settings {
    if (!settings) throw new Error("not started");
    return settings;
  }

  /** Without a button: one window after the other while the device is nobody's. */
  function rotate(): void {
    const next = settings ? settings.autoRotate : 0;
    if (next && !open.code && state == STATE_ONLINE) openWindow(next);
  }

  /** Gives a code that an app has the time to use: one that is about to end is replaced, and reported first. */
  function bindable(done: (open: WindowInfo | undefined) => void): void {
    const asked = waiting.length > 0;
    if (!asked && (!open.reported || open.seconds() >= LEAST_LEFT)) {
      return done(open.reported ? currentWindow() : undefined);
    }
    if (waiting.length >= MOST_WAITING) return done(undefined);
    waiting.push(done);
    if (asked) return;
    openWindow();
    hal.after(ANSWER_TIME, answer);
  }

  function openWindow(seconds?: number, code?: string): boolean {
    const length = seconds === undefined ? running().window : seconds;
    if (!(length >= 1 && length <= MAX_WINDOW)) throw new Error("a window is open for 1-3600 seconds");
    if (code !== undefined && !isBindingCode(code)) throw new Error("a bindingCode is 16 characters 0-9A-F");
    if (journal.worn || !seeded) {
      if (journal.worn) fault();
      else problem("seed", "no factory seed in flash: every bindingCode would be guessable");
      return false;
    }
    // The cloud may have the one that goes.
    if (open.code) pending.cancel(true);
    open.open(code || hex(random(8)), length);
    emitter.emit("window", { seconds: length });
    session.report();
    return true;
  }

  function closeWindow(): void {
    if (!open.code) return;
    // Acknowledged or not: the cloud may have it.
    pending.cancel(true);
    open.close();
    windowClosed();
    session.report();
  }

  /** 00B6: bound, unbound, or a code withdrawn after too many wrong tries. */
  function result(nodes: Node[]): void {
    // What was settled before a reset, which the cloud has yet to hear of, is void.
    if (journal.get(KEY_RESET)) return;
    const bound = find(nodes, RESULT_BOUND) === true;
    const current = open.code != "" && equal(open.code, findBytes(nodes, RESULT_CODE) || "");
    if (!bound && findNumber(nodes, RESULT_REASON) == REASON_WITHDRAWN) {
      const left = open.seconds();
      if (current && left) openWindow(left);
      return;
    }
    const authKey = findBytes(nodes, RESULT_AUTH_KEY) || "";
    if (current) {
      open.close();
      windowClosed();
    }
    if (!bound || authKey.length == AUTH_KEY_LENGTH) journal.put([[KEY_AUTH_KEY, bound && authKey]]);
    setState(bound ? STATE_BOUND : STATE_ONLINE);
    rotate();
    emitter.emit("bound", { bound: bound });
  }

  function deviceSecret(): string {
    return journal.get(KEY_DS) === undefined ? identity.ds : journal.text(KEY_DS);
  }

  /**
   * Another DS, or none: credentials that were made for the old one, or for another product, change with it.
   * @param profile where it is good, if that has changed
   */
  function renew(ds: string, profile?: Profile): void {
    const changes: Changes = [[KEY_DS, ds]];
    const old = deviceSecret();
    let changed = old != "" && old != ds;
    if (profile) changes.push([KEY_SERVER, serverUrl(profile.server)]);
    if (profile && (profile.pk != identity.pk || profile.ps != identity.ps)) {
      changed = true;
      identity.pk = profile.pk;
      identity.ps = profile.ps;
      changes.push([KEY_PK, profile.pk], [KEY_PS, profile.ps], [KEY_AUTH_KEY, false]);
    }
    journal.put(changed ? changes.concat(newSecret(journal, random)) : changes);
    // Not from here: the stack is small, and this is deep in it.
    if (changed) hal.after(0, () => open.code && openWindow(Math.max(1, open.seconds())));
  }

  /** @once */
  function createRooms(chosen: Settings): void {
    pending = createPending(hal, identity, random, journal, open);
    session = createSession(hal, identity, random, chosen, {
      deviceSecret: deviceSecret,
      storeDeviceSecret: renew,
      online() {
        setState(journal.get(KEY_AUTH_KEY) ? STATE_BOUND : STATE_ONLINE);
        rotate();
      },
      progress(step) {
        if (provisioning.active()) handshake.progress(step);
      },
      nextReport: pending.next,
      reported(acknowledged) {
        if (!acknowledged) return provisioning.cloudFailed(FAIL_REPORT, false);
        if (!pending.acknowledged()) return;
        // Not from here: the stack is small, and this is deep in it.
        hal.after(0, () => {
          emitter.emit("reported", { seconds: open.seconds() });
          answer();
          provisioning.succeeded();
        });
      },
      result: result,
      failed(reason, code, delay) {
        const next = delay ? ", next try in " + Math.ceil(delay / 1000) + " s" : "";
        problem("cloud", "cloud code " + code + next);
        if (!delay) return;
        // A new connection reports the code again.
        open.reported = false;
        if (!provisioning.active()) setState(STATE_CONNECTING);
        // A DS of another server is forgotten, and the next attempt asks for one.
        const again = reason == FAIL_CLOUD_UNREACHABLE || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
        provisioning.cloudFailed(reason, !again);
      },
    });
    const possession = chosen.security ? hal.sha256(identity.pop) : "";
    // Nobody needs them any more.
    identity.seed = identity.pop = "";
    handshake = createHandshake(hal, identity, random, createLockout(hal, journal), {
      provision: (credentials) => provisioning.request(credentials),
      bindable: bindable,
      capabilities: capabilities,
      key: () => (chosen.security ? journal.text(KEY_AUTH_KEY) || possession : ""),
      farewell: () => provisioning.farewell(),
    });
    const name = chosen.prefix + "-" + identity.dk.substr(-4);
    const password = possession && hex(hal.hmac(possession, LABEL_AP)).substr(0, 16);
    provisioning = createProvisioning(hal, journal, chosen, name, password, {
      state: setState,
      progress: handshake.progress,
      finished(reason) {
        handshake.finish(reason, open.code);
        if (reason) closeWindow();
        emitter.emit("provisioning", { error: reason });
      },
      connect: (url) => session.start(parseServer(url || chosen.server)!),
      disconnect() {
        open.reported = false;
        session.stop();
      },
      openWindow: () => openWindow(),
      accessPointFailed: (error) => problem("ap", error),
    });
  }

  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false], [KEY_SERVER, false]);
    journal.purge(changes);
    if (!journal.get(KEY_PK)) {
      const factory = readIdentity(hal, seal);
      identity.pk = factory.pk;
      identity.ps = factory.ps;
    }
    provisioning.wait();
  }

  /** @once */
  function start(options: Options): void {
    if (settings) throw new Error("already started");
    // Whatever is wrong with options and flash: the doors are closed.
    options = options || ({} as Options);
    if (options.debug) hal.log("debug: consoles stay open");
    else hal.closeDoors(options.console || "");
    const chosen = settingsOf(options, hal.board, hal.tls);
    if (!hal.crypto) return problem("crypto", "this build has no crypto: flash the module WifiBindingCrypto");
    if (options.flashStart) hal.flash.start = options.flashStart;
    const key = options.flashKey;
    // The build makes a global of it.
    options = {} as Options;
    seal = key ? createSeal(hal, key, SEAL_IDENTITY) : undefined;
    identity = readIdentity(hal, seal);
    const wrong = identityProblem(identity);
    if (wrong) return problem("identity", wrong);
    if (chosen.security && !identity.pop) {
      return problem("identity", "no proof of possession in flash: write one, or choose the option security: 0");
    }
    const journalSeal = key ? createSeal(hal, key, SEAL_JOURNAL) : undefined;
    journal = openJournal(hal.flash, hal.crc32, IDENTITY_BLOCKS, JOURNAL_BLOCKS, fault, journalSeal, hal.after);
    if (journal.locked) return problem("flash", LOCKED);
    settings = chosen;
    seeded = identity.seed != "";
    random = startRandom(hal, identity, journal);
    ensureSecret(hal, identity, journal, random);
    if (journal.get(KEY_PURGE)) journal.purge([]);
    if (journal.get(KEY_PK)) {
      identity.pk = journal.text(KEY_PK);
      identity.ps = journal.text(KEY_PS);
    }
    createRooms(chosen);
    attach = createReception(hal, handshake.handle);
    hal.listen(LAN_TCP_PORT, attach);
    serveDiscovery(hal, identity, LAN_UDP_PORT, () => ({
      capabilities: capabilities(),
      state: state,
      windowOpen: open.code != "",
    }));
    provisioning.start();
  }

  return {
    on: emitter.on,
    start: start,
    openWindow: openWindow,
    closeWindow: closeWindow,
    window: currentWindow,
    state: stateName,
    capabilities: capabilities,
    reset() {
      running();
      closeWindow();
      pending.cancel(false);
      forget(forgetCloud(newSecret(journal, random)).concat([[KEY_RESET, true]]));
    },
    remove() {
      running();
      // Another product's credentials are of no use without its server.
      forget(journal.get(KEY_PK) ? forgetCloud(newSecret(journal, random)) : []);
    },
    provision() {
      running();
      provisioning.wait();
    },
    identity() {
      running();
      return { pk: identity.pk, dk: identity.dk };
    },
    attach(link) {
      running();
      return attach(link);
    },
    advertise(bit, on) {
      const next = on ? more | bit : more & ~bit;
      if (next == more) return;
      more = next;
      emitter.emit("capabilities", { capabilities: capabilities() });
    },
  };
}
