/**
 * The session with the cloud: authenticates until a DeviceSecret is there, connects with it, keeps connected, and
 * carries reports up and results down.
 */

import { at16, hex } from "../codec/bytes.js";
import {
  CMD_BINDING,
  CMD_BINDING_RESULT,
  CMD_CONFIG,
  CMD_EXCEPTION,
  CMD_EXCEPTION_UP,
  CMD_INFO,
  CMD_INFO_ANSWER,
  CMD_INFO_READ,
  CMD_STATUS,
  CMD_STATUS_ANSWER,
  CMD_STATUS_READ,
  CONFIG_DS,
  CONFIG_NEW_DS,
  CONFIG_PK,
  CONFIG_PS,
  CONFIG_REAUTHENTICATE,
  CONFIG_SERVER,
  CONFIG_SESSION_KEY,
  EXCEPTION_CODE,
  EXCEPTION_PACKAGE_ID,
  FAIL_CLOUD_REFUSED,
  FAIL_CLOUD_UNREACHABLE,
  FAIL_TLS,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_LOGIN,
  SERVER_DOMAIN,
  SERVER_IP,
  SERVER_PORT,
  UNPACK_COMMAND,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../codec/frame.js";
import { isKey, isSecret, type Identity } from "../codec/identity.js";
import { parseServer, serverUrl, type Server } from "../codec/server.js";
import { decodeTtlv, encodeTtlv, find, findBytes, findNumber, type Node } from "../codec/ttlv.js";
import { encryptCbc, ivOf } from "../crypto/cbc.js";
import type { Settings } from "../options.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { authenticationPassword, clientId, connectionPassword, type Profile } from "./auth.js";
import { createMqtt, type Mqtt } from "./mqtt.js";
import { information, status } from "./reports.js";
import {
  CODE_LOST,
  CODE_NEW_DS,
  CODE_SUBSCRIPTION,
  CODE_TIMEOUT,
  CODE_UNKNOWN_DEVICE,
  CODE_UNREACHABLE,
  CODE_WRONG_DS,
  codeOfConnack,
  retryDelay,
} from "./retry.js";

/** The cloud must issue a DS within this time after authentication; the vendor's SDK waits for ever. */
const DS_TIMEOUT = 30000;
/** A connection that lasts this long was a success: the failures before it no longer count. */
const SETTLED_AFTER = 60000;
/** Longest DS; longer ones are cut [S]. */
const MAX_DS = 32;
/** A profile on trial is given up at its fourth failure [S]. */
const TRIAL_FAILURES = 4;

export interface SessionEvents {
  /** The DS to connect with, or "" to ask for one. */
  deviceSecret(): string;
  /**
   * A DS was issued ("": the cloud refused the one we had). Must be durable when this returns.
   * @param profile the cloud has moved the device to another server or product, and it works there: as durable
   */
  storeDeviceSecret(ds: string, profile?: Profile): void;
  /** The cloud has accepted the device and its subscription. */
  online(): void;
  /** PROGRESS_AUTHENTICATION … PROGRESS_BINDING. */
  progress(step: number): void;
  /** What is to be reported now, or undefined. */
  nextReport(): Node[] | undefined;
  /** The report that `nextReport` gave last was acknowledged by the broker, or not. */
  reported(acknowledged: boolean): void;
  /** 00B6 came. */
  result(nodes: Node[]): void;
  /**
   * An attempt or a connection failed.
   * @param reason FAIL_…
   * @param code the cloud's number for it
   * @param delay milliseconds to the next attempt; 0 when the connection goes on
   */
  failed(reason: number, code: number, delay: number): void;
}

export interface Session {
  /** Connects, and goes on trying until `stop`. */
  start(server: Server): void;
  stop(): void;
  /** Sends what `nextReport` has, unless a report is on its way already; then that one's end does it. */
  report(): void;
}

/** @once */
export function createSession(
  hal: Hal,
  identity: Identity,
  random: Random,
  settings: Settings,
  events: SessionEvents,
): Session {
  // Where the device is to connect, and where it tries to because the cloud has said so.
  let home: Server | undefined;
  let trial: Profile | undefined;
  let topic = "";
  let sessionKey = "";
  let authenticating = false;
  // Whether reports can be sent: with a DS at once, behind CONNECT; without one from the moment it is issued.
  let ready = false;
  let subscribed = false;
  let reporting = false;
  let packageId = 0;
  let failures = 0;
  let timer: Timer | undefined;

  function profile(): Profile {
    return trial || { server: home!, pk: identity.pk, ps: identity.ps, dk: identity.dk };
  }

  function later(milliseconds: number, action: () => void): void {
    hal.cancel(timer);
    timer = hal.after(milliseconds, action);
  }

  /** The frame as it travels: as a whole under the session key, if the cloud gave one [S+]. */
  function seal(packageId: number, cmd: number, data: string): string {
    const frame = encodeFrame(packageId, cmd, data);
    return sessionKey ? encryptCbc(hal.aes, sessionKey, ivOf(hal.sha256, sessionKey), frame) : frame;
  }

  /** The frame in a payload; padding behind it is no concern of the decoder. */
  function unseal(payload: string): Frame | undefined {
    if (!sessionKey) return decodeFrame(payload);
    if (!payload || payload.length & 15) return undefined;
    return decodeFrame(hal.aes(false, payload, sessionKey, ivOf(hal.sha256, sessionKey)));
  }

  /** Publishes one frame with QoS 1. @returns false when too many are waiting */
  function publish(cmd: number, data: string, done?: (acknowledged: boolean) => void): boolean {
    packageId = nextPackageId(packageId);
    return mqtt.publish(topic, seal(packageId, cmd, data), done || (() => {}));
  }

  /** Answers a request with QoS 0 and its own package id. */
  function answer(frame: Frame, cmd: number, data: string): void {
    mqtt.send(topic, seal(frame.id, cmd, data));
  }

  /** 00A4: tells the cloud which of its frames could not be used. */
  function complain(frame: Frame, code: number): void {
    const nodes: Node[] = [
      [EXCEPTION_CODE, code],
      [EXCEPTION_PACKAGE_ID, frame.id],
    ];
    publish(CMD_EXCEPTION_UP, encodeTtlv(nodes));
  }

  function report(): void {
    const nodes = ready && !reporting && events.nextReport();
    if (!nodes) return;
    events.progress(PROGRESS_BINDING);
    reporting = publish(CMD_BINDING, encodeTtlv(nodes), (acknowledged) => {
      reporting = false;
      events.reported(acknowledged);
      report();
    });
  }

  /** Ends the connection; a report under way counts as not acknowledged. */
  function drop(): void {
    hal.cancel(timer);
    const unfinished = reporting;
    ready = subscribed = reporting = false;
    sessionKey = "";
    mqtt.close();
    if (unfinished) events.reported(false);
  }

  function fail(reason: number, code: number): void {
    if (!home) return;
    drop();
    let delay = retryDelay(authenticating, code, ++failures, at16(random(2), 0) % 2000);
    if (trial && failures >= TRIAL_FAILURES) {
      trial = undefined;
      failures = 0;
      delay = 1;
    }
    // What follows goes deep; the stack is small. Before the next attempt, however soon that is: it asks what to report.
    hal.after(0, () => events.failed(reason, code, delay));
    later(delay, open);
  }

  function refused(code: number): void {
    const useless = code == CODE_WRONG_DS || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
    if (useless && !authenticating) events.storeDeviceSecret("");
    fail(FAIL_CLOUD_REFUSED, code);
  }

  function settled(): void {
    failures = 0;
  }

  /** The connection works: reports, then status and information. The same one serves after authentication. */
  function begin(): void {
    ready = true;
    later(SETTLED_AFTER, settled);
    report();
    const state = status(hal, "");
    if (state) publish(CMD_STATUS, state);
    publish(CMD_INFO, information(hal, settings, ""));
  }

  /** 00A3: codes from 10420 to 10439, but for 10428 and 10429 (rates), end the connection. */
  function exception(code: number): void {
    if (code >= 10420 && code < 10440 && code != 10428 && code != 10429) refused(code);
    else events.failed(FAIL_CLOUD_REFUSED, code, 0);
  }

  /** Connects anew, soon. */
  function reopen(): void {
    drop();
    later(0, open);
  }

  /** Tries another server or product, if the cloud names one. @returns whether it does */
  function moved(nodes: Node[]): boolean {
    const now = profile();
    const place = find(nodes, CONFIG_SERVER);
    const pk = findBytes(nodes, CONFIG_PK);
    const ps = findBytes(nodes, CONFIG_PS);
    const next: Profile = { server: now.server, pk: now.pk, ps: now.ps, dk: now.dk };
    if (typeof place == "object") {
      const port = find(place, SERVER_PORT);
      const server =
        findBytes(place, SERVER_IP) && parseServer("mqtt://" + findBytes(place, SERVER_DOMAIN) + ":" + port);
      if (server) next.server = server;
    }
    if (pk && ps && isKey(pk, 1, 32) && isSecret(ps)) {
      next.pk = pk;
      next.ps = ps;
    }
    if (next.pk == now.pk && next.ps == now.ps && serverUrl(next.server) == serverUrl(now.server)) return false;
    trial = next;
    failures = 0;
    return true;
  }

  /** 00B4: what the cloud wants otherwise. It is never acknowledged. */
  function configure(nodes: Node[]): void {
    const key = findBytes(nodes, CONFIG_SESSION_KEY) || "";
    const ds = findBytes(nodes, CONFIG_DS);
    const newDs = findBytes(nodes, CONFIG_NEW_DS);
    if (key.length >= 16) sessionKey = key.substr(0, 16);
    if (ds) {
      // Who issued it is home.
      const proven = trial;
      trial = undefined;
      if (proven) home = proven.server;
      events.storeDeviceSecret(ds.substr(0, MAX_DS), proven);
    }
    if (ds && authenticating) {
      authenticating = false;
      // The connection that brought it serves with it. Not from here: the stack is small, and this is deep in it.
      later(0, () => {
        begin();
        if (subscribed) events.online();
      });
    }
    const again = find(nodes, CONFIG_REAUTHENTICATE) === true;
    if (again) events.storeDeviceSecret("");
    else if (newDs) events.storeDeviceSecret(newDs.substr(0, MAX_DS));
    if (moved(nodes) || again || newDs) reopen();
  }

  function receive(payload: string): void {
    random(0, payload);
    const frame = unseal(payload);
    if (!frame) return;
    const cmd = frame.cmd;
    if (cmd == CMD_STATUS_READ) return answer(frame, CMD_STATUS_ANSWER, status(hal, frame.data));
    if (cmd == CMD_INFO_READ) return answer(frame, CMD_INFO_ANSWER, information(hal, settings, frame.data));
    if (cmd != CMD_EXCEPTION && cmd != CMD_CONFIG && cmd != CMD_BINDING_RESULT) return complain(frame, UNPACK_COMMAND);
    const nodes = decodeTtlv(frame.data);
    if (!nodes) complain(frame, UNPACK_CONTENT);
    else if (cmd == CMD_EXCEPTION) exception(findNumber(nodes, EXCEPTION_CODE) || 0);
    else if (cmd == CMD_CONFIG) configure(nodes);
    else events.result(nodes);
  }

  const mqtt: Mqtt = createMqtt(hal, {
    opened() {
      if (!authenticating) begin();
    },
    connack(code) {
      if (code) refused(codeOfConnack(code));
      else if (authenticating) later(DS_TIMEOUT, () => fail(FAIL_CLOUD_REFUSED, CODE_TIMEOUT));
    },
    suback(code) {
      if (code > 2) return fail(FAIL_CLOUD_REFUSED, CODE_SUBSCRIPTION);
      subscribed = true;
      events.progress(PROGRESS_AUTHORISATION);
      if (ready) events.online();
    },
    message: receive,
    lost(timeout, heard) {
      // Who breaks off before the first byte did not like the greeting.
      const tls = !timeout && !heard && profile().server.secure;
      fail(tls ? FAIL_TLS : FAIL_CLOUD_UNREACHABLE, timeout ? CODE_TIMEOUT : CODE_LOST);
    },
  });

  function open(): void {
    const to = profile();
    const ds = trial ? "" : events.deviceSecret();
    const id = clientId(to);
    const rand = hex(random(8));
    topic = "q/2/d/" + id + "/sys";
    authenticating = !ds;
    const password = ds
      ? connectionPassword(hal, to, ds, rand, settings.encrypt)
      : authenticationPassword(hal, to, rand, settings.encrypt);
    events.progress(ds ? PROGRESS_LOGIN : PROGRESS_AUTHENTICATION);
    const problem = mqtt.open(
      to.server,
      settings.tls,
      { clientId: id, username: settings.username, password: password, keepalive: settings.keepalive },
      "q/1/d/" + id + "/+",
    );
    if (problem) fail(problem, CODE_UNREACHABLE);
  }

  return {
    start(to) {
      drop();
      home = to;
      trial = undefined;
      failures = 0;
      open();
    },
    stop() {
      home = undefined;
      drop();
    },
    report: report,
  };
}
