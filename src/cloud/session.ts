/** The session with the cloud: what its parts tell each other, and what travels as soon as it works. */

import { CMD_CONFIG, FAIL_CLOUD_REFUSED, FAIL_CLOUD_UNREACHABLE, FAIL_TLS } from "../codec/commands.js";
import { decodeTtlv, encodeTtlv, type Content } from "../codec/ttlv.js";
import type { Server } from "../codec/server.js";
import type { Settings } from "../options.js";
import type { Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { createAttempts } from "./attempts.js";
import type { Profile } from "./auth.js";
import { createConfig, type ConfigEvents } from "./config.js";
import { createMqtt, type Mqtt } from "./mqtt.js";
import { serveNotices, type NoticeEvents } from "./notices.js";
import { createReporter, type Report } from "./reporter.js";
import { CODE_LOST, CODE_SUBSCRIPTION, codeOfConnack } from "./retry.js";
import { createRouter, type Handler, type Router } from "./router.js";
import { ASK, AUTHENTICATING, createPhase, ENTER, ISSUED, ONLINE } from "./states.js";
import { introduce, serveStatus } from "./status.js";
import { createTarget, type TargetEvents } from "./target.js";
import { CLASS_SYS, createUplink, type Uplink } from "./uplink.js";

export interface SessionEvents extends TargetEvents, ConfigEvents, NoticeEvents {
  /** The cloud has accepted the device and its subscription. */
  online(): void;
  /** What is to be reported now, or undefined. */
  nextReport(): Report | undefined;
  /** What became of a report: acknowledged by the broker, or not. */
  reported(sent: Report, acknowledged: boolean): void;
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

/** Hands a frame to its handler; its bytes are random to a stranger. @returns whether it is a frame */
function take(random: Random, uplink: Uplink, router: Router, payload: string): boolean {
  random(0, payload);
  const frame = uplink.read(payload);
  if (!frame) return false;
  const wrong = router.find(frame.cmd)(frame.id, decodeTtlv(frame.data), frame.data, frame.cmd);
  if (wrong) uplink.complain(frame.id, wrong);
  return true;
}

/** @once */
export function createSession(hal: Hal, random: Random, settings: Settings, events: SessionEvents): Session {
  const phase = createPhase();
  const target = createTarget(random, events);
  const router = createRouter();
  const mqtt: Mqtt = createMqtt(hal, {
    opened() {
      if (phase.step(target.secret() ? ENTER : ASK) && phase.current() == ONLINE) begin();
    },
    connack(code) {
      if (code) attempts.refused(codeOfConnack(code));
      else if (phase.current() == AUTHENTICATING) attempts.awaitSecret();
    },
    suback(code) {
      if (code > 2) return attempts.fail(FAIL_CLOUD_REFUSED, CODE_SUBSCRIPTION);
      if (phase.current() == ONLINE) events.online();
    },
    message: (payload) => take(random, uplink, router, payload),
    lost(code, early) {
      // Who breaks off before the first answer did not like the greeting.
      const tls = early && code == CODE_LOST && target.secure();
      attempts.fail(tls ? FAIL_TLS : FAIL_CLOUD_UNREACHABLE, code);
    },
  });
  /** Whether frames of a topic class may travel: `sys` behind CONNECT, all others when the subscription is granted too. */
  const isUp = (kind: string): boolean =>
    kind == CLASS_SYS ? phase.current() >= AUTHENTICATING : phase.current() == ONLINE && mqtt.subscribed();
  const uplink = createUplink(hal, mqtt, isUp);
  const attempts = createAttempts(hal, random, settings, phase, target, mqtt, uplink, events.failed);
  const next = (): Report | undefined => (phase.current() == ONLINE ? events.nextReport() : undefined);
  const reporter = createReporter(hal, uplink, next, events.reported);

  /** The connection works: reports, then status and information. The same one serves after authentication. */
  function begin(): void {
    attempts.works();
    reporter.report();
    introduce(hal, settings, uplink);
    if (isUp("")) events.online();
  }

  /** Not from the handler of 00B4: the stack is small, and that is deep in it. */
  function issued(): void {
    if (phase.current() == AUTHENTICATING) attempts.later(() => phase.step(ISSUED) && begin());
  }

  const configure = createConfig(hal, uplink, target, events, issued, attempts.renew);
  router.on(CMD_CONFIG, configure);
  serveNotices(router, attempts, events);
  serveStatus(hal, settings, router, uplink);

  return {
    start(home, other) {
      attempts.drop();
      target.set(home, other);
      attempts.open();
    },
    stop: attempts.drop,
    report: reporter.report,
    cloud: () => ({ on: router.on, encode: encodeTtlv, publish: uplink.publish, send: uplink.send }),
  };
}
