/**
 * WifiBindingOta: updates of the application over the cloud, signed, into the slot that does not run, on trial.
 * `require("WifiBindingOta").start(require("WifiBinding"))` after WifiBinding's own start, in the same turn.
 */

import type { Binding } from "../binding/index.js";
import { CMD_UPDATE_FILE, CMD_UPDATE_TASK, UNPACK_CONTENT } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { OtaEvents } from "./events.js";
import { createWorker, type Worker } from "./worker.js";

export type { OtaEvents, Task } from "./events.js";

/** The part of WifiBinding that this module uses. */
export type Core = Pick<Binding, "cloud" | "identity" | "on" | "updates">;

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
