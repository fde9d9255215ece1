/**
 * The bindingCode: sole owner of the code, of its window, and of whether the cloud knows it. The cloud always holds the
 * last code that it was told of, so a code is revoked by another one that no app ever sees.
 */

import { isBindingCode } from "../codec/code.js";
import { hex } from "../codec/bytes.js";
import { failure } from "../failure.js";
import type { Hal, Timer } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";

/** Longest window in seconds [P]. */
export const MAX_WINDOW = 3600;
export interface WindowInfo {
  code: string;
  seconds: number;
}

export interface Codes {
  /**
   * Opens the window with a new code, in place of one that is open. The cloud has yet to be told.
   * @param code 16 characters 0-9A-F, default random
   * @throws Error when seconds or code are malformed
   */
  open(seconds: number, code?: string): void;
  /** Closes the window, if it is open: its code gives way to one that no app is told. */
  close(): void;
  /** The open window. Its seconds are rounded down. */
  window(): WindowInfo | undefined;
  /** The code that the cloud is to have, of the open window or one that no app knows; "" when there is none. */
  current(): string;
  /** Whether the cloud has it; after a new connection it has to be told that of an open window again. */
  known(): boolean;
  /** The cloud has this code. @returns whether it is the one of the open window */
  acknowledged(code: string): boolean;
  /** A new connection will tell the cloud the code of the open window again. */
  disconnected(): void;
}

/**
 * @param trusted whether codes can be made that cannot be guessed; otherwise there is none
 * @param ended called when a window was closed or its time is over
 * @once
 */
export function createCodes(hal: Hal, random: Random, trusted: boolean, ended: () => void): Codes {
  // At boot too: an earlier boot may have left one at the cloud.
  let code = trusted ? hex(random(8)) : "";
  let known = ""; // the one that the cloud has
  let end = 0;
  let timer: Timer | undefined; // while a window is open

  function close(): void {
    if (!timer) return;
    hal.cancel(timer);
    timer = undefined;
    code = hex(random(8));
    ended();
  }

  function window(): WindowInfo | undefined {
    // A wall clock that was set forward by less than the hal can tell from time that has passed: the timer is late.
    if (end <= hal.now()) close();
    // Another one may have followed.
    return timer && { code: code, seconds: ((end - hal.now()) / 1000) | 0 };
  }

  return {
    open(seconds, chosen) {
      if (!(seconds >= 1 && seconds <= MAX_WINDOW)) throw failure("seconds", "seconds must be 1-3600");
      if (chosen !== undefined && !isBindingCode(chosen)) throw failure("code", "code must be 16 characters 0-9A-F");
      hal.cancel(timer);
      code = chosen || hex(random(8));
      known = "";
      end = hal.now() + seconds * 1000;
      timer = hal.after(seconds * 1000, close);
    },
    close: close,
    window: window,
    current: () => code,
    known: () => known == code,
    acknowledged(told) {
      known = told;
      return told == code && timer !== undefined;
    },
    disconnected() {
      if (timer) known = "";
    },
  };
}
