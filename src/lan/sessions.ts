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

import { CMD_HEARTBEAT, CMD_LOGIN_ANSWER, CMD_PING, CMD_PROVISION, CMD_RANDOM, CMD_READ } from "../codec/commands.js";
import { encodeFrame, nextFrame, nextPackageId, type Frame, type FrameBuffer } from "../codec/frame.js";
import { decodeTtlv, encodeTtlv, type Content, type Node } from "../codec/ttlv.js";
import type { Hal, Link, LinkEvents, Timer } from "../hal/hal.js";
import type { Peer } from "./peer.js";

/** Connections at the same time. */
const MAX_APPS = 4;
/** Frames to an app that wait to be sent; an app that asks for more without hearing the answers is closed. */
const MAX_WAITING = 16;
/** Wrong tries to log in that end a connection. */
const MAX_MISSES = 5;
/** Largest frame in bytes. */
const FRAME_LIMIT = 1024;
/** Milliseconds to the first whole frame, and between two frames of an app that has not logged in. */
const FIRST_FRAME = 10000;
const IDLE = 60000;
/** Milliseconds after which a silent app that has logged in is pinged, and that it has to answer. */
const SILENCE = 15000;
const PONG = 10000;

export const FRESH = 0;
export const LOGGED_IN = 1;
export const CLOSED = 2;

/** One app. Its functions are called as members: `app.send(…)`. */
export interface App extends Peer, LinkEvents, FrameBuffer {
  /** FRESH, LOGGED_IN or CLOSED. */
  phase: number;
  /** The random of the last 7033, until it was tried. */
  challenge?: string;
  /** The authKey that it has logged in with. */
  authKey?: string;
  /** Wrong tries to log in. */
  misses: number;
  /** The device's own package id that was used last. */
  packageId: number;
  link: Link;
  waiting: number;
  timer?: Timer;
}

/**
 * Handles a request.
 * @param nodes its TTLV content, empty for none and for 0011
 * @param data its content as bytes
 * @returns false for a command that it does not know
 */
export type Requests = (app: App, cmd: number, id: number, nodes: Node[], data: string) => boolean;

export interface Sessions {
  /** Takes a new connection. @returns what its transport calls, as members */
  attach(link: Link): LinkEvents;
  /** Sends to every app that has logged in, with package id 0 [X]. */
  push(cmd: number, content: Content): void;
  /** Closes the apps that have logged in with another authKey than this; without one, all apps. */
  rekeyed(authKey?: string): void;
}

/** 7032 to 7035 are never sealed. */
function isClear(cmd: number): boolean {
  return cmd >= CMD_RANDOM && cmd <= CMD_LOGIN_ANSWER;
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
  let dropped = 0;

  function close(app: App): void {
    app.link.end();
    app.closed();
  }

  function ping(app: App): void {
    app.packageId = nextPackageId(app.packageId);
    app.send(app.packageId, CMD_PING, []);
    app.timer = hal.after(PONG, () => close(app));
  }

  /** Something was heard: the time of silence begins anew. */
  function listen(app: App): void {
    hal.cancel(app.timer);
    app.timer = app.phase == LOGGED_IN ? hal.after(SILENCE, () => ping(app)) : hal.after(IDLE, () => close(app));
  }

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
      if (this.phase != CLOSED) listen(this);
    }
    if (this.broken && this.phase != CLOSED) close(this);
  }

  function closed(this: App): void {
    const at = apps.indexOf(this);
    if (at >= 0) apps.splice(at, 1);
    this.phase = CLOSED;
    hal.cancel(this.timer);
  }

  function send(this: App, id: number, cmd: number, nodes: Content): void {
    if (this.phase == CLOSED) return;
    if (this.waiting >= MAX_WAITING) return close(this);
    this.waiting++;
    const data = encodeTtlv(nodes);
    // Sealed under the cipher of now, but in a turn of its own: that goes deep, and the stack is small.
    const cipher = isClear(cmd) ? undefined : this.cipher;
    hal.after(0, () => {
      this.waiting--;
      if (this.phase == CLOSED) return;
      this.link.send(encodeFrame(id, cmd, cipher ? cipher.seal(cmd, data) : data));
      if (this.misses >= MAX_MISSES) close(this);
    });
  }

  return {
    attach(link) {
      const app = {
        phase: FRESH,
        misses: 0,
        packageId: 0,
        waiting: 0,
        rest: "",
        broken: false,
        link: link,
        received: received,
        closed: closed,
        send: send,
      } as App;
      if (apps.length < MAX_APPS) {
        apps.push(app);
        app.timer = hal.after(FIRST_FRAME, () => close(app));
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
