/** A phone near the device: hears what it advertises, and connects to its characteristic. */

import { parseAdvertisement, type Advertisement } from "./packets.js";
import { nrfCalls } from "./nrf.js";

/** Bytes of a packet: what is agreed on without a word, and the most that Espruino takes on ESP32. */
export const MTU = { least: 23, most: 500 };
/** Bytes of a packet that are not the value. */
const HEADER = 3;

/** A connection to characteristic 9C40. */
export interface GattClient {
  /** Bytes of a packet, agreed on by both sides. */
  readonly mtu: number;
  /** Until then the phone drops what the device indicates. */
  subscribe(): Promise<void>;
  /** One write with response. @throws Error when it is larger than a packet, or the connection is gone */
  write(bytes: Uint8Array): Promise<void>;
  onIndication(listener: (bytes: Buffer) => void): void;
  onDisconnected(listener: () => void): void;
  disconnect(): Promise<void>;
}

export interface Bluetooth {
  /** What is on the air now; undefined while the device is silent: asleep, or with an app. */
  advertisement(): Promise<Advertisement | undefined>;
  /** @param mtu bytes of a packet that the phone asks for, from 23 @throws Error when the device does not advertise */
  connect(mtu?: number): Promise<GattClient>;
}

/** @throws Error for a write that is larger than a packet, which the phone's own Bluetooth refuses */
export function checkWrite(bytes: Uint8Array, mtu: number): void {
  if (bytes.length > mtu - HEADER) throw new Error(`a write has at most ${mtu - HEADER} bytes, not ${bytes.length}`);
}

type Evaluate = (expression: string) => Promise<unknown>;

/** Milliseconds between two looks for indications. */
const LOOK = 50;

class Connection implements GattClient {
  private readonly indication: ((bytes: Buffer) => void)[] = [];
  private readonly gone: (() => void)[] = [];
  private open = true;

  constructor(
    private readonly evaluate: Evaluate,
    private readonly phone: number,
    readonly mtu: number,
  ) {
    void this.look();
  }

  async subscribe(): Promise<void> {
    await this.ask(nrfCalls.subscribe(this.phone));
  }

  async write(bytes: Uint8Array): Promise<void> {
    checkWrite(bytes, this.mtu);
    await this.ask(nrfCalls.write(this.phone, Buffer.from(bytes).toString("base64")));
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
    await this.evaluate(nrfCalls.leave(this.phone));
  }

  private async ask(call: string): Promise<void> {
    if (!this.open || !(await this.evaluate(call))) throw new Error("the Bluetooth connection is gone");
  }

  private end(): void {
    if (!this.open) return;
    this.open = false;
    for (const listener of this.gone) listener();
  }

  private async look(): Promise<void> {
    while (this.open) {
      // A device without power indicates nothing any more.
      const taken = (await this.evaluate(nrfCalls.take(this.phone)).catch(() => undefined)) as string[] | undefined;
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
      const onAir = (await evaluate(nrfCalls.advertisement)) as string | null;
      return onAir === null ? undefined : parseAdvertisement(Buffer.from(onAir, "base64"));
    },
    async connect(asked = MTU.least) {
      const mtu = Math.min(asked, MTU.most);
      const phone = (await evaluate(nrfCalls.connect(mtu))) as number;
      if (!phone) throw new Error("the device does not advertise");
      return new Connection(evaluate, phone, mtu);
    },
  };
}
