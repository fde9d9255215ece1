/**
 * WifiBindingOta: updates of the application over the cloud, signed, into the slot that does not run, on trial.
 * `require("WifiBindingOta").start(require("WifiBinding"))` after WifiBinding's own start, in the same turn.
 */

import type { Binding } from "../binding/index.js";
import { CMD_UPDATE_FILE, CMD_UPDATE_TASK, UNPACK_CONTENT } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import { createWorker, type Worker } from "./worker.js";

/** The part of WifiBinding that this module uses. */
export type Core = Pick<Binding, "cloud" | "identity" | "on" | "updates">;

/** An update that the cloud offers. Without an answer it is accepted. */
export interface Task {
  /** The new version, and the one that the cloud takes the device to have. */
  version: string;
  source: string;
  /** What the cloud demands: least charge, space and signal; 0 where it demands none. Their units are not known. */
  battery: number;
  space: number;
  signal: number;
  accept(): void;
  decline(): void;
  /** Asks again after so many seconds. */
  later(seconds: number): void;
}

/** Events, and what their listeners are handed. */
export interface OtaEvents {
  task: Task;
  /** So many bytes of the file are in flash and checked. */
  progress: { done: number; total: number };
  /** The new version runs and is good. */
  done: { version: string };
  /**
   * "declined", "busy", "component" (not the module), "key" (the identity has none), "slots" (no boot file), "timeout" (no file within 30 s), "url",
   * "connection", "stalled", "http" (a status, a redirect, a header, HTML), "size", "format", "product", "version",
   * "signature", "image", "space", "storage", "trial" (the new version was not good: the old one runs).
   */
  failed: { code: string; version: string };
}

type Listener = (details: OtaEvents[keyof OtaEvents]) => void;

let core: Core;
let worker: Worker | undefined; // while there is something to do
let online = false;
let asked = false; // whether the cloud has been reached since the boot
let occupied = false;
const listeners: [string, Listener][] = [];

/** `on(event, listener)`: the events are those of OtaEvents. */
export function on<E extends keyof OtaEvents>(event: E, listener: (details: OtaEvents[E]) => void): void {
  listeners.push([event, listener as Listener]);
}

/** While an application is busy, tasks are declined, and the device does not reboot into a new version. */
export function busy(now: boolean): void {
  occupied = now;
}

function emit<E extends keyof OtaEvents>(event: E, details: OtaEvents[E]): void {
  listeners.forEach((entry) => {
    try {
      if (entry[0] == event) entry[1](details);
    } catch (error) {
      print("WB error listener=" + event + " " + String(error));
    }
  });
}

function wake(): Worker {
  worker =
    worker ||
    createWorker({
      cloud: core.cloud(),
      updates: core.updates(),
      product: () => core.identity().pk,
      busy: () => occupied,
      emit: emit,
      idle() {
        worker = undefined;
      },
    });
  return worker;
}

/** Not from the handler: it is deep in the stack. */
function serve(take: "task" | "file", nodes: Node[] | undefined): number | void {
  if (!nodes) return UNPACK_CONTENT;
  setTimeout(() => wake()[take](nodes), 0);
}

function changed(event: { state: string }): void {
  const before = online;
  const first = !asked;
  online = event.state == "online" || event.state == "bound";
  if (!online || before) return;
  asked = true;
  wake().connected(first);
}

function taskCame(_id: number, nodes: Node[] | undefined): number | void {
  return serve("task", nodes);
}

function fileCame(_id: number, nodes: Node[] | undefined): number | void {
  return serve("file", nodes);
}

/**
 * Takes updates from now on.
 * @param binding what `require("WifiBinding")` returns, started
 * @throws Failure "stopped" where the binding has not started
 */
export function start(binding: Core): void {
  core = binding;
  core.cloud().on(CMD_UPDATE_TASK, taskCame);
  core.cloud().on(CMD_UPDATE_FILE, fileCame);
  core.on("state", changed);
  wake().begin();
}
