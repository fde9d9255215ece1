/**
 * Events to the owner's listeners, each in a turn of its own: they have the whole of the small stack. A listener that
 * throws costs only itself.
 */

import type { Hal } from "../hal/hal.js";

/** What an event says; see `on` of the public API. */
export type Details = Record<string, unknown>;
export type Listener = (event: Details) => void;

export interface Emitter {
  on(event: string, listener: Listener): void;
  emit(event: string, details: Details): void;
}

/** @once */
export function createEmitter(hal: Hal): Emitter {
  const listeners: [string, Listener][] = [];

  function tell(listener: Listener, event: string, details: Details): void {
    try {
      listener(details);
    } catch (error) {
      hal.log("error listener=" + event + " " + String(error));
    }
  }

  return {
    on(event, listener) {
      listeners.push([event, listener]);
    },
    emit(event, details) {
      listeners.forEach((entry) => {
        if (entry[0] == event) hal.after(0, () => tell(entry[1], event, details));
      });
    },
  };
}
