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
  push,
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
    push: push,
    serve: serve,
    state: state,
    updates: updates,
    window: window,
  };
}

function isFlashed(name: string): boolean {
  return require("Storage").read(name) !== undefined;
}

/** That of the proof only on a device whose identity holds one: others have no use for it. */
export function startModules(): void {
  if (identity().proof && isFlashed("WifiBindingProof")) require("WifiBindingProof").start(offer());
  if (isFlashed("WifiBindingMdns")) require("WifiBindingMdns").start(offer());
  if (isFlashed("WifiBindingOta")) require("WifiBindingOta").start(offer());
  if (isFlashed("WifiBindingBle")) require("WifiBindingBle").start(offer());
}
