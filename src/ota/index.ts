/**
 * WifiBindingOta: updates of the application over the cloud, signed, into the slot that does not run, on trial.
 * `require("WifiBindingOta").start(require("WifiBinding"))` after WifiBinding's own start, in the same turn.
 */

import { CMD_UPDATE_FILE, CMD_UPDATE_TASK, UNPACK_CONTENT } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { OtaEvents } from "./events.js";
import type { Core, Emitter } from "./update.js";
import { createWorker, type Worker } from "./worker.js";

export type { OtaEvents, Task } from "./events.js";

/** This module on the device: every object of Espruino has events. */
declare const exports: Emitter;

/** `on(event, listener)`, Espruino's own: the events are those of OtaEvents. */
export declare function on<E extends keyof OtaEvents>(event: E, listener: (details: OtaEvents[E]) => void): void;

// What a worker is told: the places of its functions. The first two are for 0111 and 0113.
const CONNECTED = 2;
const BEGIN = 3;
const STOP = 4;

// Not the object that offers them: the firmware makes one for each module, of all that any of them uses.
let cloud: Core["cloud"];
let identity: Core["identity"];
let updates: Core["updates"];
let worker: Worker | undefined; // while there is something to do
let online = false;
let first = true; // until the cloud has been reached since the boot
let occupied = false;

/** While an application is busy, tasks are declined, and the device does not reboot into a new version. */
export function busy(now: boolean): void {
  occupied = now;
}

function tell(event: number, argument: unknown): void {
  worker =
    worker ||
    createWorker([
      cloud,
      identity,
      updates,
      exports,
      () => occupied,
      () => {
        worker = undefined;
      },
    ]);
  worker[event](argument as never);
}

/** Not from the handler: it is deep in the stack. */
function serve(_id: number, nodes: Node[] | undefined, _data: string, cmd: number): number | void {
  if (!nodes) return UNPACK_CONTENT;
  setTimeout(() => tell(+(cmd == CMD_UPDATE_FILE), nodes), 0);
}

function changed(event: { state: string }): void {
  const now = /online|bound/.test(event.state);
  if (now && !online) {
    // Not from the event either.
    setTimeout(() => {
      if (!online) return;
      tell(CONNECTED, first);
      first = false;
    }, 0);
  }
  online = now;
  if (event.state == "idle" && worker) tell(STOP, 0);
}

/**
 * Takes updates from now on.
 * @param binding what `require("WifiBinding")` returns, started
 * @throws Failure "stopped" where the binding has not started
 */
export function start(binding: Core): void {
  cloud = binding.cloud;
  identity = binding.identity;
  updates = binding.updates;
  cloud().on(CMD_UPDATE_TASK, serve);
  cloud().on(CMD_UPDATE_FILE, serve);
  binding.on("state", changed);
  tell(BEGIN, 0);
}
