/** Espruino's `NRF` in front of a simulated radio: one app at a time, which writes and is indicated to. */

import type { Realm } from "../realm/realm.js";

/** Bytes of an attribute that the default ATT MTU carries. */
const MTU = 20;

/** What an app sees of the device without connecting. */
export interface Advertisement {
  manufacturer: number;
  data: Buffer;
}

/** One connected app. */
export interface GattConnection {
  /** Writes a characteristic, at most 20 bytes. */
  write(service: number, characteristic: number, bytes: Buffer): void;
  onIndication: (bytes: Buffer) => void;
  onDisconnect: () => void;
  disconnect(): void;
}

interface Characteristic {
  maxLen?: number;
  writable?: boolean;
  indicate?: boolean;
  onWrite?: unknown;
  value?: unknown;
}
type Services = Record<string, Record<string, Characteristic>>;

export interface BluetoothHost {
  readonly realm: Realm;
  job(work: () => void): void;
  queue(callback: unknown, self: object, args: unknown[]): void;
  trap(message: string): void;
  mac: string;
}

export class Bluetooth {
  readonly object: Record<string, unknown>;
  advertisement?: Advertisement;
  /** Whether the REPL over Bluetooth is open, as it is until somebody turns it off. */
  uart = true;
  private services: Services = {};
  private app?: GattConnection;

  constructor(private readonly host: BluetoothHost) {
    this.object = host.realm.make({
      setServices: (services: Services, options?: { uart?: boolean }) => {
        this.services = services;
        this.uart = options?.uart !== false;
      },
      updateServices: (services: Services) => this.update(services),
      setAdvertising: (_data: object, options: { manufacturer: number; manufacturerData: string }) => {
        const { manufacturer, manufacturerData } = options;
        this.advertisement = { manufacturer, data: Buffer.from(manufacturerData, "latin1") };
      },
      getAddress: () => `${host.mac} public`,
      disconnect: () => this.drop(),
    });
  }

  connect(): GattConnection {
    if (this.app) throw new Error("another app is connected: the device advertises no more");
    const app: GattConnection = {
      write: (service, characteristic, bytes) => this.written(service, characteristic, bytes),
      onIndication: () => {},
      onDisconnect: () => {},
      disconnect: () => {
        if (this.app === app) this.drop();
      },
    };
    this.app = app;
    this.host.job(() => this.host.realm.dispatch(this.object, "connect", ["aa:bb:cc:00:00:01 public"]));
    return app;
  }

  private written(service: number, characteristic: number, bytes: Buffer): void {
    const { onWrite, writable, maxLen = 0 } = this.services[service]?.[characteristic] ?? {};
    if (!writable || bytes.length > Math.min(maxLen, MTU)) throw new Error("the device takes no such write");
    const { realm } = this.host;
    const event = realm.object({ data: realm.bytes(bytes).buffer });
    this.host.job(() => this.host.queue(onWrite, this.object, [event]));
  }

  private update(services: Services): void {
    for (const [service, characteristics] of Object.entries(services)) {
      for (const [number, { value, indicate }] of Object.entries(characteristics)) {
        const known = this.services[service]?.[number];
        const bytes = Buffer.from(String(value), "latin1");
        if (!known || bytes.length > (known.maxLen ?? 0)) this.host.trap("NRF.updateServices of what was not set up");
        else if (indicate && known.indicate) setImmediate(() => this.app?.onIndication(bytes));
      }
    }
  }

  private drop(): void {
    const app = this.app;
    this.app = undefined;
    if (!app) return;
    app.onDisconnect();
    this.host.job(() => this.host.realm.dispatch(this.object, "disconnect", [19]));
  }
}
