/** The handshake: what an app may ask over the LAN, and the answers. It knows frames, not transports. */

import {
  CMD_ACK,
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_HELLO,
  CMD_HELLO_ANSWER,
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROGRESS,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_SCAN,
  CMD_SCAN_ANSWER,
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
import { decodeTtlv, encodeTtlv, findBytes, type Node } from "../codec/ttlv.js";
import type { Identity } from "../identity.js";
import type { Platform } from "../platform.js";
import type { Drbg } from "../random/drbg.js";
import { parseServer } from "../codec/server.js";
import { scanNetworks } from "./scan.js";
import type { Client } from "./tcp.js";

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

function credentialsOf(nodes: Node[]): Credentials | undefined {
  const ssid = findBytes(nodes, WIFI_SSID) || "";
  const password = findBytes(nodes, WIFI_PASSWORD) || "";
  const server = findBytes(nodes, WIFI_SERVER) || "";
  const passwordFits = !password || (password.length >= 8 && password.length <= 63);
  if (!ssid || ssid.length > 32 || !passwordFits || (server && !parseServer(server))) return undefined;
  return { ssid: ssid, password: password, server: server };
}

export class Handshake {
  private _client: Client | undefined;
  private _requestId = 0;
  private _result: Node[] | undefined;
  private _resultEnd = 0;

  constructor(
    private _platform: Platform,
    private _identity: Identity,
    private _random: Drbg,
    private _events: HandshakeEvents,
  ) {}

  /** Answers one frame from an app. */
  handle(frame: Frame, client: Client): void {
    switch (frame.cmd) {
      case CMD_HELLO:
        return this._hello(frame, client);
      case CMD_PROVISION:
        return this._provision(frame, client);
      case CMD_BINDING_INFO:
        return client.send(frame.id, CMD_BINDING_INFO_ANSWER, encodeTtlv(this._bindingInfo()));
      case CMD_SCAN:
        return scanNetworks(this._platform, (nodes) => client.send(frame.id, CMD_SCAN_ANSWER, encodeTtlv(nodes)));
      case CMD_LAST_RESULT:
        return client.send(frame.id, CMD_LAST_RESULT_ANSWER, encodeTtlv(this._lastResult()));
      case CMD_ACK:
        return;
      default:
        client.send(frame.id, CMD_ACK, "");
    }
  }

  /** Tells the app that provisions how far it is. @param step PROGRESS_… */
  progress(step: number): void {
    this._tell(0, CMD_PROGRESS, [[LAN_PROGRESS, step]]);
  }

  /** Provisioning ended well: the app gets what the binding call needs. */
  succeeded(code: string): void {
    this.progress(PROGRESS_SUCCESS);
    this._end(this._success(code), [[LAN_PROGRESS, PROGRESS_SUCCESS]]);
  }

  /** Provisioning ended badly. @param reason FAIL_… */
  failed(reason: number): void {
    this._tell(0, CMD_PROGRESS, [
      [LAN_PROGRESS, PROGRESS_FAILURE],
      [LAN_PROGRESS_ERROR, reason],
    ]);
    this._end(
      [
        [LAN_OK, false],
        [LAN_ERROR, reason],
      ],
      [
        [LAN_PROGRESS, PROGRESS_FAILURE],
        [LAN_PROGRESS_ERROR, reason],
      ],
    );
  }

  /** Level 0 offers no proof: the answer only says so. */
  private _hello(frame: Frame, client: Client): void {
    const nodes = decodeTtlv(frame.data);
    const random = nodes && findBytes(nodes, HELLO_APP_RANDOM);
    if (!random || random.length != 16) return;
    const answer: Node[] = [
      [HELLO_DEVICE_RANDOM, this._random.bytes(16)],
      [HELLO_LEVEL, 0],
      [HELLO_WAIT, 0],
    ];
    client.send(frame.id, CMD_HELLO_ANSWER, encodeTtlv(answer));
  }

  private _provision(frame: Frame, client: Client): void {
    const nodes = decodeTtlv(frame.data);
    const credentials = nodes && credentialsOf(nodes);
    const problem = credentials ? this._events.provision(credentials) : FAIL_PARAMETERS;
    const answer: Node[] = [[LAN_OK, !problem]];
    if (problem) {
      answer.push([LAN_ERROR, problem]);
    } else {
      this._client = client;
      this._requestId = frame.id;
      this._result = undefined;
    }
    client.send(frame.id, CMD_PROVISION_ANSWER, encodeTtlv(answer));
  }

  private _success(code: string): Node[] {
    return [
      [LAN_OK, true],
      [LAN_PK, this._identity.pk],
      [LAN_DK, this._identity.dk],
      [LAN_CODE, code],
    ];
  }

  private _bindingInfo(): Node[] {
    const open = this._events.bindable();
    if (!open) return [[LAN_OK, false]];
    const nodes = this._success(open.code);
    nodes.push([LAN_SECONDS, open.seconds], [LAN_CAPABILITIES, this._events.capabilities()]);
    return nodes;
  }

  private _lastResult(): Node[] {
    return this._result && this._platform.now() < this._resultEnd ? this._result : [[LAN_OK, false]];
  }

  private _end(answer: Node[], outcome: Node[]): void {
    this._tell(this._requestId, CMD_PROVISION_ANSWER, answer);
    this._client = undefined;
    // As 7011, with 10 and 11 of 7012: the error's place is taken by the progress.
    this._result = answer.filter((node) => node[0] != LAN_ERROR).concat(outcome);
    this._resultEnd = this._platform.now() + RESULT_LIFE;
  }

  private _tell(id: number, cmd: number, nodes: Node[]): void {
    if (this._client && this._client.open) this._client.send(id, cmd, encodeTtlv(nodes));
  }
}
