/**
 * WifiBindingData: application data over the library's session with the cloud and over those of apps that have logged in.
 * `require("WifiBindingData").start(require("WifiBinding"))`, after the start of WifiBinding.
 */

import type { Binding } from "../binding/index.js";
import type { Content, Node } from "../codec/ttlv.js";
import type { Cloud } from "../cloud/session.js";
import {
  CMD_RAW_DOWN,
  CMD_RAW_UP,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_REPORT,
  CMD_WRITE,
  CMD_WRITE_ANSWER,
  CODE_RATE,
  UNPACK_COMMAND,
  UNPACK_CONTENT,
  WRITE_RESULT,
} from "../codec/commands.js";
import { badValue, useModel } from "./model.js";
import { emptyQueue, enqueue, pump, startQueue, textOf, type Done, type Parts } from "./queue.js";
import { bytesOf, encodeValues, keyOf, useCodec, writtenIn, type Values } from "./values.js";

export type Core = Pick<Binding, "cloud" | "on" | "push" | "serve" | "state">;

export interface DataOptions {
  /** Text of the table that `wifi-binding model` makes, from a file in Storage. Default: ids alone, unchecked. */
  model?: string;
  /** Reports that may wait to be acknowledged, 1 or more. Default 16. */
  frames?: number;
  /** And their bytes; the longest report has as many. Default 2048. */
  bytes?: number;
  /** Reports that are in flight at the same time, 1-6. Default 4. */
  flight?: number;
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
   * @returns false when it was not taken: the queue is full, or qos is 0 without the cloud; `drain` follows
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

type Listener = (first?: unknown, second?: unknown) => void;

/** Reports and reads of one turn: an app whose frames wait for longer is closed by the library. */
const MOST_PUSHED = 8;
const MOST_IN_FLIGHT = 6;
/** Ids of one read. */
const MOST_IDS = 128;

let core: Core;
let cloud: Cloud;
let limit = 0; // bytes of the queue
let listeners: [string, Listener][] = [];
let refused = false; // whether `drain` is waited for
let pushed = 0;

function emit(event: string, first?: unknown, second?: unknown): boolean {
  const taking = listeners.filter((entry) => entry[0] == event);
  // In turns of their own: the stack is small, and this is deep in it.
  taking.forEach((entry) => setTimeout(() => entry[1](first, second), 0));
  return taking.length > 0;
}

function isOnline(): boolean {
  return "online,bound".indexOf(core.state()) >= 0;
}

function drained(): void {
  if (refused) emit("drain");
  refused = false;
}

/** @returns what to say of a write: 0, or a code of 00A4 and of 7036 */
function write(nodes: Node[] | undefined, from: string): number {
  try {
    if (nodes && nodes.length) return emit("write", writtenIn(nodes), from) ? 0 : UNPACK_COMMAND;
  } catch (_error) {}
  return UNPACK_CONTENT;
}

/** @param answer sends the content of an answer */
function read(data: string, answer: (content: string) => void): number {
  const ids: (string | number)[] = [];
  if (data.length > 2 * MOST_IDS) return UNPACK_CONTENT;
  for (let i = 0; i + 1 < data.length; i += 2) ids.push(keyOf((data.charCodeAt(i) << 8) | data.charCodeAt(i + 1)));
  const reply = (values: Values): void => answer(textOf(encodeValues(values)));
  return emit("read", ids, reply) ? 0 : UNPACK_COMMAND;
}

/** Takes content to the cloud. @param free whether there is space otherwise */
function take(cmd: number, parts: Parts, options: ReportOptions, done: Done | undefined, free: boolean): boolean {
  const content = textOf(parts);
  if (!content || content.length > limit) throw badValue("content", content.length + " bytes");
  if (free) free = options.qos === 0 ? cloud.send("bus", cmd, content) : enqueue(cmd, parts, done, !!options.latest);
  if (!free) refused = true;
  return free;
}

function report(values: Values, options?: ReportOptions, done?: Done): boolean {
  const parts = encodeValues(values);
  if (!take(CMD_REPORT, parts, options || {}, done, pushed < MOST_PUSHED)) return false;
  core.push(CMD_REPORT, textOf(parts));
  pushed++;
  setTimeout(() => {
    if (pushed-- >= MOST_PUSHED) drained();
  }, 0);
  return true;
}

function send(bytes: string | Uint8Array, options?: ReportOptions, done?: Done): boolean {
  return take(CMD_RAW_UP, { 0: bytesOf("raw", bytes) }, { qos: options && options.qos }, done, true);
}

/** Once: the library has no way to take a handler back. */
function serve(): void {
  cloud.on(CMD_WRITE, (_id, nodes) => write(nodes, "cloud"));
  cloud.on(CMD_READ, (id, _nodes, data) => read(data, (content) => cloud.send("bus", CMD_READ_ANSWER, content, id)));
  cloud.on(CMD_RAW_DOWN, (_id, _nodes, data) => (emit("raw", data) ? 0 : UNPACK_COMMAND));
  core.serve(CMD_WRITE, (app, id, nodes) => app.send(id, CMD_WRITE_ANSWER, [[WRITE_RESULT, write(nodes, "lan")]]));
  core.serve(CMD_READ, (app, id, _nodes, data) => {
    // Some apps take the one for an answer, some the other.
    const answer = (content: Content): void => {
      app.send(id, CMD_READ_ANSWER, content);
      app.send(0, CMD_REPORT, content);
    };
    if (read(data, answer)) app.send(id, CMD_READ_ANSWER, []);
  });
  core.on("state", () => {
    if (!isOnline()) return;
    pump();
    drained();
  });
  core.on("error", (event) => {
    if (event.number! >> 1 == CODE_RATE >> 1) emit("limit", event.number);
  });
}

/** @throws Failure "stopped" before the start of WifiBinding */
export function start(binding: Core, options?: DataOptions): Data {
  const chosen = options || {};
  const known = core;
  core = binding;
  cloud = core.cloud();
  limit = chosen.bytes || 2048;
  useCodec(cloud.encode);
  useModel(chosen.model || "");
  // Two of the session's flights are the library's.
  const flight = Math.min(chosen.flight || 4, MOST_IN_FLIGHT);
  startQueue(cloud, chosen.frames || 16, limit, flight, isOnline, drained, setTimeout);
  if (!known) serve();
  return {
    report: report as Data["report"],
    send: send,
    on(event, listener) {
      listeners.push([event, listener as Listener]);
    },
    stop() {
      listeners = [];
      emptyQueue();
    },
  };
}
