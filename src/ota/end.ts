/** How an update ends: what application and cloud are told, and the trial of a new version. */

import { UPDATE_DONE, UPDATE_FAILED, UPDATE_INSTALLING, UPDATE_LOADED, UPDATE_REFUSED } from "../codec/commands.js";
import { pointTo } from "./files.js";
import { go, halt } from "./turns.js";
import {
  busy,
  FLOOR,
  idle,
  LETTER,
  log,
  module,
  replace,
  report,
  save,
  slot,
  STATE,
  TARGET,
  update,
  version,
} from "./update.js";

/** Milliseconds from the last report to the reboot where the broker does not answer. */
const REBOOT_AFTER = 5000;
/** Milliseconds to another try of a report that the session did not take. */
const REPORT_AGAIN = 60000;
/** Milliseconds between two looks. */
const LOOK_AGAIN = 1000;

/** Tells the application. */
function tell(code: string): void {
  const event = code ? "failed" : "done";
  log(event + " " + (code || update[TARGET]));
  module.emit(event, { code: code, version: update[TARGET] });
}

/** Nothing is under way any more. */
function clear(): void {
  replace([]);
  save(0);
  idle();
}

/** Reports how an update has ended, until the cloud has it: once after each connection, and when it may be taken. */
export function reportEnd(): void {
  const mine = update;
  halt();
  const acknowledge = (acknowledged: boolean): void => {
    if (acknowledged && mine == update) clear();
  };
  if (!report(mine[STATE], acknowledge)) go(reportEnd, REPORT_AGAIN);
}

/**
 * Ends the update, and all that was to come of it.
 * @param code "": the new version is good
 */
export function end(code: string): void {
  if (!code) update[FLOOR] = update[TARGET];
  // With the floor, as one.
  save(code ? UPDATE_FAILED : UPDATE_DONE);
  tell(code);
  reportEnd();
}

/** Reports it, until the session takes that; it may come to the cloud once, or not. */
function reportRefused(): void {
  if (report(UPDATE_REFUSED)) clear();
  else go(reportRefused, REPORT_AGAIN);
}

/** It does not even begin. */
export function refuse(code: string): void {
  tell(code);
  reportRefused();
}

function reboot(): void {
  // The Linux build cannot reboot.
  if (process.env.BOARD == "LINUX") load();
  else E.reboot();
}

/** All of it is in flash: tries the new version, when the application is not busy. */
export function boot(): void {
  if (busy()) return go(boot, LOOK_AGAIN);
  // Before the note in the journal: a boot between the two runs the new version, and finds its letter in the task.
  pointTo(update[LETTER]);
  save(UPDATE_INSTALLING);
  go(reboot, REBOOT_AFTER);
  report(UPDATE_INSTALLING, reboot);
}

export function loaded(): void {
  report(UPDATE_LOADED);
  boot();
}

/** After a boot into a new version, back from it, or into what a cable has brought: the trial says how the update ends. */
export function judge(): void {
  if (update[LETTER] != slot || version() != update[TARGET]) end("trial");
  else if (global.appIsGood) go(judge, LOOK_AGAIN);
  else end("");
}
