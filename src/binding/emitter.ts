/**
 * Events to the owner's listeners, each in a turn of its own: they have the whole of the small stack. A listener that
 * throws costs only itself.
 */

import type { Events } from "../events.js";
import type { Hal } from "../hal/hal.js";

export type On = <E extends keyof Events>(event: E, listener: (event: Events[E]) => void) => void;

export interface Emitter {
  on: On;
  emit<E extends keyof Events>(event: E, details: Events[E]): void;
  /** Says what is wrong: in the log, and by the event `error`. @param number the cloud's own, or undefined */
  problem(code: string, message: string, number?: number): void;
}

type Details = Events[keyof Events];
type Listener = (event: Details) => void;

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

  function emit<E extends keyof Events>(event: E, details: Events[E]): void {
    listeners.forEach((entry) => {
      if (entry[0] == event) hal.after(0, () => tell(entry[1], event, details));
    });
  }

  return {
    on(event, listener) {
      listeners.push([event, listener as Listener]);
    },
    emit: emit,
    problem(code, message, number) {
      hal.log("error " + code + (number ? " " + number : "") + ": " + message);
      emit("error", { code: code, message: message, number: number });
    },
  };
}
