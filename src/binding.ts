/**
 * The state machine of the whole: idle → provisioning → joining → connecting → online → bound. It joins the rooms and
 * decides; bytes, sockets and flash are theirs.
 */

import { capabilitiesBitmask } from "./capabilities.js";
import { Session, type SessionEvents, FAILED_HOST, FAILED_REFUSED, FAILED_TLS } from "./cloud/session.js";
import { hex } from "./codec/bytes.js";
import {
  FAIL_BUSY,
  FAIL_CLOUD_REFUSED,
  FAIL_CLOUD_UNREACHABLE,
  FAIL_HOST_UNKNOWN,
  FAIL_REPORT,
  FAIL_TLS,
  LAN_TCP_PORT,
  LAN_UDP_PORT,
  PROGRESS_ROUTER,
  REASON_WITHDRAWN,
  RESULT_AUTH_KEY,
  RESULT_BOUND,
  RESULT_CODE,
  RESULT_REASON,
  STATE_BOUND,
  STATE_CONNECTING,
  STATE_IDLE,
  STATE_JOINING,
  STATE_ONLINE,
  STATE_PROVISIONING,
} from "./codec/commands.js";
import { IDENTITY_BLOCKS } from "./codec/record.js";
import { parseServer } from "./codec/server.js";
import { find, findBytes, findNumber, type Node } from "./codec/ttlv.js";
import { ensureSecret, newSecret, startRandom } from "./credentials/birth.js";
import { isBindingCode } from "./credentials/code.js";
import { Pending } from "./credentials/pending.js";
import { BindingWindow, MAX_WINDOW } from "./credentials/window.js";
import { Emitter } from "./emitter.js";
import { identityProblem, readIdentity, type Identity } from "./identity.js";
import { serveDiscovery } from "./lan/discovery.js";
import { Handshake, type Credentials, type HandshakeEvents } from "./lan/handshake.js";
import { Station } from "./lan/station.js";
import { listenTcp } from "./lan/tcp.js";
import { settingsOf, type Options, type Settings } from "./options.js";
import type { Platform, Timer } from "./platform.js";
import type { Drbg } from "./random/drbg.js";
import { Journal } from "./storage/journal.js";
import {
  KEY_AUTH_KEY,
  KEY_DS,
  KEY_PASSWORD,
  KEY_RESET,
  KEY_SERVER,
  KEY_SSID,
} from "./storage/keys.js";

/** Names of the STATE_… numbers in events. */
const STATE_NAMES = ["idle", "provisioning", "joining", "connecting", "online", "bound"];
/** Blocks of the journal behind the identity's. */
const JOURNAL_BLOCKS = 14;
/** From a network that is joined to a code that is reported, an app waits no longer than this. */
const CLOUD_PATIENCE = 15000;
/** The access point stays this long after success, so that the app hears of it. */
const FAREWELL = 60000;
/** Milliseconds between two tries to join the saved network: doubling from the first to the last. */
const REJOIN_FIRST = 2000;
const REJOIN_LAST = 60000;
/** Connecting blocks all JavaScript: what was said before must have left by then. */
const BREATH = 50;

export class Binding implements SessionEvents, HandshakeEvents {
  private _emitter: Emitter;
  private _settings: Settings | undefined;
  private _identity: Identity;
  private _journal: Journal;
  private _random: Drbg | undefined;
  private _window: BindingWindow;
  private _pending: Pending | undefined;
  private _session: Session | undefined;
  private _station: Station | undefined;
  private _handshake: Handshake | undefined;
  private _state = STATE_IDLE;
  /** What an app has asked to provision, until it has ended. */
  private _candidate: Credentials | undefined;
  private _apOpen = false;
  private _lastFailure = FAIL_CLOUD_UNREACHABLE;
  private _rejoin = REJOIN_FIRST;
  /** The next thing that time does to the state: a try to join, or the end of provisioning. */
  private _timer: Timer | undefined;
  private _patience: Timer | undefined;
  private _apTimer: Timer | undefined;

  constructor(private _platform: Platform) {
    this._emitter = new Emitter(_platform.log);
    this._identity = readIdentity(_platform);
    this._journal = new Journal(_platform.flash, _platform.crc32, IDENTITY_BLOCKS, JOURNAL_BLOCKS);
    this._window = new BindingWindow(_platform, () => this._windowClosed());
  }

  on(event: string, listener: (event: Record<string, unknown>) => void): void {
    this._emitter.on(event, listener);
  }

  /** @throws when the options are wrong or it was started before */
  start(options: Options): void {
    const platform = this._platform;
    const identity = this._identity;
    if (this._settings) throw new Error("already started");
    const settings = settingsOf(options, platform.board);
    const problem = identity.pk ? identityProblem(identity) : "no identity in flash: write one with the factory tool";
    if (problem) return this._error("identity", problem);
    this._settings = settings;
    this._random = startRandom(platform, identity, this._journal);
    ensureSecret(platform, identity, this._journal, this._random);
    this._pending = new Pending(platform, identity, this._random, this._journal, this._window);
    this._session = new Session(platform, identity, this._random, settings, this);
    const handshake = new Handshake(platform, identity, this._random, this);
    this._handshake = handshake;
    this._station = new Station(platform, () => this._networkLost());
    listenTcp(platform, LAN_TCP_PORT, (frame, client) => handshake.handle(frame, client));
    serveDiscovery(platform, identity, LAN_UDP_PORT, () => ({
      capabilities: this.capabilities(),
      state: this._state,
      windowOpen: this._window.code != "",
    }));
    if (this._journal.text(KEY_SSID)) this._joinSaved();
    else this._provision();
  }

  state(): string {
    return STATE_NAMES[this._state];
  }

  capabilities(): number {
    return capabilitiesBitmask(!!this._session, !!this._session, !!this._settings && this._settings.matter);
  }

  /** The open window, or undefined. The code may not be reported yet. */
  window(): { code: string; seconds: number } | undefined {
    return this._window.code ? { code: this._window.code, seconds: this._window.seconds() } : undefined;
  }

  /** @returns whether a window is open now @throws when seconds or code are malformed */
  openWindow(seconds?: number, code?: string): boolean {
    const settings = this._settings;
    if (!settings) throw new Error("not started");
    const length = seconds === undefined ? settings.window : seconds;
    if (!(length >= 1 && length <= MAX_WINDOW)) throw new Error("a window is open for 1-3600 seconds");
    if (code !== undefined && !isBindingCode(code)) throw new Error("a bindingCode is 16 characters 0-9A-F");
    if (!this._identity.seed) {
      this._error("seed", "no factory seed in flash: every bindingCode would be guessable");
      return false;
    }
    this._window.open(code || hex(this._random!.bytes(8)), length);
    this._emitter.emit("window", { seconds: length });
    this._session!.report();
    return true;
  }

  closeWindow(): void {
    if (!this._window.code) return;
    if (this._window.reported) this._pending!.cancelled = true;
    this._window.close();
    this._windowClosed();
    this._session!.report();
  }

  /** Forgets the network, DS, codes, secret and binding, tells the platform when it can, and opens provisioning. */
  reset(): void {
    const changes = newSecret(this._journal, this._random!);
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false], [KEY_SERVER, false]);
    changes.push([KEY_DS, false], [KEY_AUTH_KEY, false], [KEY_RESET, true]);
    this._journal.put(changes);
    this._window.close();
    this._pending!.cancelled = false;
    this._provision();
  }

  // HandshakeEvents

  provision(credentials: Credentials): number {
    if (this._state != STATE_PROVISIONING) return FAIL_BUSY;
    this._candidate = credentials;
    this._setState(STATE_JOINING);
    this._later(BREATH, () => {
      this._handshake!.progress(PROGRESS_ROUTER);
      this._station!.join(credentials.ssid, credentials.password, (problem) => {
        if (problem) this._provisioningFailed(problem);
        else this._joinedCandidate();
      });
    });
    return 0;
  }

  bindable(): { code: string; seconds: number } | undefined {
    return this._window.reported ? this.window() : undefined;
  }

  // SessionEvents

  deviceSecret(): string {
    return this._journal.text(KEY_DS) || this._identity.ds;
  }

  storeDeviceSecret(ds: string): void {
    this._journal.put([[KEY_DS, ds || false]]);
  }

  online(): void {
    this._setState(this._journal.text(KEY_AUTH_KEY) ? STATE_BOUND : STATE_ONLINE);
  }

  progress(step: number): void {
    if (this._candidate) this._handshake!.progress(step);
  }

  nextReport(): Node[] | undefined {
    return this._pending!.next();
  }

  reported(acknowledged: boolean): void {
    if (!acknowledged) {
      this._lastFailure = FAIL_REPORT;
      return;
    }
    if (!this._pending!.acknowledged()) return;
    this._emitter.emit("reported", { seconds: this._window.seconds() });
    if (this._candidate) this._provisioned();
  }

  result(nodes: Node[]): void {
    const code = findBytes(nodes, RESULT_CODE) || "";
    const current = code != "" && code == this._window.code;
    const authKey = findBytes(nodes, RESULT_AUTH_KEY) || "";
    if (find(nodes, RESULT_BOUND) === true) {
      if (current) this._window.close();
      if (current) this._windowClosed();
      if (authKey.length == 16) this._journal.put([[KEY_AUTH_KEY, authKey]]);
      this._setState(STATE_BOUND);
      this._emitter.emit("bound", { bound: true });
    } else if (findNumber(nodes, RESULT_REASON) == REASON_WITHDRAWN) {
      const left = this._window.seconds();
      if (current && left) this.openWindow(left);
    } else {
      this._journal.put([[KEY_AUTH_KEY, false]]);
      this._setState(STATE_ONLINE);
      this._emitter.emit("bound", { bound: false });
    }
  }

  failed(kind: number, code: number, delay: number): void {
    this._window.reported = false;
    this._error("cloud", "platform code " + code + (delay ? ", next try in " + Math.ceil(delay / 1000) + " s" : ""));
    if (!delay) return;
    this._lastFailure = kind == FAILED_HOST ? FAIL_HOST_UNKNOWN : kind == FAILED_TLS ? FAIL_TLS : this._lastFailure;
    if (kind == FAILED_REFUSED) this._lastFailure = FAIL_CLOUD_REFUSED;
    // Trying again would not help, and the app waits.
    if (this._candidate && kind != FAILED_HOST && kind != FAILED_TLS && kind != FAILED_REFUSED) return;
    if (this._candidate) this._provisioningFailed(this._lastFailure);
    else this._setState(STATE_CONNECTING);
  }

  private _setState(state: number, reason?: number): void {
    if (state == this._state && !reason) return;
    this._state = state;
    const name = STATE_NAMES[state];
    this._platform.log("state=" + name + (reason ? " reason=" + reason : ""));
    this._emitter.emit("state", reason ? { state: name, reason: reason } : { state: name });
  }

  private _error(code: string, message: string): void {
    this._platform.log("error " + code + ": " + message);
    this._emitter.emit("error", { code: code, message: message });
  }

  private _later(milliseconds: number, action: () => void): void {
    this._platform.cancel(this._timer);
    this._timer = this._platform.after(milliseconds, action);
  }

  private _windowClosed(): void {
    this._emitter.emit("window", { seconds: 0 });
  }

  /** Opens the access point and waits for an app. */
  private _provision(reason?: number): void {
    const limit = this._settings!.provisioning;
    this._candidate = undefined;
    this._platform.cancel(this._patience);
    this._session!.stop();
    this._station!.leave();
    this._openAp();
    this._setState(STATE_PROVISIONING, reason);
    this._platform.cancel(this._timer);
    if (limit != 0xffff) this._later(limit * 1000, () => this._provisioningOver());
  }

  private _openAp(): void {
    const dk = this._identity.dk;
    this._platform.cancel(this._apTimer);
    if (this._apOpen) return;
    this._apOpen = true;
    this._platform.wifi().startAP(this._settings!.prefix + "-" + dk.substr(dk.length - 4), {}, (error) => {
      if (error) this._error("ap", String(error));
    });
  }

  private _closeAp(): void {
    if (!this._apOpen) return;
    this._apOpen = false;
    this._platform.wifi().stopAP();
  }

  /** Nobody came: back to the saved network, or to rest. */
  private _provisioningOver(): void {
    this._closeAp();
    if (this._journal.text(KEY_SSID)) this._joinSaved();
    else this._setState(STATE_IDLE);
  }

  private _joinedCandidate(): void {
    this._lastFailure = FAIL_CLOUD_UNREACHABLE;
    this._patience = this._platform.after(CLOUD_PATIENCE, () => this._provisioningFailed(this._lastFailure));
    if (!this.openWindow()) return this._provisioningFailed(FAIL_REPORT);
    this._connect(this._candidate!.server);
  }

  private _provisioningFailed(reason: number): void {
    this._handshake!.failed(reason);
    this._emitter.emit("provisioning", { error: reason });
    this._window.close();
    this._provision(reason);
  }

  /** The app's network works and the code is reported: only now do they replace the old ones. */
  private _provisioned(): void {
    const candidate = this._candidate!;
    this._candidate = undefined;
    this._platform.cancel(this._patience);
    this._journal.put([
      [KEY_SSID, candidate.ssid],
      [KEY_PASSWORD, candidate.password],
      [KEY_SERVER, candidate.server || false],
    ]);
    this._handshake!.succeeded(this._window.code);
    this._emitter.emit("provisioning", { error: 0 });
    this._apTimer = this._platform.after(FAREWELL, () => this._closeAp());
  }

  private _joinSaved(): void {
    const journal = this._journal;
    this._setState(STATE_JOINING);
    this._station!.join(journal.text(KEY_SSID), journal.text(KEY_PASSWORD), (problem) => {
      if (problem) return this._joinLater(problem);
      this._rejoin = REJOIN_FIRST;
      this._connect(journal.text(KEY_SERVER));
    });
  }

  private _joinLater(reason?: number): void {
    this._setState(STATE_JOINING, reason);
    this._later(this._rejoin, () => this._joinSaved());
    this._rejoin = Math.min(this._rejoin * 2, REJOIN_LAST);
  }

  private _networkLost(): void {
    this._window.reported = false;
    this._session!.stop();
    if (this._candidate) this._provisioningFailed(this._lastFailure);
    else this._joinLater();
  }

  /** @param url of an app's choice, or "" for the configured one */
  private _connect(url: string): void {
    const server = parseServer(url || this._settings!.server)!;
    this._setState(STATE_CONNECTING);
    this._later(BREATH, () => this._session!.start(server));
  }
}
