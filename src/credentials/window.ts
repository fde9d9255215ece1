/** The binding window: one bindingCode, valid for a time on the monotonic clock. */

import type { Hal, Timer } from "../hal/hal.js";

/** Longest window in seconds [P]. */
export const MAX_WINDOW = 3600;

export interface BindingWindow {
  /** The bindingCode, "" while no window is open. */
  code: string;
  /** Whether the cloud has acknowledged the code. */
  reported: boolean;
  /** Opens the window, in place of one that is open. @param seconds 1-3600 */
  open(code: string, seconds: number): void;
  /** Forgets the code. */
  close(): void;
  /** Whole seconds left, 0 when closed. Rounded down, so that the cloud never thinks it longer than the device. */
  seconds(): number;
}

/**
 * @param expired called when the time is over, after the code is forgotten
 * @once
 */
export function createWindow(hal: Hal, expired: () => void): BindingWindow {
  let end = 0;
  let timer: Timer | undefined;
  const self: BindingWindow = {
    code: "",
    reported: false,
    open(code, seconds) {
      self.close();
      self.code = code;
      end = hal.now() + seconds * 1000;
      timer = hal.after(seconds * 1000, () => {
        self.close();
        expired();
      });
    },
    close() {
      hal.cancel(timer);
      self.code = "";
      self.reported = false;
    },
    seconds: () => (self.code ? Math.max(0, Math.floor((end - hal.now()) / 1000)) : 0),
  };
  return self;
}
