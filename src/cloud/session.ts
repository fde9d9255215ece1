/**
 * The session with the platform: authenticates until a DeviceSecret is there, connects with it, keeps connected, and
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
  EXCEPTION_CODE,
  EXCEPTION_PACKAGE_ID,
  FAIL_CLOUD_REFUSED,
  FAIL_CLOUD_UNREACHABLE,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_LOGIN,
  UNPACK_COMMAND,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../codec/frame.js";
import type { Server } from "../codec/server.js";
import { decodeTtlv, encodeTtlv, findBytes, findNumber, type Node } from "../codec/ttlv.js";
import type { Identity } from "../codec/identity.js";
import type { Settings } from "../options.js";
import type { Platform, Timer } from "../platform.js";
import type { Random } from "../random/drbg.js";
import { authenticationPassword, clientId, connectionPassword } from "./auth.js";
import { createMqtt, type Mqtt } from "./mqtt.js";
import { information, status } from "./reports.js";
import {
  CODE_LOST,
  CODE_NEW_DS,
  CODE_PROTOCOL_VERSION,
  CODE_SUBSCRIPTION,
  CODE_TIMEOUT,
  CODE_UNKNOWN_DEVICE,
  CODE_UNREACHABLE,
  CODE_WRONG_DS,
  retryDelay,
} from "./retry.js";

/** The platform must issue a DS within this time after authentication; the vendor's SDK waits for ever. */
const DS_TIMEOUT = 30000;
/** A connection that lasts this long was a success: the failures before it no longer count. */
const SETTLED_AFTER = 60000;
/** Longest DS; longer ones are cut [S]. */
const MAX_DS = 32;

export interface SessionEvents {
  /** The DS to connect with, or "" to ask for one. */
  deviceSecret(): string;
  /** A DS was issued ("": the platform refused the one we had). Must be durable when this returns. */
  storeDeviceSecret(ds: string): void;
  /** The platform has accepted the device and its subscription. */
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
   * @param code the platform's number for it
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

export function createSession(
  platform: Platform,
  identity: Identity,
  random: Random,
  settings: Settings,
  events: SessionEvents,
): Session {
  const id = clientId(identity);
  const topic = "q/2/d/" + id + "/sys";
  let server: Server | undefined;
  let authenticating = false;
  // Whether reports can be sent: with a DS at once, behind CONNECT; without one from the moment it is issued.
  let ready = false;
  let subscribed = false;
  let reporting = false;
  let packageId = 0;
  let failures = 0;
  let timer: Timer | undefined;

  function later(milliseconds: number, action: () => void): void {
    platform.cancel(timer);
    timer = platform.after(milliseconds, action);
  }

  /** Publishes one frame with QoS 1. */
  function publish(cmd: number, data: string, done?: (acknowledged: boolean) => void): void {
    packageId = nextPackageId(packageId);
    mqtt.publish(topic, encodeFrame(packageId, cmd, data), done || (() => {}));
  }

  /** Answers a request with QoS 0 and its own package id. */
  function answer(frame: Frame, cmd: number, data: string): void {
    mqtt.send(topic, encodeFrame(frame.id, cmd, data));
  }

  /** 00A4: tells the platform which of its frames could not be used. */
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
    reporting = true;
    events.progress(PROGRESS_BINDING);
    publish(CMD_BINDING, encodeTtlv(nodes), (acknowledged) => {
      reporting = false;
      events.reported(acknowledged);
      report();
    });
  }

  /** Ends the connection; a report under way counts as not acknowledged. */
  function drop(): void {
    platform.cancel(timer);
    const unfinished = reporting;
    ready = subscribed = reporting = false;
    mqtt.close();
    if (unfinished) events.reported(false);
  }

  function fail(reason: number, code: number): void {
    if (!server) return;
    drop();
    const delay = retryDelay(authenticating, code, ++failures, at16(random(2), 0) % 2000);
    later(delay, open);
    // What follows goes deep; the stack is small.
    platform.after(0, () => events.failed(reason, code, delay));
  }

  function refused(code: number): void {
    const useless = code == CODE_WRONG_DS || code == CODE_NEW_DS || code == CODE_UNKNOWN_DEVICE;
    if (useless && !authenticating) events.storeDeviceSecret("");
    fail(FAIL_CLOUD_REFUSED, code);
  }

  /** The connection works: reports, then status and information. The same one serves after authentication. */
  function begin(): void {
    ready = true;
    later(SETTLED_AFTER, () => {
      failures = 0;
    });
    report();
    const state = status(platform, "");
    if (state) publish(CMD_STATUS, state);
    publish(CMD_INFO, information(platform, settings, ""));
  }

  /** 00A3: codes from 10420 to 10439, but for 10428 and 10429 (rates), end the connection. */
  function exception(code: number): void {
    if (code >= 10420 && code < 10440 && code != 10428 && code != 10429) refused(code);
    else events.failed(FAIL_CLOUD_REFUSED, code, 0);
  }

  function configure(nodes: Node[]): void {
    const ds = findBytes(nodes, CONFIG_DS);
    if (!ds) return;
    events.storeDeviceSecret(ds.substr(0, MAX_DS));
    if (!authenticating) return;
    authenticating = false;
    // Not from here: the stack is small, and this is deep in it.
    later(0, () => {
      begin();
      if (subscribed) events.online();
    });
  }

  function handle(frame: Frame): void {
    const cmd = frame.cmd;
    if (cmd == CMD_STATUS_READ) return answer(frame, CMD_STATUS_ANSWER, status(platform, frame.data));
    if (cmd == CMD_INFO_READ) return answer(frame, CMD_INFO_ANSWER, information(platform, settings, frame.data));
    if (cmd != CMD_EXCEPTION && cmd != CMD_CONFIG && cmd != CMD_BINDING_RESULT) return complain(frame, UNPACK_COMMAND);
    const nodes = decodeTtlv(frame.data);
    if (!nodes) complain(frame, UNPACK_CONTENT);
    else if (cmd == CMD_EXCEPTION) exception(findNumber(nodes, EXCEPTION_CODE) || 0);
    else if (cmd == CMD_CONFIG) configure(nodes);
    else events.result(nodes);
  }

  const mqtt: Mqtt = createMqtt(platform, {
    opened() {
      if (!authenticating) begin();
    },
    connack(code) {
      if (code) refused(code == 1 ? CODE_PROTOCOL_VERSION : CODE_WRONG_DS);
      else if (authenticating) later(DS_TIMEOUT, () => fail(FAIL_CLOUD_REFUSED, CODE_TIMEOUT));
    },
    suback(code) {
      if (code > 2) return fail(FAIL_CLOUD_REFUSED, CODE_SUBSCRIPTION);
      subscribed = true;
      events.progress(PROGRESS_AUTHORISATION);
      if (ready) events.online();
    },
    message(payload) {
      const frame = decodeFrame(payload);
      if (frame) handle(frame);
    },
    lost: (timeout) => fail(FAIL_CLOUD_UNREACHABLE, timeout ? CODE_TIMEOUT : CODE_LOST),
  });

  function open(): void {
    const ds = events.deviceSecret();
    const rand = hex(random(8));
    authenticating = !ds;
    const password = ds
      ? connectionPassword(platform, identity, ds, rand)
      : authenticationPassword(platform, identity, rand);
    events.progress(ds ? PROGRESS_LOGIN : PROGRESS_AUTHENTICATION);
    const problem = mqtt.open(
      server!,
      settings.tls,
      { clientId: id, username: settings.username, password: password, keepalive: settings.keepalive },
      "q/1/d/" + id + "/+",
    );
    if (problem) fail(problem, CODE_UNREACHABLE);
  }

  return {
    start(to) {
      drop();
      server = to;
      failures = 0;
      open();
    },
    stop() {
      server = undefined;
      drop();
    },
    report: report,
  };
}
