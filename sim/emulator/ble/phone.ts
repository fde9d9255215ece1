/** A phone's side of the air: the Bluetooth of a simulated device in another process. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { BLE_PORT, messages, MTU, tell, type Question, type Told } from "./air.js";
import type { Advertisement, Bluetooth, GattClient } from "./gatt.js";

/** A phone's side of a connection. */
class Phone implements GattClient {
  private readonly waiting: ((told: Told) => void)[] = [];
  private readonly indication: ((bytes: Buffer) => void)[] = [];
  private readonly gone: (() => void)[] = [];

  private constructor(private readonly socket: Socket) {
    const end = (): void => this.end();
    void this.listen().then(end, end);
  }

  /** @throws Error when no device is there */
  static async near(host: string): Promise<Phone> {
    const socket = connect({ host, port: BLE_PORT });
    await once(socket, "connect").catch(() => {
      throw new Error(`nothing is near at ${host}:${BLE_PORT}`);
    });
    return new Phone(socket.setNoDelay());
  }

  /** @throws Error that the device's side has, and when it has gone */
  async ask(question: Question): Promise<unknown> {
    const { answer, error } = await new Promise<Told>((resolve) => {
      this.waiting.push(resolve);
      if (this.socket.writable) tell(this.socket, question);
      else this.end();
    });
    if (error) throw new Error(error);
    return answer;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.ask({ write: Buffer.from(bytes).toString("base64") });
  }

  onIndication(listener: (bytes: Buffer) => void): void {
    this.indication.push(listener);
  }

  onDisconnected(listener: () => void): void {
    this.gone.push(listener);
  }

  async disconnect(): Promise<void> {
    this.socket.end();
  }

  private async listen(): Promise<void> {
    for await (const told of messages<Told>(this.socket)) {
      const { indication } = told;
      if (indication === undefined) this.waiting.shift()?.(told);
      else for (const listener of this.indication) listener(Buffer.from(indication, "base64"));
    }
  }

  private end(): void {
    for (const resolve of this.waiting.splice(0)) resolve({ error: "the Bluetooth connection is gone" });
    for (const listener of this.gone.splice(0)) listener();
  }
}

/** The Bluetooth of a device in another process. @param host its loopback address */
export function bluetoothAt(host: string): Bluetooth {
  return {
    async advertisement() {
      const phone = await Phone.near(host);
      const seen = (await phone.ask({})) as (Omit<Advertisement, "data"> & { data: string }) | null;
      await phone.disconnect();
      return seen ? { ...seen, data: Buffer.from(seen.data, "base64") } : undefined;
    },
    async connect(mtu = MTU.least) {
      const phone = await Phone.near(host);
      try {
        await phone.ask({ mtu });
        return phone;
      } catch (error) {
        await phone.disconnect();
        throw error;
      }
    },
  };
}
