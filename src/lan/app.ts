/** One app: what it is known by, how long its connection lasts, and what is sent to it. */

import { CMD_LOGIN_ANSWER, CMD_PING, CMD_RANDOM } from "../codec/commands.js";
import { encodeFrame, nextPackageId, type FrameBuffer } from "../codec/frame.js";
import { encodeTtlv, type Content } from "../codec/ttlv.js";
import type { Hal, LinkEvents, Timer, Transport } from "../hal/hal.js";
import type { Peer } from "./peer.js";

/** Frames to an app that wait to be sent; an app that asks for more without hearing the answers is closed. */
const MAX_WAITING = 16;
/** Wrong tries to log in that end a connection. */
const MAX_MISSES = 5;
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
  link: Transport;
  waiting: number;
  timer?: Timer;
}

/** 7032 to 7035 are never sealed. */
export function isClear(cmd: number): boolean {
  return cmd >= CMD_RANDOM && cmd <= CMD_LOGIN_ANSWER;
}

/** With what its transport calls, and what sends to it: members that all apps share. */
export function newApp(link: Transport, received: App["received"], closed: App["closed"], send: App["send"]): App {
  return {
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
  };
}

export function close(app: App): void {
  app.link.end();
  app.closed();
}

export interface Patience {
  /** A new connection: the time to its first frame. */
  begin(app: App): void;
  /** Something was heard: the time of silence begins anew. */
  listen(app: App): void;
}

/** @once */
export function createPatience(hal: Hal): Patience {
  function ping(app: App): void {
    app.packageId = nextPackageId(app.packageId);
    app.send(app.packageId, CMD_PING, []);
    app.timer = hal.after(PONG, () => close(app));
  }

  return {
    begin(app) {
      app.timer = hal.after(FIRST_FRAME, () => close(app));
    },
    listen(app) {
      hal.cancel(app.timer);
      app.timer = app.phase == LOGGED_IN ? hal.after(SILENCE, () => ping(app)) : hal.after(IDLE, () => close(app));
    },
  };
}

/**
 * @returns `send` of each app
 * @once
 */
export function createSend(hal: Hal): App["send"] {
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
      // An app may wait for ever for one that is lost. An application's own link may return nothing.
      const lost = this.link.send(encodeFrame(id, cmd, cipher ? cipher.seal(cmd, data) : data)) === false;
      if (lost || this.misses >= MAX_MISSES) close(this);
    });
  }
  return send;
}
