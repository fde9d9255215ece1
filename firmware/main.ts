/**
 * What is flashed: starts the binding with the options that stand in Storage as `binding.json`. An application of your
 * own is such a program, with its button and its light.
 */

import { capabilities, on, start, type Events, type Options } from "../src/index.js";
import { watchGestures, type Gestures } from "./gestures.js";
import { startModules } from "./modules.js";

/** Prints a detail of an event: `WB window seconds=120`, `WB bound=true`. */
function show<E extends keyof Events>(event: E, detail: keyof Events[E] & string): void {
  const name = (event as string) == detail ? "" : event + " ";
  on(event, (details) => print("WB " + name + detail + "=" + (details[detail] as string)));
}

show("window", "seconds");
show("reported", "seconds");
show("bound", "bound");
show("provisioning", "error");

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
