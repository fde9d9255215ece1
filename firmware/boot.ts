/**
 * What boots first, flashed once: chooses the application file, counts the trial boots of a new one, and goes back to
 * the other when it never says that it is good. An application says so by calling `appIsGood`, which is there only
 * during a trial. The build evaluates the chosen text in the global scope, where its functions stay in flash.
 */

import { APP_FILE, ENTRY_SIZE, ERASED, FIRST, GOOD, lastEntry, otherThan, STATE_FILES, TRIALS } from "./slots.js";

/** Milliseconds, twice: the first timer and the application's own may both be late after a call that blocks. */
const PATIENCE = 12000;

const storage = require("Storage");

function restart(): void {
  // The Linux build cannot reboot.
  if (process.env.BOARD == "LINUX") load();
  else E.reboot();
}

function startTrial(file: string, entry: number, trial: number): void {
  storage.write(file, "\0", entry + 1 + trial);
  let timer = setTimeout(() => {
    timer = setTimeout(restart, PATIENCE);
  }, PATIENCE);
  global.appIsGood = () => {
    clearTimeout(timer);
    storage.write(file, "\0", entry + GOOD);
    delete global.appIsGood;
  };
}

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
  if (entry && marks[GOOD] == ERASED) {
    const trial = marks.substr(1, TRIALS).indexOf(ERASED);
    if (trial < 0) letter = otherThan(letter);
    else startTrial(file, entry, trial);
    print("WB boot " + letter + (trial < 0 ? " again" : " trial " + (trial + 1)));
  }
  return storage.read(APP_FILE + letter) || storage.read(APP_FILE + otherThan(letter));
}

export default choose();
