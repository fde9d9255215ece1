/** What an app may ask, and who answers it. */

import {
  CMD_HEARTBEAT,
  CMD_LOGIN,
  CMD_PING,
  CMD_PONG,
  CMD_PROVISION,
  CMD_RANDOM,
  CMD_READ,
  CMD_READ_ANSWER,
  CMD_SCAN,
  CMD_SCAN_ANSWER,
  CMD_WRITE,
  CMD_WRITE_ANSWER,
  SCAN_NAMES,
  WRITE_RESULT,
} from "../../codec/commands.js";
import type { Node } from "../../codec/ttlv.js";
import type { App } from "../app.js";
import type { Requests } from "../sessions.js";
import type { Login } from "./login.js";
import type { Provision } from "./provision.js";

/** 7036 of a write that nothing takes. */
const NOT_DONE = 1;

/** A module of its own that answers a command. @param data content as bytes, for commands that are no TTLV */
export type Handler = (app: App, id: number, nodes: Node[], data: string, cmd: number) => void;

/**
 * @param guarded whether 7010 and 7012 are for apps on a channel of their proof only
 * @param pairing whether the device waits for a network
 * @param scan gives the names of the networks around
 * @param modules handlers of modules, by command: they come first
 * @once
 */
export function createRequests(
  login: Login,
  provision: Provision,
  guarded: boolean,
  pairing: () => boolean,
  scan: (done: (names: Node[]) => void) => void,
  modules: Record<number, Handler>,
): Requests {
  /** A cipher that no login has made is that of a proof. */
  function allowed(app: App): boolean {
    return !guarded || (!!app.cipher && !app.authKey);
  }

  function answerScan(app: App, id: number): void {
    if (allowed(app) && pairing()) scan((names) => app.send(id, CMD_SCAN_ANSWER, [[SCAN_NAMES, names]]));
    else app.send(id, CMD_SCAN_ANSWER, []);
  }

  return (app, cmd, id, nodes, data) => {
    const handler = modules[cmd];
    if (handler) handler(app, id, nodes, data, cmd);
    else if (cmd == CMD_RANDOM) login.challenge(app, id);
    else if (cmd == CMD_LOGIN) login.login(app, id, nodes);
    else if (cmd == CMD_PING) app.send(id, CMD_PONG, []);
    else if (cmd == CMD_PROVISION) provision.request(app, id, nodes, allowed(app));
    else if (cmd == CMD_SCAN) answerScan(app, id);
    else if (cmd == CMD_READ) app.send(id, CMD_READ_ANSWER, []);
    else if (cmd == CMD_WRITE) app.send(id, CMD_WRITE_ANSWER, [[WRITE_RESULT, NOT_DONE]]);
    else return cmd == CMD_PONG || cmd == CMD_HEARTBEAT;
    return true;
  };
}
