/**
 * What is flashed: starts the binding with the options that stand in Storage as `binding.json`. An application of your
 * own is such a program, with its button and its light.
 */

import { capabilities, on, start, type Events } from "../src/index.js";
import type { Options } from "../src/options.js";
import { startModules } from "./modules.js";

/** Prints a detail of an event: `WB window seconds=120`, `WB bound=true`. */
function show<E extends keyof Events>(event: E, detail: keyof Events[E] & string): void {
  const name = String(event) == detail ? "" : event + " ";
  on(event, (details) => print("WB " + name + detail + "=" + String(details[detail])));
}

show("window", "seconds");
show("reported", "seconds");
show("bound", "bound");
show("provisioning", "error");

start((require("Storage").readJSON("binding.json", true) || {}) as Options);

// A device without an identity has started nothing.
if (capabilities()) startModules();

print("WB ready");
// A new application that has come this far and still runs some seconds later stays; see boot.ts.
setTimeout(() => global.appIsGood && global.appIsGood(), 10000);
