/** The handshake: what an app may ask over the LAN, and the answers. It knows frames, not transports. */

import {
  CMD_ACK,
  CMD_BINDING_INFO,
  CMD_HELLO,
  CMD_LAST_RESULT,
  CMD_PROGRESS,
  CMD_PROVE,
  CMD_PROVE_ANSWER,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_SCAN,
  FAIL_PARAMETERS,
  FAIL_PROOF,
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
  PROGRESS_SCAN,
  PROGRESS_SUCCESS,
  PROVE_APP,
  PROVE_DEVICE,
  PROVE_OK,
  WIFI_PASSWORD,
  WIFI_SERVER,
  WIFI_SSID,
} from "../codec/commands.js";
import type { Frame } from "../codec/frame.js";
import { parseServer } from "../codec/server.js";
import { decodeTtlv, encodeTtlv, findBytes, type Node } from "../codec/ttlv.js";
import type { Identity } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import { scanNetworks } from "./scan.js";
import { createChannel, deviceProof, provesApp, RANDOM } from "./channel.js";
import type { Client } from "./clients.js";
import type { Lockout } from "./lockout.js";

/** The result of a provisioning can be asked for this long after its end, in milliseconds. */
const RESULT_LIFE = 600000;

/** What an app may ask once it has proved its possession, if it has to. */
const REQUESTS = [CMD_PROVISION, CMD_BINDING_INFO, CMD_SCAN, CMD_LAST_RESULT];

const REFUSAL: Node[] = [[LAN_OK, false]];

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
  /** Gives, once, the code that an app may have and its seconds; undefined while none is open and reported. */
  bindable(done: (open: { code: string; seconds: number } | undefined) => void): void;
  capabilities(): number;
  /** K: what an app has to know at level 1; "" at level 0. */
  key(): string;
  /** The app has heard the end of its provisioning. */
  farewell(): void;
}

export interface Handshake {
  /** Answers one frame from an app. */
  handle(frame: Frame, client: Client): void;
  /** Tells the app that provisions how far it is. @param step PROGRESS_… */
  progress(step: number): void;
  /** Provisioning has ended. @param reason FAIL_…, or 0 @param code the bindingCode to bind with */
  finish(reason: number, code: string): void;
}

function credentialsOf(nodes: Node[]): Credentials | undefined {
  const ssid = findBytes(nodes, WIFI_SSID) || "";
  const password = findBytes(nodes, WIFI_PASSWORD) || "";
  const server = findBytes(nodes, WIFI_SERVER) || "";
  const fits = ssid && ssid.length <= 32 && password.length <= 63 && (!password || password.length >= 8);
  return fits && (!server || parseServer(server)) ? { ssid: ssid, password: password, server: server } : undefined;
}

/** @once */
export function createHandshake(
  hal: Hal,
  identity: Identity,
  random: Random,
  lockout: Lockout,
  events: HandshakeEvents,
): Handshake {
  let app: Client | undefined;
  // Package id of the 7010 that is under way, and of the 7011 that ended the last one well.
  let requestId = 0;
  let farewellId = 0;
  let current = PROGRESS_SCAN;
  // How the last provisioning ended: 0, FAIL_…, or undefined while nobody need know.
  let lastReason: number | undefined;
  let lastResultEnd = 0;

  function tell(cmd: number, nodes: Node[], id?: number): void {
    if (app) app.send(id || 0, cmd, encodeTtlv(nodes));
  }

  /** Without a code when none is open any more. */
  function success(code: string): Node[] {
    const nodes: Node[] = [
      [LAN_OK, true],
      [LAN_PK, identity.pk],
      [LAN_DK, identity.dk],
    ];
    if (code) nodes.push([LAN_CODE, code]);
    return nodes;
  }

  /** 7003: the randoms of a proof. Level 0 asks for none: the answer only says so. */
  function hello(nodes: Node[], client: Client): Node[] {
    const theirs = findBytes(nodes, HELLO_APP_RANDOM) || "";
    const own = random(RANDOM, theirs);
    client.randoms = theirs.length == RANDOM ? theirs + own : "";
    return [
      [HELLO_DEVICE_RANDOM, own],
      [HELLO_LEVEL, events.key() ? 1 : 0],
      [HELLO_WAIT, lockout.wait()],
    ];
  }

  /** 7005: each pair of randoms is good for one try. The channel begins behind the answer. */
  function prove(frame: Frame, nodes: Node[], client: Client): void {
    const key = events.key();
    const randoms = client.randoms;
    const due = key != "" && randoms != "" && !lockout.wait();
    const passed = due && provesApp(hal, key, randoms, identity.dk, findBytes(nodes, PROVE_APP) || "");
    const answer: Node[] = [[PROVE_OK, passed]];
    client.randoms = "";
    if (passed) {
      lockout.passed();
      answer.push([PROVE_DEVICE, deviceProof(hal, key, randoms, identity.dk)]);
    } else if (due) lockout.failed();
    client.send(frame.id, CMD_PROVE_ANSWER, encodeTtlv(answer));
    if (passed) client.channel = createChannel(hal, key, randoms);
  }

  function provision(frame: Frame, nodes: Node[], client: Client): Node[] {
    const credentials = credentialsOf(nodes);
    const problem = credentials ? events.provision(credentials) : FAIL_PARAMETERS;
    const answer: Node[] = [[LAN_OK, !problem]];
    if (problem) {
      answer.push([LAN_ERROR, problem]);
    } else {
      app = client;
      requestId = frame.id;
      lastReason = undefined;
      farewellId = 0;
    }
    return answer;
  }

  function bindingInfo(open: { code: string; seconds: number } | undefined): Node[] {
    if (!open) return REFUSAL;
    return success(open.code).concat([
      [LAN_SECONDS, open.seconds],
      [LAN_CAPABILITIES, events.capabilities()],
    ]);
  }

  function progress(step: number): void {
    current = step;
    tell(CMD_PROGRESS, [[LAN_PROGRESS, step]]);
  }

  /** The end of a provisioning, as 7012 tells it. */
  function outcome(reason: number): Node[] {
    const nodes: Node[] = [[LAN_PROGRESS, reason ? PROGRESS_FAILURE : PROGRESS_SUCCESS]];
    if (reason) nodes.push([LAN_PROGRESS_ERROR, reason]);
    return nodes;
  }

  /** 7018: how far a provisioning is, or how the last one ended: well, with the code that is good now. */
  function lastResult(send: (answer: Node[]) => void): void {
    const reason = hal.now() < lastResultEnd ? lastReason : undefined;
    if (reason === 0) return events.bindable((open) => send(success(open ? open.code : "").concat(outcome(0))));
    if (reason) return send(REFUSAL.concat(outcome(reason)));
    send(requestId ? [[LAN_PROGRESS, current]] : REFUSAL);
  }

  return {
    handle(frame, client) {
      const cmd = frame.cmd;
      const data = client.channel ? client.channel.open(cmd, frame.data) : frame.data;
      if (data === undefined) return;
      const nodes = decodeTtlv(data) || [];
      // The answer's command follows the request's.
      const send = (answer: Node[]): void => {
        const said = encodeTtlv(answer);
        // What the radio sees, and when it was asked.
        random(0, said);
        client.send(frame.id, cmd + 1, said);
      };
      if (cmd == CMD_ACK) {
        if (farewellId && frame.id == farewellId) events.farewell();
        return;
      }
      if (cmd == CMD_HELLO) return send(hello(nodes, client));
      if (cmd == CMD_PROVE) return prove(frame, nodes, client);
      if (REQUESTS.indexOf(cmd) < 0) return client.send(frame.id, CMD_ACK, "");
      if (events.key() && !client.channel) {
        return send(REFUSAL.concat([[LAN_ERROR, FAIL_PROOF]]));
      }
      if (cmd == CMD_SCAN) return scanNetworks(hal, send);
      if (cmd == CMD_PROVISION) return send(provision(frame, nodes, client));
      if (cmd == CMD_LAST_RESULT) return lastResult(send);
      events.bindable((open) => send(bindingInfo(open)));
    },
    progress: progress,
    finish(reason, code) {
      tell(CMD_PROGRESS, outcome(reason));
      lastReason = reason;
      lastResultEnd = hal.now() + RESULT_LIFE;
      tell(CMD_PROVISION_ANSWER, reason ? REFUSAL.concat([[LAN_ERROR, reason]]) : success(code), requestId);
      if (!reason) farewellId = requestId;
      requestId = 0;
      app = undefined;
    },
  };
}
