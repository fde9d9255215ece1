/** The parts of a device from its first start on, and what goes through several of them. */

import type { Hal } from "../hal/hal.js";
import type { Handler } from "../lan/requests/index.js";
import type { Settings } from "../options.js";
import { createApps, type Apps } from "./apps.js";
import type { Emitter } from "./emitter.js";
import { createForget, type Forget } from "./forget.js";
import { createOnline, type Online } from "./online.js";
import { createOwner, type Owner } from "./owner.js";
import { createPossession, type Possession } from "./possession.js";
import type { Basis } from "./prepare.js";
import { createSecrets } from "./secrets.js";
import type { States } from "./states.js";
import { createWindows, type Windows } from "./windows.js";

export interface Device extends Forget, Pick<Possession, "guard"> {
  windows: Windows;
  owner: Owner;
  online: Online;
  apps: Apps;
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
  /** Whether codes can be made that cannot be guessed. */
  function trusted(): boolean {
    if (basis.journal.worn) basis.fault();
    else if (!basis.seeded) emitter.problem("seed", "no factory seed: codes could be guessed");
    return basis.seeded && !basis.journal.worn;
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
  const possession = createPossession(hal, emitter, basis, secrets, count);
  const apps: Apps = createApps(hal, emitter, states, basis, secrets, windows, online, possession.key, handlers);
  const forget = createForget(basis, secrets, windows, owner, online, apps);

  return {
    windows: windows,
    owner: owner,
    online: online,
    apps: apps,
    reset: forget.reset,
    remove: forget.remove,
    guard: possession.guard,
  };
}
