/** Modules of their own, where they are in flash. */

import { advertise, attach, capabilities, identity, on, state } from "../src/index.js";
import type { Listener } from "../src/binding/emitter.js";
import type { Link } from "../src/hal/hal.js";

/** What a module may use of the binding. It keeps these closures, and nothing else of the program with them. */
function offer(): object {
  return {
    advertise: (bit: number, on: boolean) => advertise(bit, on),
    attach: (link: Link) => attach(link),
    capabilities: () => capabilities(),
    identity: () => identity(),
    on: (event: string, listener: Listener) => on(event, listener),
    state: () => state(),
  };
}

export function startModules(): void {
  if (require("Storage").read("WifiBindingMdns") !== undefined) require("WifiBindingMdns").start(offer());
  if (require("Storage").read("WifiBindingBle") !== undefined) require("WifiBindingBle").start(offer());
}
