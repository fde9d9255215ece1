/** The binding window: one bindingCode, valid for a time on the monotonic clock. */

import type { Platform, Timer } from "../platform.js";

export const MAX_WINDOW = 3600;

export class BindingWindow {
  /** The bindingCode, "" while no window is open. */
  code = "";
  /** Whether the platform has acknowledged the code. */
  reported = false;
  private _end = 0;
  private _timer: Timer | undefined;

  constructor(
    private _platform: Platform,
    private _expired: () => void,
  ) {}

  /** Opens the window, in place of one that is open. @param seconds 1-3600 */
  open(code: string, seconds: number): void {
    this.close();
    this.code = code;
    this._end = this._platform.now() + seconds * 1000;
    this._timer = this._platform.after(seconds * 1000, () => {
      this.close();
      this._expired();
    });
  }

  /** Forgets the code. */
  close(): void {
    this._platform.cancel(this._timer);
    this._timer = undefined;
    this.code = "";
    this.reported = false;
  }

  /** Whole seconds left, 0 when closed. Rounded down, so that the platform never thinks it longer than the device. */
  seconds(): number {
    return this.code ? Math.max(0, Math.floor((this._end - this._platform.now()) / 1000)) : 0;
  }
}
