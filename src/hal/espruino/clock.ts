/** Time that never jumps, and timers by it. */

import type { Timer } from "../hal.js";

/** Seconds that one look at the wall clock may be ahead of the last before it counts as set, not passed. */
const MAX_STEP = 180;
let lastTime = getTime();
let elapsed = 0;

export function now(): number {
  const time = getTime();
  const step = time - lastTime;
  lastTime = time;
  if (step > 0 && step < MAX_STEP) elapsed += step * 1000;
  return Math.floor(elapsed);
}

export function after(milliseconds: number, callback: () => void): Timer {
  const timer: Timer = { _id: undefined };
  const end = now() + milliseconds;
  // A wall clock that is set forward makes Espruino's timers fire early.
  const fire = (): void => {
    const left = end - now();
    timer._id = undefined;
    if (left > 20) timer._id = setTimeout(fire, left);
    else callback();
  };
  timer._id = setTimeout(fire, milliseconds);
  return timer;
}

export function cancel(timer: Timer | undefined): void {
  if (timer && timer._id !== undefined) {
    clearTimeout(timer._id);
    timer._id = undefined;
  }
}

// The monotonic clock needs a look at the wall clock more often than MAX_STEP.
setInterval(now, 60000);
