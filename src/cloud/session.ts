/**
 * The session with the cloud: authenticates until a DeviceSecret is there, connects with it, keeps connected, and
 * carries reports up and commands down.
 */

import { at16, first16, hex } from "../codec/bytes.js";
import {
  CODE_RATE,
  CMD_BINDING_RESULT,
  CMD_CONFIG,
  CMD_CONFIG_ECHO,
  CMD_EXCEPTION,
  CMD_INFO,
  CMD_INFO_ANSWER,
  CMD_INFO_READ,
  CMD_STATUS,
  CMD_STATUS_ANSWER,
  CMD_STATUS_READ,
  CONFIG_DS,
  CONFIG_NEW_DS,
  CONFIG_REAUTHENTICATE,
  CONFIG_SEALED,
  CONFIG_SESSION_KEY,
  EXCEPTION_CODE,
  FAIL_CLOUD_REFUSED,
  FAIL_CLOUD_UNREACHABLE,
  FAIL_TLS,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { decodeTtlv, encodeTtlv, find, findBytes, textOf, findNumber, type Content, type Node } from "../codec/ttlv.js";
import type { Server } from "../codec/server.js";
import type { Settings } from "../options.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { authenticationPassword, clientId, connectionPassword, type Profile } from "./auth.js";
import { movedTo, secretIn, unseal } from "./config.js";
import { createMqtt, type Mqtt } from "./mqtt.js";
import { createReporter, type Report } from "./reporter.js";
import {
  CODE_LOST,
  CODE_NEW_DS,
  CODE_SUBSCRIPTION,
  CODE_TIMEOUT,
  CODE_UNKNOWN_DEVICE,
  CODE_UNREACHABLE,
  CODE_WRONG_DS,
  codeOfConnack,
  isRefusal,
  retryDelay,
} from "./retry.js";
import { createRouter, type Handler } from "./router.js";
import { information, status } from "./status.js";
import { CLASS_SYS, createUplink } from "./uplink.js";

/** The cloud must issue a DS within this time after authentication; the vendor's SDK waits for ever. */
const DS_TIMEOUT = 30000;
/** A connection that lasts this long was a success: the failures before it no longer count. */
const SETTLED_AFTER = 60000;
/** A profile on trial is given up at its fourth failure [S]. */
const TRIAL_FAILURES = 4;
/** A DS is forgotten when it is refused on so many connections in a row. */
const DOUBTS = 2;

// States; 1 is dialling: TCP (and TLS) opens.
const OFFLINE = 0; // stopped, or a timer runs to the next attempt
const AUTHENTICATING = 2; // the cloud is asked for a DS: nothing is reported
const ONLINE = 3; // with a DS: reports travel, the first of them behind CONNECT, before any answer

// Events
const DIAL = 0;
const ASK = 1; // TCP is open, and there is no DS
const ENTER = 2; // TCP is open, with a DS
const ISSUED = 3; // the cloud has issued a DS
const END = 4; // failed, stopped, or to be opened anew

/** The next state by state and event; "-": the event does not count in this state. */
const NEXT =
  // DIAL ASK ENTER ISSUED END
  "1----" + // offline
  "-23-0" + // dialling
  "---30" + // authenticating
  "----0"; // online
const EVENTS = 5;

export interface SessionEvents {
  /** The DS to connect with, or "" to ask for one. */
  deviceSecret(): string;
  /**
   * A DS was issued ("": the cloud refused the one we had). Must be durable when this returns.
   * @param profile the cloud has moved the device to another server or product, and it works there: as durable
   */
  storeDeviceSecret(ds: string, profile?: Profile): void;
  /** The device's own product at a server. Asked each time: the ProductSecret stays in flash. */
  profileAt(server: Server): Profile;
  /** The cloud has given an authKey of 16 bytes; "": it has given something that cannot be read. As durable. */
  authKey(key: string): void;
  /** The cloud has accepted the device and its subscription. */
  online(): void;
  /** What is to be reported now, or undefined. */
  nextReport(): Report | undefined;
  /** What became of a report: acknowledged by the broker, or not. */
  reported(sent: Report, acknowledged: boolean): void;
  /** 00E6 came. */
  result(nodes: Node[]): void;
  /**
   * An attempt or a connection failed.
   * @param reason FAIL_…
   * @param code the cloud's number for it
   * @param delay milliseconds to the next attempt; 0 when the connection goes on
   */
  failed(reason: number, code: number, delay: number): void;
}

/** What a module may do with the session. Its names are public. */
export interface Cloud {
  /** Serves a command of the cloud, in place of the last handler. */
  on(cmd: number, handler: Handler): void;
  /** The bytes of nodes. */
  encode(nodes: Content): string;
  /**
   * Publishes one frame with QoS 1. Up to 8 are in flight, the library's own among them.
   * @param kind topic class: "bus" or "ota"; "sys" is the library's own, and asks for no session
   * @param done told once whether the broker has acknowledged: false when it has not in time, or the connection ends
   * @param again package id of a frame that was sent before: it keeps that, and MQTT's mark of a duplicate
   * @returns the package id, or 0 when there is no session or too many are in flight
   */
  publish(kind: string, cmd: number, content: Content, done?: (acknowledged: boolean) => void, again?: number): number;
  /** Sends one frame with QoS 0. @param id of the request that it answers @returns whether there is a session */
  send(kind: string, cmd: number, content: Content, id?: number): boolean;
}

export interface Session {
  /**
   * Connects at once, and goes on trying until `stop`.
   * @param other to be tried there first, without the DS, as if the cloud had said so
   */
  start(home: Server, other?: Profile): void;
  stop(): void;
  /** Sends what `nextReport` has, unless a report is on its way already; then that one's end does it. */
  report(): void;
  /** For modules. */
  cloud(): Cloud;
}

/** @once */
export function createSession(hal: Hal, random: Random, settings: Settings, events: SessionEvents): Session {
  let state = OFFLINE;
  // Where the device is to connect, and where it tries to because the cloud has said so.
  let home: Server;
  let trial: Profile | undefined;
  // In a row: attempts that did not reach the cloud, refusals of any kind, and refusals of this DS.
  let misses = 0;
  let refusals = 0;
  let doubts = 0;
  let timer: Timer | undefined;

  function step(event: number): boolean {
    const next = parseInt(NEXT.charAt(state * EVENTS + event));
    if (next >= 0) state = next;
    return next >= 0;
  }

  function profile(): Profile {
    return trial || events.profileAt(home);
  }

  function later(milliseconds: number, action: () => void): void {
    hal.cancel(timer);
    timer = hal.after(milliseconds, action);
  }

  function settled(): void {
    misses = refusals = doubts = 0;
  }

  function secret(): string {
    return trial ? "" : events.deviceSecret();
  }

  /** Ends the connection; a report under way counts as not acknowledged. */
  function drop(): void {
    hal.cancel(timer);
    step(END);
    mqtt.close();
  }

  function fail(reason: number, code: number): void {
    const asking = state == AUTHENTICATING;
    drop();
    const count = isRefusal(code) ? ++refusals : ++misses;
    let delay = retryDelay(asking, code, count, at16(random(2), 0));
    if (trial && misses + refusals >= TRIAL_FAILURES) {
      trial = undefined;
      settled();
      delay = 1;
    }
    // What follows goes deep; the stack is small. Before the next attempt, however soon that is: it asks what to report.
    hal.after(0, () => events.failed(reason, code, delay));
    later(delay, open);
  }

  function store(ds: string, proven?: Profile): void {
    doubts = 0;
    events.storeDeviceSecret(ds, proven);
  }

  /** One refusal may be another's mistake: a DS is given up when a second connection hears the same. */
  function refused(code: number): void {
    const useless = code == CODE_WRONG_DS || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
    if (useless && state == ONLINE && ++doubts >= DOUBTS) store("");
    fail(FAIL_CLOUD_REFUSED, code);
  }

  /** The connection works: reports, then status and information. The same one serves after authentication. */
  function begin(): void {
    later(SETTLED_AFTER, settled);
    reporter.report();
    const facts = status(hal, "");
    if (facts.length) uplink.publish(CLASS_SYS, CMD_STATUS, facts);
    uplink.publish(CLASS_SYS, CMD_INFO, information(hal, settings, ""));
    if (mqtt.subscribed()) events.online();
  }

  /** 00A3: codes from 10420 to 10439, but for 10428 and 10429 (rate and quota), end the connection. */
  function exception(_id: number, nodes: Node[] | undefined): number | void {
    if (!nodes) return UNPACK_CONTENT;
    const code = findNumber(nodes, EXCEPTION_CODE) || 0;
    if (code >= 10420 && code < 10440 && code >> 1 != CODE_RATE >> 1) refused(code);
    else events.failed(FAIL_CLOUD_REFUSED, code, 0);
  }

  /** Who issues a DS is home; the connection that brought it serves with it. */
  function issue(ds: string): void {
    const proven = trial;
    trial = undefined;
    if (proven) home = proven.home;
    store(ds, proven);
    // Not from here: the stack is small, and this is deep in it.
    if (state == AUTHENTICATING) later(0, () => step(ISSUED) && begin());
  }

  /** 00B4. Only id 12 is answered. */
  function configure(id: number, nodes: Node[] | undefined): number | void {
    if (!nodes) return UNPACK_CONTENT;
    const now = profile();
    const sealed = findBytes(nodes, CONFIG_SEALED);
    const brought = sealed === undefined ? "" : unseal(hal, now, sealed);
    const key = textOf(nodes, CONFIG_SESSION_KEY);
    const ds = secretIn(nodes, CONFIG_DS) || (brought.length == 32 && brought);
    const newDs = secretIn(nodes, CONFIG_NEW_DS);
    const again = find(nodes, CONFIG_REAUTHENTICATE) === true;
    if (key.length >= 16) uplink.useKey(first16(key));
    if (ds) issue(ds);
    if (sealed !== undefined) {
      // An authKey of a profile on trial is worth nothing before that has proved itself.
      if (brought.length != 32) events.authKey(trial ? "" : brought);
      uplink.send(CLASS_SYS, CMD_CONFIG_ECHO, [[CONFIG_SEALED, sealed]], id);
    }
    if (again || newDs) store(again ? "" : newDs);
    const next = movedTo(nodes, profile());
    if (next) {
      trial = next;
      settled();
    }
    if (next || again || newDs) {
      drop();
      later(0, open);
    }
  }

  const router = createRouter();
  const mqtt: Mqtt = createMqtt(hal, {
    opened() {
      if (step(secret() ? ENTER : ASK) && state == ONLINE) begin();
    },
    connack(code) {
      if (code) refused(codeOfConnack(code));
      else if (state == AUTHENTICATING) later(DS_TIMEOUT, () => fail(FAIL_CLOUD_REFUSED, CODE_TIMEOUT));
    },
    suback(code) {
      if (code > 2) return fail(FAIL_CLOUD_REFUSED, CODE_SUBSCRIPTION);
      if (state == ONLINE) events.online();
    },
    message(payload) {
      random(0, payload);
      const frame = uplink.read(payload);
      if (!frame) return false;
      const wrong = router.find(frame.cmd)(frame.id, decodeTtlv(frame.data), frame.data, frame.cmd);
      if (wrong) uplink.complain(frame.id, wrong);
      return true;
    },
    lost(code, early) {
      // Who breaks off before the first answer did not like the greeting.
      const tls = early && code == CODE_LOST && (trial ? trial.home : home).secure;
      fail(tls ? FAIL_TLS : FAIL_CLOUD_UNREACHABLE, code);
    },
  });
  /** Whether the cloud has accepted the device with its DS, and its subscription. */
  function isUp(): boolean {
    return state == ONLINE && mqtt.subscribed();
  }

  const uplink = createUplink(hal, mqtt, isUp);
  const reporter = createReporter(
    hal,
    uplink,
    () => {
      if (state == ONLINE) return events.nextReport();
      return undefined;
    },
    events.reported,
  );

  function open(): void {
    if (!step(DIAL)) return;
    const to = profile();
    const ds = secret();
    const id = clientId(to);
    const rand = hex(random(8));
    let password: string;
    if (ds) password = connectionPassword(hal, to, ds, rand, settings.encrypt);
    else password = authenticationPassword(hal, to, rand, settings.encrypt);
    uplink.begin(id);
    const problem = mqtt.open(
      to.home,
      settings.tls,
      { clientId: id, user: settings.username, pass: password, alive: settings.keepalive },
      "q/1/d/" + id + "/+",
    );
    if (problem) fail(problem, CODE_UNREACHABLE);
  }

  router.on(CMD_EXCEPTION, exception);
  router.on(CMD_CONFIG, configure);
  router.on(CMD_BINDING_RESULT, (_id, nodes) => (nodes ? events.result(nodes) : UNPACK_CONTENT));
  router.on(CMD_STATUS_READ, (id, _nodes, data) => {
    uplink.send(CLASS_SYS, CMD_STATUS_ANSWER, status(hal, data), id);
  });
  router.on(CMD_INFO_READ, (id, _nodes, data) => {
    uplink.send(CLASS_SYS, CMD_INFO_ANSWER, information(hal, settings, data), id);
  });

  return {
    start(to, other) {
      drop();
      home = to;
      trial = other;
      settled();
      open();
    },
    stop: drop,
    report: reporter.report,
    cloud: () => ({
      on: router.on,
      encode: encodeTtlv,
      publish: uplink.publish,
      send: uplink.send,
    }),
  };
}
