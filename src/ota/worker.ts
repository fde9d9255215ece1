/**
 * All that an update takes. The build puts this file and what it imports into one function, so that a device has them in
 * its RAM only while there is something to do.
 */

import type { Updates } from "../binding/index.js";
import type { Cloud } from "../cloud/session.js";
import {
  CMD_UPDATE_ASK,
  CMD_UPDATE_STATE,
  UPDATE_ASKED,
  UPDATE_BATTERY,
  UPDATE_COMPONENT,
  UPDATE_CONFIRMED,
  UPDATE_DONE,
  UPDATE_FAILED,
  UPDATE_INSTALLING,
  UPDATE_INTERRUPTED,
  UPDATE_LOADED,
  UPDATE_LOADING,
  UPDATE_REFUSED,
  UPDATE_REQUESTED,
  UPDATE_SIGNAL,
  UPDATE_SIZE,
  UPDATE_SOURCE,
  UPDATE_SPACE,
  UPDATE_STATE,
  UPDATE_STATE_NAME,
  UPDATE_STATE_NAMES,
  UPDATE_TARGET,
  UPDATE_TYPE,
  UPDATE_URL,
  UPDATE_VERSION,
} from "../codec/commands.js";
import { findBytes, findNumber, type Node } from "../codec/ttlv.js";
import { otherThan, pieceHolds, pointTo, readHead, release } from "./files.js";
import { createInstaller } from "./installer.js";
import { piecesOf } from "./manifest.js";
import { readFloor, readUpdate, writeUpdate, type Update } from "./task.js";
import { rank, versionEnd } from "./version.js";

import type { OtaEvents } from "./events.js";

/** What the part of the module that stays lends to the one that comes and goes. */
export interface Host {
  cloud: Cloud;
  updates: Updates;
  /** The ProductKey. */
  product(): string;
  /** Whether the application is busy. */
  busy(): boolean;
  emit<E extends keyof OtaEvents>(event: E, details: OtaEvents[E]): void;
  /** Nothing is under way. */
  idle(): void;
}

export interface Worker {
  /** After a boot. */
  begin(): void;
  /** The cloud can be reached again. @param first since the boot */
  connected(first: boolean): void;
  /** The content of 0111, and of 0113. */
  task(nodes: Node[]): void;
  file(nodes: Node[]): void;
}

/** Topic class of updates [S]. */
const CLASS = "ota";
/** Milliseconds from consent to 0113 [S], and from the last report to the reboot where the broker does not answer. */
const FILE_TIMEOUT = 30000;
const REBOOT_AFTER = 5000;
const LOOK_AGAIN = 1000;

export function createWorker(host: Host): Worker {
  const cloud = host.cloud;
  const updates = host.updates;
  const emit = host.emit;
  let update: Update | undefined;
  let again: ((url: string) => void) | undefined; // of the installer, while there is one
  let timer: number | undefined; // until 0113 comes

  /** The version without the application's suffix. */
  function version(): string {
    const text = updates.settings.firmware;
    return text.substr(0, versionEnd(text));
  }

  function save(state: number): void {
    update!.state = state;
    writeUpdate(updates, update, readFloor(updates));
  }

  function report(state: number, done?: (acknowledged: boolean) => void): void {
    const name = UPDATE_STATE_NAMES.split(",")[state];
    const nodes: Node[] = [
      [UPDATE_STATE, state],
      [UPDATE_STATE_NAME, name],
      [UPDATE_TYPE, 0],
      [UPDATE_COMPONENT, update!.component],
    ];
    if (state >= UPDATE_DONE) nodes.push([UPDATE_VERSION, version()]);
    print("WB ota state=" + state + " " + name);
    cloud.publish(CLASS, CMD_UPDATE_STATE, nodes, done);
  }

  /** Nothing is under way any more. */
  function clear(): void {
    writeUpdate(updates, undefined, readFloor(updates));
    update = undefined;
    host.idle();
  }

  /** Reports how an update has ended, until the cloud has it: once after each connection. */
  function reportEnd(): void {
    const mine = update;
    report(mine!.state, (acknowledged) => {
      if (acknowledged && mine == update) clear();
    });
  }

  function tellFailed(code: string): void {
    print("WB ota failed " + code);
    emit("failed", { code: code, version: update!.target });
  }

  function end(code: string): void {
    const mine = update!;
    again = undefined;
    mine.code = code;
    mine.state = code ? UPDATE_FAILED : UPDATE_DONE;
    // With the floor, as one.
    writeUpdate(updates, mine, code || rank(mine.target) < rank(readFloor(updates)) ? readFloor(updates) : mine.target);
    if (code) tellFailed(code);
    else {
      print("WB ota done " + mine.target);
      emit("done", { version: mine.target });
    }
    reportEnd();
  }

  function refuse(code: string): void {
    report(UPDATE_REFUSED);
    tellFailed(code);
    clear();
  }

  /** Why no update can be taken, whatever it is; "" where one can. */
  function obstacle(nodes: Node[]): string {
    if (findNumber(nodes, UPDATE_TYPE)) return "component";
    if (!updates.key()) return "key";
    if (!global.appSlot) return "slots";
    const floor = readFloor(updates);
    const target = rank(update!.target);
    if (!target || target < rank(floor) || target < rank(version())) return "version";
    return host.busy() || global.appIsGood ? "busy" : "";
  }

  function confirm(): void {
    save(UPDATE_CONFIRMED);
    report(UPDATE_CONFIRMED);
    timer = setTimeout(() => end("timeout"), FILE_TIMEOUT);
  }

  /** Asks the listeners, then answers the cloud: not from its frame, and after state 1. @param nodes of 0111 */
  function ask(nodes: Node[]): void {
    const code = obstacle(nodes);
    if (code) return refuse(code);
    const answer = { later: 0, accepted: true };
    emit("task", {
      version: update!.target,
      source: findBytes(nodes, UPDATE_SOURCE) || "",
      battery: findNumber(nodes, UPDATE_BATTERY) || 0,
      space: findNumber(nodes, UPDATE_SPACE) || 0,
      signal: findNumber(nodes, UPDATE_SIGNAL) || 0,
      accept() {
        answer.accepted = true;
      },
      decline() {
        answer.accepted = false;
      },
      later(seconds) {
        answer.later = seconds;
      },
    });
    if (answer.later) setTimeout(() => ask(nodes), answer.later * 1000);
    else if (answer.accepted) confirm();
    else refuse("declined");
  }

  /** 0111. */
  function taskCame(nodes: Node[]): void {
    const component = findBytes(nodes, UPDATE_COMPONENT);
    const target = findBytes(nodes, UPDATE_TARGET);
    const state = update ? update.state : 0;
    if (component === undefined || target === undefined || (state >= UPDATE_CONFIRMED && state < UPDATE_DONE)) {
      print("WB ota busy: " + target + " is not taken now");
      return;
    }
    update = { component: component, target: target, state: UPDATE_ASKED, url: "", size: 0, letter: "", code: "" };
    save(UPDATE_ASKED);
    report(UPDATE_ASKED);
    setTimeout(() => ask(nodes), 0);
  }

  /** 0113. Without a task that this device has confirmed it is nothing. */
  function fileCame(nodes: Node[]): void {
    const state = update && findBytes(nodes, UPDATE_TARGET) == update.target ? update.state : 0;
    if (state != UPDATE_CONFIRMED && state != UPDATE_REQUESTED) {
      print("WB ota refused: no such task");
      if (!update) host.idle();
      return;
    }
    const mine = update!;
    mine.url = findBytes(nodes, UPDATE_URL) || "";
    mine.size = findNumber(nodes, UPDATE_SIZE) || 0;
    if (state == UPDATE_CONFIRMED) {
      clearTimeout(timer!);
      mine.letter = otherThan(global.appSlot!);
    }
    save(UPDATE_REQUESTED);
    if (again) again(mine.url);
    else install();
  }

  function install(): void {
    const mine = update!;
    release(global.appSlot!);
    again = createInstaller(
      updates,
      {
        url: mine.url,
        total: mine.size,
        product: host.product(),
        version: mine.target,
        floor: readFloor(updates),
        letter: mine.letter,
      },
      {
        begun: () => report(UPDATE_REQUESTED),
        loading: () => report(UPDATE_LOADING),
        interrupted(code) {
          print("WB ota interrupted " + code);
          report(UPDATE_INTERRUPTED);
        },
        progress: (done, total) => emit("progress", { done: done, total: total }),
        loaded() {
          report(UPDATE_LOADED);
          boot();
        },
        failed: end,
      },
    );
  }

  function reboot(): void {
    // The Linux build cannot reboot.
    if (process.env.BOARD == "LINUX") load();
    else E.reboot();
  }

  /** Tries the new version, when the application is not busy. */
  function boot(): void {
    if (host.busy()) {
      setTimeout(boot, LOOK_AGAIN);
      return;
    }
    // Before the note in the journal: a boot between the two runs the new version, and finds its letter in the task.
    pointTo(update!.letter, false, global.appSlot!);
    save(UPDATE_INSTALLING);
    setTimeout(reboot, REBOOT_AFTER);
    report(UPDATE_INSTALLING, reboot);
  }

  /** After a boot into a new version, or back from it: the trial says how the update ends. */
  function judge(): void {
    if (update!.letter != global.appSlot) end("trial");
    else if (global.appIsGood) setTimeout(judge, LOOK_AGAIN);
    else end("");
  }

  /** The cloud can be reached again. @param first since the boot */
  function connected(first: boolean): void {
    const state = update ? update.state : 0;
    if (!state) {
      if (first) cloud.publish(CLASS, CMD_UPDATE_ASK, [[UPDATE_VERSION, version()]]);
    } else if (state >= UPDATE_DONE) reportEnd();
    else if (state == UPDATE_INSTALLING) return;
    else if (!first) report(state);
    else if (state == UPDATE_ASKED) ask([]);
    else if (state == UPDATE_CONFIRMED) confirm();
    else if (!again) install();
  }

  /** The version of the application that runs: that of its manifest, where it is the image of that. */
  function findVersion(): void {
    const letter = global.appSlot;
    const manifest = letter ? readHead(letter) : undefined;
    if (!manifest) return;
    const pieces = piecesOf(manifest);
    let piece = 0;
    while (piece < pieces && pieceHolds(updates.sha256, letter!, manifest, piece)) piece++;
    const text = updates.settings.firmware;
    if (piece == pieces) updates.settings.firmware = manifest.version + text.substr(versionEnd(text));
  }

  /** What a reboot has left. In a turn of its own where it tells something: an application has its listeners by then. */
  function begin(): void {
    findVersion();
    update = readUpdate(updates);
    const state = update ? update.state : 0;
    if (!state) host.idle();
    else if (state == UPDATE_INSTALLING || (state == UPDATE_REQUESTED && update!.letter == global.appSlot)) {
      setTimeout(judge, 0);
    }
  }

  return {
    begin: begin,
    connected(first) {
      connected(first);
      if (!update) host.idle();
    },
    task: taskCame,
    file: fileCame,
  };
}
