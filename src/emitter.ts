/** Events to the owner's listeners. A listener that throws costs only itself. */

export type Listener = (event: Record<string, unknown>) => void;

export class Emitter {
  private _listeners: [string, Listener][] = [];

  constructor(private _log: (line: string) => void) {}

  on(event: string, listener: Listener): void {
    this._listeners.push([event, listener]);
  }

  emit(event: string, details: Record<string, unknown>): void {
    this._listeners.forEach((entry) => {
      if (entry[0] != event) return;
      try {
        entry[1](details);
      } catch (error) {
        this._log("error listener=" + event + " " + String(error));
      }
    });
  }
}
