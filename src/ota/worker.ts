/**
 * All that an update takes. The build puts this file and what it imports into one function, so that a device has them in
 * its RAM only while there is something to do.
 */

import {
  CMD_UPDATE_ASK,
  UPDATE_ASKED,
  UPDATE_BATTERY,
  UPDATE_COMPONENT,
  UPDATE_CONFIRMED,
  UPDATE_CRC,
  UPDATE_DONE,
  UPDATE_INSTALLING,
  UPDATE_LIST,
  UPDATE_LOADING,
  UPDATE_MD5,
  UPDATE_REQUESTED,
  UPDATE_SIGNAL,
  UPDATE_SIZE,
  UPDATE_SOURCE,
  UPDATE_SPACE,
  UPDATE_TARGET,
  UPDATE_TYPE,
  UPDATE_URL,
  UPDATE_VERSION,
} from "../codec/commands.js";
import type { Node, Value } from "../codec/ttlv.js";
import { end, judge, refuse, reportEnd } from "./end.js";
import { pieceHolds, pointTo, read, readHead } from "./files.js";
import { hangUp, install } from "./installer.js";
import { FIRST, SECOND } from "./slots.js";
import { begun, go, halt } from "./turns.js";
import {
  busy,
  CLASS,
  cloud,
  FLOOR,
  idle,
  LETTER,
  log,
  module,
  replace,
  report,
  restore,
  save,
  SIZE,
  slot,
  STATE,
  TARGET,
  update,
  updates,
  URL,
  version,
  type Lent,
} from "./update.js";
import { rank, VERSION } from "./version.js";

/** Milliseconds from consent to 0113 [S]. */
const FILE_TIMEOUT = 30000;

/** The value of the last node with that id and of the type of `otherwise`, or that. */
function valueOf<V extends Value>(nodes: Node[], id: number, otherwise: V): V {
  nodes.forEach((node) => {
    if (node[0] == id && typeof node[1] == typeof otherwise) otherwise = node[1] as V;
  });
  return otherwise;
}

/** Why no update can be taken, whatever it is; "" where one can. @param target the rank of its version */
function obstacle(nodes: Node[], target: string): string {
  if (!read("WifiBindingSlh", 0, 1)) return "module";
  if (valueOf(nodes, UPDATE_TYPE, 0)) return "component";
  if (!updates.key()) return "key";
  if (!slot) return "slots";
  if (!target || target < rank(update[FLOOR]) || target < rank(version())) return "version";
  return busy() || global.appIsGood ? "busy" : "";
}

function confirm(): void {
  save(UPDATE_CONFIRMED);
  report(UPDATE_CONFIRMED);
  go(() => end("timeout"), FILE_TIMEOUT);
}

/** Asks the listeners, then answers the cloud: not from its frame, and after state 1. @param nodes of 0111 */
function ask(nodes: Node[]): void {
  const code = obstacle(nodes, rank(update[TARGET]));
  if (code) return refuse(code);
  let wait = 0; // seconds; negative: declined
  module.emit("task", {
    version: update[TARGET],
    source: valueOf(nodes, UPDATE_SOURCE, ""),
    battery: valueOf(nodes, UPDATE_BATTERY, 0),
    space: valueOf(nodes, UPDATE_SPACE, 0),
    signal: valueOf(nodes, UPDATE_SIGNAL, 0),
    accept() {
      wait = 0;
    },
    decline() {
      wait = -1;
    },
    later(seconds) {
      wait = seconds;
    },
  });
  // The listeners run before it.
  go(() => {
    if (wait > 0) go(() => ask(nodes), wait * 1000);
    else if (wait) refuse("declined");
    else confirm();
  }, 0);
}

/** 0111. Of several components it is about that of the module. */
function taskCame(nodes: Node[]): void {
  const list = valueOf(nodes, UPDATE_LIST, [] as Node[]);
  for (let i = 0; i < list.length && (!i || valueOf(nodes, UPDATE_TYPE, 0)); i++) {
    nodes = valueOf([list[i]], 0, [] as Node[]);
  }
  const target = valueOf(nodes, UPDATE_TARGET, "");
  if (update[STATE] >= UPDATE_CONFIRMED && update[STATE] < UPDATE_DONE) return log("busy: " + target);
  replace([UPDATE_ASKED, valueOf(nodes, UPDATE_COMPONENT, ""), target, "", 0, ""]);
  save(UPDATE_ASKED);
  report(UPDATE_ASKED);
  go(() => ask(nodes), 0);
}

/** 0113. Without a task that this device has confirmed it is nothing. */
function fileCame(nodes: Node[]): void {
  const state = update[STATE];
  const confirmed = state == UPDATE_CONFIRMED;
  const text = (id: number): string => valueOf(nodes, id, "");
  // This device needs neither, but a file without them is malformed [S].
  if (confirmed && !(text(UPDATE_MD5) && text(UPDATE_CRC))) return end("format");
  if ((!confirmed && state != UPDATE_REQUESTED) || text(UPDATE_TARGET) != update[TARGET]) {
    log("refused");
    if (!state) idle();
    return;
  }
  update[URL] = text(UPDATE_URL);
  update[SIZE] = valueOf(nodes, UPDATE_SIZE, 0);
  if (confirmed) update[LETTER] = slot == FIRST ? SECOND : FIRST;
  save(UPDATE_REQUESTED);
  fetchFile();
}

function fetchFile(): void {
  // No boot may run the other file while it is written, whatever was named before.
  pointTo(slot);
  install();
}

/** The cloud can be reached again. @param first since the boot */
function connected(first: boolean): void {
  const state = update[STATE];
  if (first && !state) cloud.publish(CLASS, CMD_UPDATE_ASK, [[UPDATE_VERSION, version()]]);
  if (!state) idle();
  else if (state >= UPDATE_DONE) reportEnd();
  else if (state != UPDATE_INSTALLING) {
    if (begun()) report(state);
    // Another application may run since it was confirmed.
    else if (state <= UPDATE_CONFIRMED) ask([]);
    else fetchFile();
  }
}

/** After a boot: the version of the application that runs is that of its manifest, where it is the image of that. */
function begin(): void {
  const manifest = readHead(slot);
  let piece = 0;
  while (manifest && piece < manifest.pieces && pieceHolds(slot, manifest, piece)) piece++;
  if (manifest && piece == manifest.pieces) {
    updates.settings.firmware = updates.settings.firmware.replace(VERSION, manifest.target);
  }
  if (!update[STATE]) idle();
}

function stop(): void {
  halt();
  hangUp();
  idle();
}

/** What it is told, by EVENT_…. */
export type Worker = ((argument: never) => void)[];

export function createWorker(lent: Lent): Worker {
  restore(lent);
  // The note that a power cut has left out, or a cable has brought another application: nothing may write there.
  if (update[STATE] > UPDATE_ASKED && update[STATE] < UPDATE_LOADING && (update[LETTER] == slot || global.appIsGood)) {
    save(UPDATE_INSTALLING);
  }
  // What a reboot has left; the application has its listeners by the next turn.
  if (update[STATE] == UPDATE_INSTALLING) go(judge, 0);
  return [taskCame, fileCame, connected, begin, stop];
}
