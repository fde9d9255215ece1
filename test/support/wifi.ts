/** A radio for unit tests: it does nothing by itself, notes what it is told, and says what the test wants. */

import type { Network, Wifi } from "../../src/hal/wifi.js";

type Event = "associated" | "connected" | "disconnected";

export class FakeWifi {
  /** What the device has asked for, in order. */
  readonly calls: string[] = [];
  /** The networks that a scan finds. */
  networks: Network[] | undefined = [];
  /** What startAP answers. */
  accessPointError: string | null = null;
  private listeners: [Event, (details: never) => void][] = [];
  private attempts: ((error: string | null) => void)[] = [];

  readonly wifi = {
    connect: (ssid: string, options: { password?: string }, done: (error: string | null) => void) => {
      this.calls.push(`connect ${ssid} ${options.password}`);
      this.attempts.push(done);
    },
    disconnect: () => void this.calls.push("disconnect"),
    scan: (done: (networks: Network[]) => void) => done(this.networks as Network[]),
    startAP: (ssid: string, _options: object, done: (error: string | null) => void) => {
      this.calls.push(`startAP ${ssid}`);
      done(this.accessPointError);
    },
    stopAP: () => void this.calls.push("stopAP"),
    on: (event: Event, listener: (details: never) => void) => void this.listeners.push([event, listener]),
  } as unknown as Wifi;

  emit(event: Event): void {
    for (const [name, listener] of this.listeners) if (name === event) listener({} as never);
  }

  /** Ends a `connect`, the last unless its number is given: null joined, otherwise Espruino's reason. */
  settle(error: string | null, attempt = this.attempts.length - 1): void {
    this.attempts[attempt](error);
  }
}
