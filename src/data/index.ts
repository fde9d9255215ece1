/**
 * WifiBindingData: application data over the library's session with the cloud and over those of apps that have logged in.
 * `require("WifiBindingData").start(require("WifiBinding"))`, after the start of WifiBinding.
 */

import type { Binding } from "../binding/index.js";
import type { Node } from "../codec/ttlv.js";
import {
  CMD_RAW_DOWN,
  CMD_RAW_UP,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_REPORT,
  CMD_WRITE,
  CMD_WRITE_ANSWER,
  UNPACK_CONTENT,
  WRITE_RESULT,
} from "../codec/commands.js";
import type { App } from "../lan/app.js";
import { emit, listen } from "./events.js";
import { cloud, enqueue, heard, pump, refuse, space, startQueue, stop, type Done, type QueueOptions } from "./queue.js";
import { createCodec, type Codec } from "./values.js";

export type Core = Pick<Binding, "cloud" | "on" | "push" | "serve" | "state">;

export interface DataOptions extends QueueOptions {
  /** Text of the table that `wifi-binding model` makes, from a file in Storage. Default: ids alone, unchecked. */
  model?: string;
}

export interface ReportOptions {
  /** 0: at most once, and only while the cloud is there. 1 (default): until the cloud has acknowledged it. */
  qos?: number;
  /** Whether newer values of an id take the place of these while they wait. */
  latest?: boolean;
}

export interface Data {
  /**
   * Reports values by their ids (1-8191) or names, to the cloud and to every app that has logged in.
   * @param done told once: whether the cloud has acknowledged; false also when `latest` or `stop` took it back
   * @returns false when it was not taken: the queue is full, or qos is 0 without the cloud or while 4 KiB wait
   * for the network; `drain` follows, at the latest 1 s later when the cloud is there and no report waits
   * @throws Failure "value" for what the wire cannot carry, what the model forbids, and what the queue could never hold
   */
  report(values: object, options?: ReportOptions, done?: (acknowledged: boolean) => void): boolean;
  /** As `report`, bytes that only the application knows (0024), to the cloud. */
  send(bytes: string | Uint8Array, options?: ReportOptions, done?: (acknowledged: boolean) => void): boolean;
  /**
   * "write" (values, from): the cloud ("cloud") or an app ("lan") sets values. "read" (ids, answer): asks for them, for all
   * when `ids` is empty; `answer(values)`. "raw" (bytes): 0023. "drain" (): after a false. "limit" (code): 10428 rate or
   * 10429 quota.
   */
  on(event: string, listener: (first?: never, second?: never) => void): void;
  /** Forgets what waits; writes and reads have no taker until `start`. */
  stop(): void;
}

/** Reports and reads of one turn: an app whose frames wait for longer is closed by the library. */
const MOST_PUSHED = 8;
/** Ids of one read. */
const MOST_IDS = 128;

let core: Core;
let model: string;
let pushed = 0;

/** Made anew for each use: its functions take more than all the rest of this module. */
function codec(): Codec {
  return createCodec(cloud.encode, model, space);
}

/** A command of an app, or of the cloud when there is none. @returns 0, or a code of 00A4 and of 7036 */
function take(app: App | undefined, id: number, nodes: Node[] | undefined, data: string, cmd: number): number {
  const answer = (values: unknown): void => {
    const content = codec().encode(CMD_READ_ANSWER, values)._content;
    if (!app) cloud.send("bus", CMD_READ_ANSWER, content, id);
    else {
      // Some apps take the one for an answer, some the other.
      app.send(id, CMD_READ_ANSWER, content);
      app.send(0, CMD_REPORT, content);
    }
  };
  let wrong = UNPACK_CONTENT;
  try {
    if (cmd == CMD_RAW_DOWN) wrong = emit("raw", data);
    else if (cmd == CMD_READ) {
      if (data.length <= 2 * MOST_IDS) wrong = emit("read", codec().ids(data), answer);
    } else if (nodes && nodes.length) wrong = emit("write", codec().written(nodes), app ? "lan" : "cloud");
  } catch (_error) {}
  if (app) {
    if (cmd == CMD_WRITE) app.send(id, CMD_WRITE_ANSWER, [[WRITE_RESULT, wrong]]);
    else if (wrong) app.send(id, CMD_READ_ANSWER, []);
  }
  return wrong;
}

function takeFromCloud(id: number, nodes: Node[] | undefined, data: string, cmd: number): number {
  return take(undefined, id, nodes, data, cmd);
}

/** Takes values to the cloud and to apps; to the cloud alone as another command. */
function report(values: unknown, options?: ReportOptions, done?: Done, other?: number): boolean {
  const cmd = other || CMD_REPORT;
  const how = options || {};
  const body = codec().encode(cmd, values);
  let taken = false;
  if (other || pushed < MOST_PUSHED) {
    if (how.qos === 0) taken = cloud.send("bus", cmd, body._content);
    else taken = enqueue(cmd, body, done, !other && how.latest);
  }
  if (!taken) refuse();
  else if (!other) {
    core.push(cmd, body._content);
    pushed++;
    setTimeout(() => pump(pushed-- >= MOST_PUSHED), 0);
  }
  return taken;
}

/** Once: the library has no way to take a handler back. */
function serve(): void {
  [CMD_WRITE, CMD_READ].forEach((cmd) => {
    cloud.on(cmd, takeFromCloud);
    core.serve(cmd, take);
  });
  cloud.on(CMD_RAW_DOWN, takeFromCloud);
  core.on("state", heard);
  core.on("error", heard);
}

const data: Data = {
  report: report as Data["report"],
  send: (bytes, options, done) => report(bytes, options, done, CMD_RAW_UP),
  on: listen as Data["on"],
  stop: stop,
};

/** @throws Failure "stopped" before the start of WifiBinding */
export function start(binding: Core, options?: DataOptions): Data {
  const chosen = options || {};
  const known = core;
  core = binding;
  model = chosen.model || "";
  startQueue(core.cloud(), chosen);
  heard({ state: core.state() });
  if (!known) serve();
  return data;
}
