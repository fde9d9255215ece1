/**
 * The session with the platform: authenticates until a DeviceSecret is there, connects with it, keeps connected, and
 * carries reports up and results down.
 */

import { hex } from "../codec/bytes.js";
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
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_LOGIN,
  UNPACK_COMMAND,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes, findNumber, type Node } from "../codec/ttlv.js";
import type { Identity } from "../identity.js";
import { CONNECT_NO_HOST, CONNECT_NO_TLS, type Platform, type Timer, type TlsOptions } from "../platform.js";
import type { Drbg } from "../random/drbg.js";
import { authenticationPassword, clientId, connectionPassword } from "./auth.js";
import { LOST_TIMEOUT, Mqtt, type MqttEvents } from "./mqtt.js";
import {
  CODE_LOST,
  CODE_NEW_DS,
  CODE_PROTOCOL_VERSION,
  CODE_SUBSCRIPTION,
  CODE_TIMEOUT,
  CODE_UNREACHABLE,
  CODE_WRONG_DS,
  retryDelay,
} from "./retry.js";
import { information, status } from "./reports.js";
import type { Server } from "../codec/server.js";

/** The platform must issue a DS within this time after authentication; the vendor's SDK waits for ever. */
const DS_TIMEOUT = 30000;
/** A connection that lasts this long was a success: the failures before it no longer count. */
const SETTLED_AFTER = 60000;
/** Largest MQTT packet that is read, in bytes. */
const PACKET_LIMIT = 2048;

/** Kinds of failure that an app is told apart. */
export const FAILED_UNREACHABLE = 1;
export const FAILED_HOST = 2;
export const FAILED_TLS = 3;
export const FAILED_REFUSED = 4;

export interface SessionOptions {
  /** Seconds, 1-65535. */
  keepalive: number;
  username?: string;
  tls?: TlsOptions;
  /** Reported as model and firmware version. */
  model: string;
  firmware: string;
}

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
  /** An attempt or a connection failed; the next one starts after `delay` milliseconds. */
  failed(kind: number, code: number, delay: number): void;
}

export class Session implements MqttEvents {
  /** Whether reports can be sent: with a DS at once, behind CONNECT; without one from the moment it is issued. */
  private _ready = false;
  private _subscribed = false;
  private _mqtt: Mqtt | undefined;
  private _server: Server | undefined;
  private _authenticating = false;
  private _reporting = false;
  private _packageId = 0;
  private _failures = 0;
  private _timer: Timer | undefined;

  constructor(
    private _platform: Platform,
    private _identity: Identity,
    private _random: Drbg,
    private _options: SessionOptions,
    private _events: SessionEvents,
  ) {}

  /** Connects, and goes on trying until `stop`. */
  start(server: Server): void {
    this.stop();
    this._server = server;
    this._failures = 0;
    this._open();
  }

  stop(): void {
    this._server = undefined;
    this._drop();
  }

  /** Sends what `nextReport` has, unless a report is on its way already; then that one's end does it. */
  report(): void {
    if (!this._ready || this._reporting) return;
    const nodes = this._events.nextReport();
    if (!nodes) return;
    this._reporting = true;
    this._events.progress(PROGRESS_BINDING);
    this._publish(CMD_BINDING, encodeTtlv(nodes), (acknowledged) => {
      this._reporting = false;
      this._events.reported(acknowledged);
      this.report();
    });
  }

  private _open(): void {
    const server = this._server!;
    const identity = this._identity;
    const ds = this._events.deviceSecret();
    const rand = hex(this._random.bytes(8));
    this._authenticating = !ds;
    const password = ds
      ? connectionPassword(this._platform, identity, ds, rand)
      : authenticationPassword(this._platform, identity, rand);
    const id = clientId(identity);
    const mqtt = new Mqtt(
      this._platform,
      { clientId: id, username: this._options.username, password: password, keepalive: this._options.keepalive },
      "q/1/d/" + id + "/+",
      PACKET_LIMIT,
      this,
    );
    this._mqtt = mqtt;
    this._events.progress(ds ? PROGRESS_LOGIN : PROGRESS_AUTHENTICATION);
    const problem = mqtt.open(server.host, server.port, server.secure ? this._options.tls || {} : undefined);
    if (problem) {
      const kind =
        problem == CONNECT_NO_HOST ? FAILED_HOST : problem == CONNECT_NO_TLS ? FAILED_TLS : FAILED_UNREACHABLE;
      this._fail(kind, CODE_UNREACHABLE);
    }
  }

  /** MqttEvents: with a DS, the reports go out behind CONNECT and SUBSCRIBE, without waiting. */
  opened(): void {
    if (!this._authenticating) this._begin();
  }

  /** MqttEvents */
  connack(code: number): void {
    if (code == 1) this._fail(FAILED_REFUSED, CODE_PROTOCOL_VERSION);
    else if (code) this._refused(CODE_WRONG_DS);
    else if (this._authenticating) this._expectDs();
  }

  /** MqttEvents */
  suback(code: number): void {
    if (code > 2) return this._fail(FAILED_REFUSED, CODE_SUBSCRIPTION);
    this._subscribed = true;
    this._events.progress(PROGRESS_AUTHORISATION);
    if (this._ready) this._events.online();
  }

  /** MqttEvents */
  message(_topic: string, payload: string): void {
    const frame = decodeFrame(payload);
    if (frame) this._handle(frame);
  }

  /** MqttEvents */
  lost(reason: number): void {
    this._fail(FAILED_UNREACHABLE, reason == LOST_TIMEOUT ? CODE_TIMEOUT : CODE_LOST);
  }

  private _handle(frame: Frame): void {
    const cmd = frame.cmd;
    if (cmd == CMD_STATUS_READ) return this._answer(frame.id, CMD_STATUS_ANSWER, status(this._platform, frame.data));
    if (cmd == CMD_INFO_READ) {
      return this._answer(frame.id, CMD_INFO_ANSWER, information(this._platform, this._options, frame.data));
    }
    const nodes = decodeTtlv(frame.data);
    if (cmd != CMD_EXCEPTION && cmd != CMD_CONFIG && cmd != CMD_BINDING_RESULT) this._complain(frame, UNPACK_COMMAND);
    else if (!nodes) this._complain(frame, UNPACK_CONTENT);
    else if (cmd == CMD_EXCEPTION) this._exception(findNumber(nodes, EXCEPTION_CODE) || 0);
    else if (cmd == CMD_CONFIG) this._configure(nodes);
    else this._events.result(nodes);
  }

  /** 00A3: codes from 10420 to 10439, but for 10428 and 10429 (rates), end the connection. */
  private _exception(code: number): void {
    if (code >= 10420 && code < 10440 && code != 10428 && code != 10429) this._refused(code);
    else this._events.failed(FAILED_REFUSED, code, 0);
  }

  private _configure(nodes: Node[]): void {
    const ds = findBytes(nodes, CONFIG_DS);
    if (!ds) return;
    this._events.storeDeviceSecret(ds.substr(0, 32));
    if (this._authenticating) {
      this._authenticating = false;
      this._begin();
      if (this._subscribed) this._events.online();
    }
  }

  private _expectDs(): void {
    this._platform.cancel(this._timer);
    this._timer = this._platform.after(DS_TIMEOUT, () => this._fail(FAILED_REFUSED, CODE_TIMEOUT));
  }

  /** The connection works: reports, then status and information. The same one serves after authentication. */
  private _begin(): void {
    this._ready = true;
    this._platform.cancel(this._timer);
    this._timer = this._platform.after(SETTLED_AFTER, () => {
      this._failures = 0;
    });
    this.report();
    const state = status(this._platform, "");
    if (state) this._publish(CMD_STATUS, state, () => {});
    this._publish(CMD_INFO, information(this._platform, this._options, ""), () => {});
  }

  private _refused(code: number): void {
    if (!this._authenticating && (code == CODE_WRONG_DS || code == CODE_NEW_DS)) this._events.storeDeviceSecret("");
    this._fail(FAILED_REFUSED, code);
  }

  private _fail(kind: number, code: number): void {
    if (!this._server) return;
    const authenticating = this._authenticating;
    this._drop();
    this._failures++;
    const random = this._random.bytes(2);
    const jitter = ((random.charCodeAt(0) << 8) | random.charCodeAt(1)) % 2000;
    const delay = retryDelay(authenticating, code, this._failures, jitter);
    this._timer = this._platform.after(delay, () => this._open());
    this._events.failed(kind, code, delay);
  }

  /** Ends the connection; a report under way counts as not acknowledged. */
  private _drop(): void {
    this._platform.cancel(this._timer);
    const mqtt = this._mqtt;
    const reporting = this._reporting;
    this._mqtt = undefined;
    this._reporting = false;
    this._ready = this._subscribed = false;
    if (mqtt) mqtt.close();
    if (reporting) this._events.reported(false);
  }

  private _nextId(): number {
    this._packageId = nextPackageId(this._packageId);
    return this._packageId;
  }

  private _topic(): string {
    return "q/2/d/" + clientId(this._identity) + "/sys";
  }

  /** Publishes one frame with QoS 1. */
  private _publish(cmd: number, data: string, done: (acknowledged: boolean) => void): void {
    this._mqtt!.publish(this._topic(), encodeFrame(this._nextId(), cmd, data), done);
  }

  /** Answers a request with QoS 0 and its own package id. */
  private _answer(id: number, cmd: number, data: string): void {
    this._mqtt!.send(this._topic(), encodeFrame(id, cmd, data));
  }

  /** 00A4: tells the platform which of its frames could not be used. */
  private _complain(frame: Frame, code: number): void {
    const nodes: Node[] = [
      [EXCEPTION_CODE, code],
      [EXCEPTION_PACKAGE_ID, frame.id],
    ];
    this._publish(CMD_EXCEPTION_UP, encodeTtlv(nodes), () => {});
  }
}
