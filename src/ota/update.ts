/** The update that is under way, as flash holds it, and what cloud and application are told of it. */

import type { Updates } from "../binding/hooks.js";
import type { Binding } from "../binding/index.js";
import type { Cloud } from "../cloud/session.js";
import {
  CMD_UPDATE_STATE,
  UPDATE_COMPONENT,
  UPDATE_DONE,
  UPDATE_STATE,
  UPDATE_STATE_NAME,
  UPDATE_STATE_NAMES,
  UPDATE_TYPE,
  UPDATE_VERSION,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { OtaEvents } from "./events.js";
import { VERSION } from "./version.js";

/** Topic class of updates [S]. */
export const CLASS = "ota";

/** The part of WifiBinding that this module uses. */
export type Core = Pick<Binding, "cloud" | "identity" | "on" | "updates">;

export interface Emitter {
  emit<E extends keyof OtaEvents>(event: E, details: OtaEvents[E]): void;
}

/** What the part of the module that stays in RAM lends to the one that comes and goes. */
export type Lent = [
  cloud: Core["cloud"],
  identity: Core["identity"],
  updates: Core["updates"],
  /** Where the application listens. */
  module: Emitter,
  /** Whether the application is busy. */
  busy: () => boolean,
  /** Nothing is under way any more. */
  idle: () => void,
];

/** In flash it is an array of these. */
type Update = [
  /** The newest version that was ever good. */
  floor: string,
  /** UPDATE_…; 0 or undefined: none is under way, and what follows is not there. */
  state: number,
  component: string,
  target: string,
  url: string,
  /** Bytes of the whole file. */
  size: number,
  /** The slot that it goes to. */
  letter: string,
];
export const FLOOR = 0;
export const STATE = 1;
export const COMPONENT = 2;
export const TARGET = 3;
export const URL = 4;
export const SIZE = 5;
export const LETTER = 6;

/** The slot of the application that runs. */
export const slot = global.appSlot!;

export let identity: Core["identity"];
export let module: Emitter;
export let busy: () => boolean;
export let idle: () => void;
export let cloud: Cloud;
export let updates: Updates;
export let update: Update;

/** Takes what is lent, and what a reboot has left. */
export function restore(lent: Lent): void {
  cloud = lent[0]();
  identity = lent[1];
  updates = lent[2]();
  module = lent[3];
  busy = lent[4];
  idle = lent[5];
  update = (updates.task() || [[0, ""]]).map((node) => node[1]) as Update;
}

export function log(text: string): void {
  print("WB ota " + text);
}

export function save(state: number): void {
  update[STATE] = state;
  // None of it is written after `stop`.
  try {
    updates.task(update.map((value): Node => [0, value]));
  } catch (_error) {}
}

/** Another one is under way, or none. @param rest all but the floor */
export function replace(rest: unknown[]): void {
  update = [update[FLOOR]].concat(rest as string[]) as unknown as Update;
}

/** The version of the application that runs, without its suffix. */
export function version(): string {
  return updates.settings.firmware.match(VERSION)![0];
}

/** @returns other than 0 when it is taken */
export function report(state: number, done?: (acknowledged: boolean) => void): number {
  const name = UPDATE_STATE_NAMES.split(",")[state];
  const nodes: Node[] = [
    [UPDATE_STATE, state],
    [UPDATE_STATE_NAME, name],
    [UPDATE_TYPE, 0],
    [UPDATE_COMPONENT, update[COMPONENT]],
  ];
  if (state >= UPDATE_DONE) nodes.push([UPDATE_VERSION, version()]);
  log("state=" + state + " " + name);
  return cloud.publish(CLASS, CMD_UPDATE_STATE, nodes, done);
}
