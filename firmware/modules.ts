/** Modules of their own, where they are in flash. */

import {
  advertise,
  attach,
  capabilities,
  cloud,
  guard,
  identity,
  on,
  openWindow,
  serve,
  state,
  updates,
  window,
} from "../src/index.js";

/** What a module may use of the binding, and nothing else of the program. */
function offer(): object {
  return {
    advertise: advertise,
    attach: attach,
    capabilities: capabilities,
    cloud: cloud,
    guard: guard,
    identity: identity,
    on: on,
    openWindow: openWindow,
    serve: serve,
    state: state,
    updates: updates,
    window: window,
  };
}

/** @param name without what the names of all modules begin with @param load requires it: its name is written out there */
function startWhereFlashed(name: string, load: () => { start(core: object): void }): void {
  if (require("Storage").read("WifiBinding" + name) !== undefined) load().start(offer());
}

/** That of the proof only on a device whose identity holds one: others have no use for it. */
export function startModules(): void {
  if (identity().proof) startWhereFlashed("Proof", () => require("WifiBindingProof"));
  startWhereFlashed("Mdns", () => require("WifiBindingMdns"));
  startWhereFlashed("Ota", () => require("WifiBindingOta"));
  startWhereFlashed("Ble", () => require("WifiBindingBle"));
}
