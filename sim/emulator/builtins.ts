/** Everything that a program finds: modules by name, and the globals. */

import type { Realm } from "./realm/realm.js";
import { cryptoModule } from "./modules/crypto.js";
import { dgramModule } from "./modules/dgram.js";
import { flashModule, type FlashCells } from "./modules/flash.js";
import { idleModules, machineGlobals, type MachineHost } from "./modules/machine.js";
import { netModule, tlsModule } from "./modules/net.js";
import type { NetworkHost, OpenSockets } from "./modules/sockets.js";
import { storageModule, type StorageFiles } from "./modules/storage.js";

export type Module = Record<string, unknown>;

export interface BuiltInHost extends NetworkHost, Omit<MachineHost, "serial"> {
  readonly cells: FlashCells;
  readonly files: StorageFiles;
  readonly sockets: OpenSockets;
  /** Ends the device in the middle of its job. */
  powerLost(): never;
}

/** Serial number of the device with this address. */
function serialOf(address: string): string {
  const bytes = address.split(".").map((one) => Number(one).toString(16).padStart(2, "0"));
  return `24000000-${bytes.join("")}`;
}

export function createBuiltIns(host: BuiltInHost): { modules: Record<string, Module>; globals: Module } {
  const { realm, sockets } = host;
  const modules = {
    ...idleModules(realm),
    Flash: flashModule(realm, host.cells, () => host.powerLost()),
    Storage: storageModule(realm, host.files, () => host.powerLost()),
    crypto: cryptoModule(realm, (line) => host.print(line)),
    net: netModule(host, sockets),
    tls: tlsModule(host, sockets),
    dgram: dgramModule(host, sockets),
  };
  return { modules, globals: machineGlobals({ ...host, serial: serialOf(host.address) }) };
}

/** `Modules`: the modules that are in use. */
export function moduleCache(realm: Realm, modules: Map<string, Module>): Module {
  const builtIn = new Set(modules.keys());
  return realm.make({
    addCached: (name: string, module: unknown) => {
      if (typeof module !== "object") throw realm.error("emulator: addCached takes the module itself here");
      modules.set(name, module as Module);
    },
    getCached: () => realm.array([...modules.keys()].filter((name) => !builtIn.has(name))),
    removeCached: (name: string) => void modules.delete(name),
    removeAllCached: () => {},
  });
}
