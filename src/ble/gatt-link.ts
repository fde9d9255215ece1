/** One app over GATT: what is sent leaves as indications, a fragment after the other. */

import type { Link } from "../hal/hal.js";

/** Bytes of an indication: the smallest MTU, 23, without its header. Espruino tells no program what was agreed on. */
const FRAGMENT = 20;
/** Milliseconds between two fragments. Espruino tells no program that an app has confirmed one. */
const PACE = 50;
/** Most bytes that wait; an app that asks for more than it takes is given up. */
const MOST_WAITING = 4096;
/** Times that a fragment is offered to a Bluetooth stack that is busy. */
const MOST_TRIES = 20;

export class GattLink implements Link {
  /** False when it is given up, or the app has gone: nothing more leaves. */
  open = true;
  private _queue = "";
  private _busy = false;
  private _ending = false;
  private _tries = 0;

  /**
   * @param _indicate sends a fragment; throws while the stack is busy
   * @param _hangUp ends the connection
   */
  constructor(
    private _indicate: (fragment: string) => void,
    private _hangUp: () => void,
    private _later: (callback: () => void, milliseconds: number) => void,
  ) {}

  send(bytes: string): void {
    if (!this.open || this._ending) return;
    this._queue += bytes;
    if (this._queue.length > MOST_WAITING) this._give();
    else this._start();
  }

  end(): void {
    this._ending = true;
    this._start();
  }

  private _start(): void {
    if (this._busy) return;
    this._busy = true;
    this._later(() => this._step(), 0);
  }

  private _step(): void {
    if (!this.open) return;
    if (this._queue) {
      this._offer();
      if (this._tries < MOST_TRIES) this._later(() => this._step(), PACE);
      else this._give();
    } else if (this._ending) {
      this._give();
    } else {
      this._busy = false;
    }
  }

  private _offer(): void {
    try {
      this._indicate(this._queue.substr(0, FRAGMENT));
      this._queue = this._queue.substr(FRAGMENT);
      this._tries = 0;
    } catch {
      this._tries++;
    }
  }

  private _give(): void {
    this.open = false;
    this._queue = "";
    this._hangUp();
  }
}
