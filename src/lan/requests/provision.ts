/** 7010: an app brings a network, and is answered at once with the code to bind with. [X] */

import { isHex } from "../../codec/code.js";
import {
  CMD_IN_CLOUD,
  CMD_PROVISION_ANSWER,
  IN_CLOUD,
  PROVISION_CODE,
  PROVISION_DK,
  PROVISION_OK,
  PROVISION_PK,
  PROVISION_SECONDS,
  WIFI_PASSWORD,
  WIFI_SECONDS,
  WIFI_SERVER,
  WIFI_SSID,
} from "../../codec/commands.js";
import type { Keys } from "../../codec/identity.js";
import { parseServer } from "../../codec/server.js";
import { find, findNumber, textOf, type Node } from "../../codec/ttlv.js";
import type { Credentials } from "../joining.js";
import type { App } from "../app.js";

/** What a request may set off. */
export interface ProvisionEvents {
  /** Whether the device waits for a network. */
  pairing(): boolean;
  /** The window that is open, when this is the network that it was opened for or that the device is on. */
  known(credentials: Credentials): { code: string; seconds: number } | undefined;
  /** Opens a window and joins. @param seconds of the window, if the app asks for some @returns undefined if it cannot */
  join(credentials: Credentials, seconds: number | undefined): { code: string; seconds: number } | undefined;
}

export interface Provision {
  /** 7010. @param allowed false: a proof is demanded and was not shown */
  request(app: App, id: number, nodes: Node[], allowed: boolean): void;
  /** The cloud has the code, or never will: the app that asked is told, if it is still there. */
  finish(good: boolean): void;
}

/** 8-63 bytes, or a key of 64 hexadecimal digits. */
function isPassword(text: string): boolean {
  return (text.length >= 8 && text.length < 64) || (text.length == 64 && isHex(text.toUpperCase()));
}

/** @once */
export function createProvision(identity: Keys, events: ProvisionEvents): Provision {
  let waiting: App | undefined;

  /** @returns undefined for what cannot be joined */
  function credentialsOf(nodes: Node[]): Credentials | undefined {
    const ssid = textOf(nodes, WIFI_SSID);
    const password = textOf(nodes, WIFI_PASSWORD);
    const server = textOf(nodes, WIFI_SERVER);
    // A field that is no text is not one that is missing: the network would be an open one.
    const fits =
      ssid &&
      ssid.length <= 32 &&
      (password ? isPassword(password) : !find(nodes, WIFI_PASSWORD)) &&
      (server ? parseServer(server) : !find(nodes, WIFI_SERVER));
    return fits ? { ssid: ssid, pass: password, url: server } : undefined;
  }

  return {
    request(app, id, nodes, allowed) {
      const pairing = events.pairing();
      let credentials: Credentials | undefined;
      let open: { code: string; seconds: number } | undefined;
      if (allowed) credentials = credentialsOf(nodes);
      if (credentials && pairing) open = events.join(credentials, findNumber(nodes, WIFI_SECONDS));
      else if (credentials) open = events.known(credentials);
      const answer: Node[] = open
        ? [
            [PROVISION_OK, true],
            [PROVISION_SECONDS, open.seconds],
            [PROVISION_PK, identity.pk],
            [PROVISION_DK, identity.dk],
            [PROVISION_CODE, open.code],
          ]
        : pairing || !allowed
          ? [[PROVISION_OK, false]]
          : [];
      if (open) waiting = app;
      app.send(id, CMD_PROVISION_ANSWER, answer);
    },
    finish(good) {
      if (good && waiting) waiting.send(0, CMD_IN_CLOUD, [[IN_CLOUD, true]]);
      waiting = undefined;
    },
  };
}
