/**
 * What boots first, flashed once: chooses the application file, counts the trial boots of a new one, and goes back to
 * the other when it never says that it is good. An application says so by calling `appIsGood`, which exists only during
 * a trial; `appSlot` is the letter of the file that runs. The build evaluates the chosen text in the global scope, where
 * its functions stay in flash.
 */

import {
  APP_FILE,
  ENTRY_SIZE,
  ERASED,
  FIRST,
  GOOD,
  lastEntry,
  otherThan,
  STATE_FILES,
  TRIALS,
} from "../src/ota/slots.js";

/** Milliseconds, twice: the first timer and the application's own may both be late after a call that blocks. */
const PATIENCE = 12000;
/** Seconds after which the chip restarts a program on trial that blocks; the Linux build has no watchdog. */
const WATCHDOG = 60;

const storage = require("Storage");

function restart(): void {
  // The Linux build cannot reboot.
  if (process.env.BOARD == "LINUX") load();
  else E.reboot();
}

function startTrial(file: string, entry: number, trial: number): void {
  storage.write(file, "\0", entry + 1 + trial);
  E.enableWatchdog(WATCHDOG, false);
  const clear = clearTimeout;
  let timer = setTimeout(() => {
    timer = setTimeout(restart, PATIENCE);
  }, PATIENCE);
  // Without an id they stop all timers. The last id in use is the highest. Espruino counts named parameters as arguments.
  global.clearTimeout = global.clearInterval = function () {
    if (arguments.length) {
      if (arguments[0] != timer) clear(arguments[0] as number);
      return;
    }
    for (let last = setTimeout(restart, PATIENCE); last; last--) if (last != timer) clear(last);
  };
  global.appIsGood = () => {
    // An application may have kept it. Nothing writes a byte twice.
    if (!timer) return;
    clear(timer);
    timer = 0;
    global.clearTimeout = global.clearInterval = clear;
    // Kicked by the event loop from now on: it cannot be turned off.
    E.enableWatchdog(WATCHDOG);
    storage.write(file, "\0", entry + GOOD);
    delete global.appIsGood;
  };
}

/** The text of the application that boots now. */
function choose(): string | undefined {
  let file = "";
  let marks = "";
  let entry = 0;
  STATE_FILES.forEach((name) => {
    const state = storage.read(name) || "";
    if (entry) return;
    entry = lastEntry(state);
    file = name;
    marks = state.substr(entry, ENTRY_SIZE);
  });
  let letter = entry ? marks[0] : FIRST;
  const trial = marks.substr(1, TRIALS).indexOf(ERASED);
  const trying = entry > 0 && marks[GOOD] == ERASED;
  if (trying && trial < 0) letter = otherThan(letter);
  if (storage.read(APP_FILE + letter) === undefined) letter = otherThan(letter);
  if (trying) {
    if (trial >= 0) startTrial(file, entry, trial);
    print("WB boot " + letter + (trial < 0 ? " again" : " trial " + (trial + 1)));
  }
  global.appSlot = letter;
  return storage.read(APP_FILE + letter);
}

export default choose();
