/** The device's own access point, for apps that bring a network. */

import type { Hal, Timer } from "../hal/hal.js";

/** Milliseconds that it stays after success, so that the app hears of it. */
const FAREWELL = 60000;

export interface AccessPoint {
  open(): void;
  close(): void;
  /** Closes it when the app has heard of its success. */
  closeLater(): void;
}

/**
 * @param name its SSID
 * @param password gives that of it, or "" for an open one
 * @param failed told why it could not be opened
 * @once
 */
export function createAccessPoint(
  hal: Hal,
  name: string,
  password: () => string,
  failed: (error: string) => void,
): AccessPoint {
  let up = false;
  let closing: Timer | undefined;

  function close(): void {
    hal.cancel(closing);
    if (up) hal.wifi().stopAP();
    up = false;
  }

  return {
    open() {
      hal.cancel(closing);
      if (up) return;
      up = true;
      const locked = password();
      hal.wifi().startAP(name, locked ? { password: locked, authMode: "wpa2" } : {}, (error) => {
        if (error) failed(error);
      });
    },
    close: close,
    closeLater() {
      closing = hal.after(FAREWELL, close);
    },
  };
}
