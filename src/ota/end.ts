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

/** Milliseconds from the last report to the reboot where the broker does not answer, and between two looks. */
const REBOOT_AFTER = 5000;
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

/** Reports how an update has ended, until the cloud has it: once after each connection. */
export function reportEnd(): void {
  const mine = update;
  report(mine[STATE], (acknowledged) => {
    if (acknowledged && mine == update) clear();
  });
}

/**
 * Ends the update, and all that was to come of it.
 * @param code "": the new version is good
 */
export function end(code: string): void {
  halt();
  if (!code) update[FLOOR] = update[TARGET];
  // With the floor, as one.
  save(code ? UPDATE_FAILED : UPDATE_DONE);
  tell(code);
  reportEnd();
}

/** It does not even begin. */
export function refuse(code: string): void {
  report(UPDATE_REFUSED);
  tell(code);
  clear();
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
