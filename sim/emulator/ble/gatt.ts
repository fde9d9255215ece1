/** A phone near the device: sees what it advertises, and connects to its characteristic. */

import { nrfCalls } from "./nrf.js";

/** What a device advertises. */
export interface Advertisement {
  /** UUIDs of 16 bits. */
  services: number[];
  /** Number of the company, and its data. */
  manufacturer: number;
  data: Buffer;
}

/** A connection to characteristic 9C40. */
export interface GattClient {
  /** One write; the device takes the first 61 bytes of it. @throws Error when the connection is gone */
  write(bytes: Uint8Array): Promise<void>;
  onIndication(listener: (bytes: Buffer) => void): void;
  onDisconnected(listener: () => void): void;
  disconnect(): Promise<void>;
}

export interface Bluetooth {
  /** Undefined while the device is silent: asleep, or with an app. */
  advertisement(): Promise<Advertisement | undefined>;
  /** @param mtu bytes of a packet, 23-500; default 23 @throws Error when the device does not advertise */
  connect(mtu?: number): Promise<GattClient>;
}

type Evaluate = (expression: string) => Promise<unknown>;

/** Milliseconds between two looks for indications. */
const LOOK = 50;

class Connection implements GattClient {
  private readonly indication: ((bytes: Buffer) => void)[] = [];
  private readonly gone: (() => void)[] = [];
  private open = true;

  constructor(private readonly evaluate: Evaluate) {
    void this.look();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const written = this.open && (await this.evaluate(nrfCalls.write(Buffer.from(bytes).toString("base64"))));
    if (!written) throw new Error("the Bluetooth connection is gone");
  }

  onIndication(listener: (bytes: Buffer) => void): void {
    this.indication.push(listener);
  }

  onDisconnected(listener: () => void): void {
    this.gone.push(listener);
  }

  async disconnect(): Promise<void> {
    if (!this.open) return;
    this.end();
    await this.evaluate(nrfCalls.leave);
  }

  private end(): void {
    if (!this.open) return;
    this.open = false;
    for (const listener of this.gone) listener();
  }

  private async look(): Promise<void> {
    while (this.open) {
      // A device without power indicates nothing any more.
      const taken = (await this.evaluate(nrfCalls.take).catch(() => undefined)) as string[] | undefined;
      if (!taken) return this.end();
      for (const bytes of taken) for (const listener of this.indication) listener(Buffer.from(bytes, "base64"));
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }
}

/** @param evaluate evaluates an expression on the device */
export function bluetoothOf(evaluate: Evaluate): Bluetooth {
  return {
    async advertisement() {
      const seen = (await evaluate(nrfCalls.advertisement)) as (Omit<Advertisement, "data"> & { data: string }) | null;
      return seen ? { ...seen, data: Buffer.from(seen.data, "base64") } : undefined;
    },
    async connect(mtu = 23) {
      if (!(await evaluate(nrfCalls.connect(mtu)))) throw new Error("the device does not advertise");
      return new Connection(evaluate);
    },
  };
}
