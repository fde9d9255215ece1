/** Forgetting: the network alone, or all that the device has learned since the factory. */

import type { Changes } from "../storage/journal.js";
import { KEY_PASSWORD, KEY_SERVER, KEY_SSID } from "../storage/keys.js";
import type { Apps } from "./apps.js";
import type { Online } from "./online.js";
import type { Owner } from "./owner.js";
import type { Basis } from "./prepare.js";
import type { Secrets } from "./secrets.js";
import type { Windows } from "./windows.js";

export interface Forget {
  /** @see reset in index.ts */
  reset(): void;
  /** @see remove in index.ts */
  remove(): void;
}

/** @once */
export function createForget(
  basis: Basis,
  secrets: Secrets,
  windows: Windows,
  owner: Owner,
  online: Online,
  apps: Apps,
): Forget {
  /** Forgets keys of the journal, and what flash still holds of them, and opens the access point. */
  function forget(changes: Changes): void {
    changes.push([KEY_SSID, false], [KEY_PASSWORD, false]);
    // Where the cloud has moved the device belongs to its product.
    if (!secrets.movedTo()) changes.push([KEY_SERVER, false]);
    basis.journal.purge(changes);
    owner.rekey();
    apps.provisioning.pair();
  }

  return {
    reset() {
      windows.close();
      // While there is a connection: its end has a turn of its own.
      online.report();
      const made = basis.factory();
      forget(secrets.reset());
      basis.identity.pk = made.pk;
    },
    remove: () => forget([]),
  };
}
