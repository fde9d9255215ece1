/**
 * Apps over any stream of bytes: frames in, frames out, and when a connection has lasted long enough.
 *
 * | state      | 7032            | 7034 right     | 7034 wrong            | silence                    | end    |
 * | ---------- | --------------- | -------------- | --------------------- | -------------------------- | ------ |
 * | FRESH      | 7033 CHALLENGED | 7035 1         | 7035 1                | 10 s, then 60 s: CLOSED    | CLOSED |
 * | CHALLENGED | 7033            | 7035 0 LOGGED  | 7035 1 FRESH          | 60 s: CLOSED               | CLOSED |
 * | LOGGED_IN  | 7033            | 7035 2         | 7035 2                | 15 s: 7037, 10 s: CLOSED   | CLOSED |
 *
 * The fifth wrong 7034 ends in CLOSED as well. CHALLENGED is a FRESH connection with a `challenge`.
 */

import { CMD_HEARTBEAT, CMD_PROVISION, CMD_READ } from "../codec/commands.js";
import { nextFrame, type Frame } from "../codec/frame.js";
import { decodeTtlv, type Content, type Node } from "../codec/ttlv.js";
import type { Hal, LinkEvents, Transport } from "../hal/hal.js";
import { close, CLOSED, createPatience, createSend, isClear, LOGGED_IN, newApp, type App } from "./app.js";

/** Connections at the same time. */
const MAX_APPS = 4;
/** Largest frame in bytes. */
const FRAME_LIMIT = 1024;

/**
 * Handles a request.
 * @param nodes its TTLV content, empty for none and for 0011
 * @param data its content as bytes
 * @returns false for a command that it does not know
 */
export type Requests = (app: App, cmd: number, id: number, nodes: Node[], data: string) => boolean;

export interface Sessions {
  /** Takes a new connection. @returns what its transport calls, as members */
  attach(link: Transport): LinkEvents;
  /** Sends to every app that has logged in, with package id 0 [X]. */
  push(cmd: number, content: Content): void;
  /** Closes the apps that have logged in with another authKey than this; without one, all apps. */
  rekeyed(authKey?: string): void;
}

/** Data of the application, and the heartbeat, are for apps that have logged in. */
function needsLogin(cmd: number): boolean {
  return cmd < CMD_PROVISION || cmd == CMD_HEARTBEAT;
}

/**
 * @param debug whether frames that are dropped are logged
 * @once
 */
export function createSessions(hal: Hal, debug: boolean | undefined, requests: Requests): Sessions {
  const apps: App[] = [];
  const patience = createPatience(hal);
  const send = createSend(hal);
  let dropped = 0;

  function take(app: App, frame: Frame): void {
    const cmd = frame.cmd;
    const data = app.cipher && !isClear(cmd) ? app.cipher.open(cmd, frame.data) : frame.data;
    const nodes = !data || cmd == CMD_READ ? [] : decodeTtlv(data);
    const allowed = app.phase == LOGGED_IN || !needsLogin(cmd);
    if (data !== undefined && nodes && allowed && requests(app, cmd, frame.id, nodes, data)) return;
    dropped++;
    if (debug) hal.log("lan dropped=" + dropped);
  }

  function received(this: App, bytes: string): void {
    let frame: Frame | undefined;
    this.rest += bytes;
    while (this.phase != CLOSED && (frame = nextFrame(this, FRAME_LIMIT))) {
      take(this, frame);
      if (this.phase != CLOSED) patience.listen(this);
    }
    if (this.broken && this.phase != CLOSED) close(this);
  }

  function closed(this: App): void {
    const at = apps.indexOf(this);
    if (at >= 0) apps.splice(at, 1);
    this.phase = CLOSED;
    hal.cancel(this.timer);
  }

  return {
    attach(link) {
      const app = newApp(link, received, closed, send);
      if (apps.length < MAX_APPS) {
        apps.push(app);
        patience.begin(app);
      } else close(app);
      return app;
    },
    push(cmd, content) {
      apps.filter((app) => app.phase == LOGGED_IN).forEach((app) => app.send(0, cmd, content));
    },
    rekeyed(authKey) {
      apps.filter((app) => authKey === undefined || (app.phase == LOGGED_IN && app.authKey != authKey)).forEach(close);
    },
  };
}
