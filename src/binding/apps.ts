/** What apps reach of this device: discovery, their sessions and requests, and provisioning. */

import { first16, hex } from "../codec/bytes.js";
import { LABEL_AP, LAN_TCP_PORT } from "../codec/commands.js";
import type { Hal } from "../hal/hal.js";
import { serveDiscovery } from "../lan/discovery.js";
import { createProvisioning, type Provisioning } from "../lan/provisioning.js";
import { createRequests, type Handler } from "../lan/requests/index.js";
import { createLogin } from "../lan/requests/login.js";
import { createProvision } from "../lan/requests/provision.js";
import { createScan } from "../lan/scan.js";
import { createSessions, type Sessions } from "../lan/sessions.js";
import type { Emitter } from "./emitter.js";
import type { Online } from "./online.js";
import type { Basis } from "./prepare.js";
import type { Secrets } from "./secrets.js";
import type { States } from "./states.js";
import type { Windows } from "./windows.js";

export interface Apps {
  provisioning: Provisioning;
  sessions: Sessions;
  /** Opens the sockets. */
  listen(): void;
  /** Closes them. */
  close(): void;
}

/**
 * @param possession K of an identity that holds a proof, while the device is unbound
 * @param handlers of modules, by command
 * @once
 */
export function createApps(
  hal: Hal,
  emitter: Emitter,
  states: States,
  basis: Basis,
  secrets: Secrets,
  windows: Windows,
  online: Online,
  possession: () => string,
  handlers: Record<number, Handler>,
): Apps {
  let closeLan: (() => void) | undefined;
  const pairing = (): boolean => provisioning.pairing();
  const provision = createProvision(basis.identity, { pairing: pairing, known: windows.known, join: windows.join });
  const login = createLogin(hal, basis.random, () => (basis.journal.worn() ? "" : secrets.authKey()));
  const requests = createRequests(login, provision, basis.proof, pairing, createScan(hal), handlers);
  const sessions = createSessions(hal, basis.settings.debug, requests);
  const name = basis.settings.prefix + "-" + basis.identity.dk.substr(-4);
  const password = (): string => (basis.proof ? first16(hex(hal.hmac(possession(), LABEL_AP))) : "");
  const provisioning: Provisioning = createProvisioning(hal, basis.journal, basis.settings, name, password, {
    state: states.fire,
    finished(reason) {
      provision.finish(!reason);
      if (reason) windows.close();
      emitter.emit("provisioning", { error: reason });
    },
    connect: online.connect,
    disconnect: online.disconnect,
    accessPointFailed: (error) => emitter.problem("ap", error),
  });
  const discovery = serveDiscovery(hal, basis.identity);

  return {
    provisioning: provisioning,
    sessions: sessions,
    listen() {
      closeLan = hal.listen(LAN_TCP_PORT, sessions.attach);
      discovery.open();
    },
    close() {
      if (closeLan) closeLan();
      closeLan = undefined;
      discovery.close();
    },
  };
}
