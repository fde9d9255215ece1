/** A phone's side of the air: the Bluetooth of a simulated device in another process. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { BLE_PORT, messages, tell, type Question, type Told } from "./air.js";
import { checkWrite, MTU, type Bluetooth, type GattClient } from "./gatt.js";
import { parseAdvertisement } from "./packets.js";

/** A phone's side of a connection. */
class Phone implements GattClient {
  mtu = MTU.least;
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

  async subscribe(): Promise<void> {
    await this.ask({ subscribe: true });
  }

  async write(bytes: Uint8Array): Promise<void> {
    checkWrite(bytes, this.mtu);
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
      const onAir = (await phone.ask({})) as string | null;
      await phone.disconnect();
      return onAir === null ? undefined : parseAdvertisement(Buffer.from(onAir, "base64"));
    },
    async connect(asked = MTU.least) {
      const phone = await Phone.near(host);
      try {
        phone.mtu = (await phone.ask({ mtu: asked })) as number;
        return phone;
      } catch (error) {
        await phone.disconnect();
        throw error;
      }
    },
  };
}
