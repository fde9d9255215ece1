/** The handshake: what an app may ask over the LAN, and the answers. It knows frames, not transports. */

import {
  CMD_ACK,
  CMD_BINDING_INFO,
  CMD_HELLO,
  CMD_LAST_RESULT,
  CMD_PROGRESS,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_SCAN,
  FAIL_PARAMETERS,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_LEVEL,
  HELLO_WAIT,
  LAN_CAPABILITIES,
  LAN_CODE,
  LAN_DK,
  LAN_ERROR,
  LAN_OK,
  LAN_PK,
  LAN_PROGRESS,
  LAN_PROGRESS_ERROR,
  LAN_SECONDS,
  PROGRESS_FAILURE,
  PROGRESS_SUCCESS,
  WIFI_PASSWORD,
  WIFI_SERVER,
  WIFI_SSID,
} from "../codec/commands.js";
import type { Frame } from "../codec/frame.js";
import { parseServer } from "../codec/server.js";
import { decodeTtlv, encodeTtlv, findBytes, type Node } from "../codec/ttlv.js";
import type { Identity } from "../codec/identity.js";
import type { Platform } from "../platform.js";
import type { Random } from "../random/drbg.js";
import { scanNetworks } from "./scan.js";
import type { Client } from "./clients.js";

/** The result of a provisioning can be asked for this long after its end, in milliseconds. */
const RESULT_LIFE = 600000;

/** Wi-Fi credentials from an app, checked. */
export interface Credentials {
  /** 1-32 bytes. */
  ssid: string;
  /** 0 or 8-63 bytes. */
  password: string;
  /** URL of the MQTT server, or "" for the configured one. */
  server: string;
}

/** What the handshake needs to know and may set off. */
export interface HandshakeEvents {
  /** Starts to provision. @returns 0, or why not now (FAIL_…) */
  provision(credentials: Credentials): number;
  /** The code that an app may be given now, and its seconds; undefined while none is open and reported. */
  bindable(): { code: string; seconds: number } | undefined;
  capabilities(): number;
}

export interface Handshake {
  /** Answers one frame from an app. */
  handle(frame: Frame, client: Client): void;
  /** Tells the app that provisions how far it is. @param step PROGRESS_… */
  progress(step: number): void;
  /** Provisioning has ended. @param reason FAIL_…, or 0 @param code the bindingCode to bind with */
  finish(reason: number, code: string): void;
}

function credentialsOf(nodes: Node[] | undefined): Credentials | undefined {
  if (!nodes) return undefined;
  const ssid = findBytes(nodes, WIFI_SSID) || "";
  const password = findBytes(nodes, WIFI_PASSWORD) || "";
  const server = findBytes(nodes, WIFI_SERVER) || "";
  const fits = ssid && ssid.length <= 32 && password.length <= 63 && (!password || password.length >= 8);
  return fits && (!server || parseServer(server)) ? { ssid: ssid, password: password, server: server } : undefined;
}

export function createHandshake(
  platform: Platform,
  identity: Identity,
  random: Random,
  events: HandshakeEvents,
): Handshake {
  let app: Client | undefined;
  let requestId = 0;
  let lastResult: Node[] | undefined;
  let lastResultEnd = 0;

  function tell(cmd: number, nodes: Node[], id?: number): void {
    if (app) app.send(id || 0, cmd, encodeTtlv(nodes));
  }

  function success(code: string): Node[] {
    return [
      [LAN_OK, true],
      [LAN_PK, identity.pk],
      [LAN_DK, identity.dk],
      [LAN_CODE, code],
    ];
  }

  /** Level 0 offers no proof: the answer only says so. */
  function hello(nodes: Node[] | undefined): Node[] {
    const theirs = nodes && findBytes(nodes, HELLO_APP_RANDOM);
    const answer: Node[] = [
      [HELLO_LEVEL, 0],
      [HELLO_WAIT, 0],
    ];
    if (theirs) answer.push([HELLO_DEVICE_RANDOM, random(16)]);
    return answer;
  }

  function provision(frame: Frame, client: Client): Node[] {
    const credentials = credentialsOf(decodeTtlv(frame.data));
    const problem = credentials ? events.provision(credentials) : FAIL_PARAMETERS;
    const answer: Node[] = [[LAN_OK, !problem]];
    if (problem) {
      answer.push([LAN_ERROR, problem]);
    } else {
      app = client;
      requestId = frame.id;
      lastResult = undefined;
    }
    return answer;
  }

  function bindingInfo(): Node[] {
    const open = events.bindable();
    if (!open) return [[LAN_OK, false]];
    return success(open.code).concat([
      [LAN_SECONDS, open.seconds],
      [LAN_CAPABILITIES, events.capabilities()],
    ]);
  }

  function progress(step: number): void {
    tell(CMD_PROGRESS, [[LAN_PROGRESS, step]]);
  }

  return {
    handle(frame, client) {
      // The answer's command follows the request's.
      const send = (nodes: Node[]): void => client.send(frame.id, frame.cmd + 1, encodeTtlv(nodes));
      switch (frame.cmd) {
        case CMD_HELLO:
          return send(hello(decodeTtlv(frame.data)));
        case CMD_PROVISION:
          return send(provision(frame, client));
        case CMD_BINDING_INFO:
          return send(bindingInfo());
        case CMD_SCAN:
          return scanNetworks(platform, send);
        case CMD_LAST_RESULT:
          return send(lastResult && platform.now() < lastResultEnd ? lastResult : [[LAN_OK, false]]);
      }
      if (frame.cmd != CMD_ACK) client.send(frame.id, CMD_ACK, "");
    },
    progress: progress,
    finish(reason, code) {
      const outcome: Node[] = [[LAN_PROGRESS, reason ? PROGRESS_FAILURE : PROGRESS_SUCCESS]];
      if (reason) outcome.push([LAN_PROGRESS_ERROR, reason]);
      tell(CMD_PROGRESS, outcome);
      const answer: Node[] = reason ? [[LAN_OK, false]] : success(code);
      lastResult = answer.concat(outcome);
      lastResultEnd = platform.now() + RESULT_LIFE;
      tell(CMD_PROVISION_ANSWER, reason ? answer.concat([[LAN_ERROR, reason]]) : answer, requestId);
      app = undefined;
    },
  };
}
