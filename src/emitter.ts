/** Events to the owner's listeners. A listener that throws costs only itself. */

/** What an event says; see `on` of the public API. */
export type Details = Record<string, unknown>;
export type Listener = (event: Details) => void;

export interface Emitter {
  on(event: string, listener: Listener): void;
  emit(event: string, details: Details): void;
}

export function createEmitter(log: (line: string) => void): Emitter {
  const listeners: [string, Listener][] = [];
  return {
    on(event, listener) {
      listeners.push([event, listener]);
    },
    emit(event, details) {
      listeners.forEach((entry) => {
        try {
          if (entry[0] == event) entry[1](details);
        } catch (error) {
          log("error listener=" + event + " " + String(error));
        }
      });
    },
  };
}
