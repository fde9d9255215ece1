/**
 * What is flashed: starts the binding with the options that stand in Storage as `binding.json`. An application of your
 * own is such a program, with its button and its light.
 */

import { capabilities, on, start, type Options } from "../src/index.js";
import { watchGestures, type Gestures } from "./gestures.js";
import { startModules } from "./modules.js";

on("window", (event) => print("WB window seconds=" + String(event.seconds)));
on("reported", (event) => print("WB reported seconds=" + String(event.seconds)));
on("bound", (event) => print("WB bound=" + String(event.bound)));
on("provisioning", (event) => print("WB provisioning error=" + String(event.error)));

// The options are read once more below: they may hold a secret, and take memory, so no variable keeps them.
start((require("Storage").readJSON("binding.json", true) || {}) as Options);

// A device without an identity has started nothing.
if (capabilities()) {
  startModules();
  watchGestures((require("Storage").readJSON("binding.json") as Gestures).button);
}

print("WB ready");
// A new application that has come this far and still runs some seconds later stays; see boot.ts.
setTimeout(() => global.appIsGood && global.appIsGood(), 10000);
