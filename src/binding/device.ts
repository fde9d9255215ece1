/** The parts of a device from its first start on, and what goes through several of them. */

import type { Hal } from "../hal/hal.js";
import type { Handler } from "../lan/requests/index.js";
import type { Settings } from "../options.js";
import type { Random } from "../random/drbg.js";
import type { Changes } from "../storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID, KEY_WRONG_PROOFS } from "../storage/keys.js";
import { createApps, type Apps } from "./apps.js";
import type { Emitter } from "./emitter.js";
import { createOnline, type Online } from "./online.js";
import { createOwner, type Owner } from "./owner.js";
import type { Basis } from "./prepare.js";
import { createSecrets } from "./secrets.js";
import type { States } from "./states.js";
import { createWindows, type Windows } from "./windows.js";

/**
 * What the module of the proof is handed: K, milliseconds that never jump, the hashes, the random generator, and the
 * number of wrong proofs in a row, which it may set.
 */
export type Guard = (
  key: () => string,
  now: Hal["now"],
  hmac: Hal["hmac"],
  aes: Hal["aes"],
  random: Random,
  wrong: (value?: number) => number,
) => void;

export interface Device {
  windows: Windows;
  owner: Owner;
  online: Online;
  apps: Apps;
  /** @see reset in index.ts */
  reset(): void;
  /** @see remove in index.ts */
  remove(): void;
  /** @see guard in index.ts */
  guard(guard: Guard): void;
}

/**
 * @param running throws when the device is stopped
 * @param count a value in flash
 * @param handlers of modules, by command
 * @once
 */
export function createDevice(
  hal: Hal,
  emitter: Emitter,
  states: States,
  basis: Basis,
  running: () => Settings,
  count: (value?: number, key?: number) => number,
  handlers: Record<number, Handler>,
): Device {
  let guarded = false; // whether the module of the proof is there

  /** K of an identity that holds a proof, while the device is unbound. */
  function possession(): string {
    return hal.sha256(basis.factory().pop);
  }

  /** Whether codes can be made that cannot be guessed. */
  function trusted(): boolean {
    if (basis.journal.worn) basis.fault();
    else if (!basis.seeded) emitter.problem("seed", "no factory seed: codes could be guessed");
    return basis.seeded && !basis.journal.worn;
  }

  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false]);
    // Where the cloud has moved the device belongs to its product.
    if (!secrets.movedTo()) changes.push([KEY_SERVER, false]);
    basis.journal.purge(changes);
    owner.rekey();
    apps.provisioning.pair();
  }

  const secrets = createSecrets(basis.identity, basis.factory, basis.journal, basis.random);
  const windows = createWindows(hal, emitter, states, secrets, basis.random, basis.seeded && !basis.journal.worn, {
    running: running,
    trusted: trusted,
    report: () => online.report(),
    known: (credentials) => apps.provisioning.known(credentials),
    join: (credentials) => apps.provisioning.join(credentials),
    reported: () => apps.provisioning.reported(),
  });
  const owner = createOwner(hal, emitter, states, secrets, windows, (authKey) => apps.sessions.rekeyed(authKey));
  const failed = (reason: number, final: boolean): void => apps.provisioning.cloudFailed(reason, final);
  const server = (): string => running().server;
  const online: Online = createOnline(hal, emitter, states, basis, secrets, windows, owner, server, failed);
  const apps: Apps = createApps(hal, emitter, states, basis, secrets, windows, online, possession, handlers);
  hal.after(0, () => {
    if (basis.proof && !guarded) emitter.problem("proof", "the module WifiBindingProof is missing");
  });

  return {
    windows: windows,
    owner: owner,
    online: online,
    apps: apps,
    reset() {
      windows.close();
      // While there is a connection: its end has a turn of its own.
      online.report();
      const made = basis.factory();
      forget(secrets.reset());
      basis.identity.pk = made.pk;
    },
    remove: () => forget([]),
    guard(guard) {
      if (!basis.proof) return;
      guarded = true;
      guard(
        () => secrets.authKey() || possession(),
        hal.now,
        hal.hmac,
        hal.aes,
        // A worn flash makes the next boot repeat them.
        (length, input) => (basis.journal.worn ? "" : basis.random(length, input)),
        (value) => count(value, KEY_WRONG_PROOFS),
      );
    },
  };
}
