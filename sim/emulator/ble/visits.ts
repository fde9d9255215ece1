/** A simulated device's side of the air: phones of other processes come, ask, and go. */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";

import { BLE_PORT, messages, tell, type Question, type Told } from "./air.js";
import { MTU, type Bluetooth, type GattClient } from "./gatt.js";

/** What one phone asks, for as long as it is there. */
class Visit {
  private client?: GattClient;

  constructor(
    private readonly socket: Socket,
    private readonly bluetooth: Bluetooth,
  ) {}

  async serve(): Promise<void> {
    try {
      for await (const question of messages<Question>(this.socket)) tell(this.socket, await this.reply(question));
    } finally {
      this.socket.destroy();
      await this.client?.disconnect();
    }
  }

  private reply(question: Question): Promise<Told> {
    return this.answer(question).then(
      (answer) => ({ answer }),
      (error: Error) => ({ error: error.message }),
    );
  }

  private async answer({ mtu, subscribe, write }: Question): Promise<unknown> {
    if (mtu !== undefined) return this.connect(Number(mtu));
    if (write !== undefined) return this.known().write(Buffer.from(String(write), "base64"));
    if (subscribe !== undefined) return this.known().subscribe();
    return (await this.bluetooth.advertisement())?.raw.toString("base64") ?? null;
  }

  private known(): GattClient {
    if (!this.client) throw new Error("there is no Bluetooth connection");
    return this.client;
  }

  /** @returns the MTU that was agreed on */
  private async connect(mtu: number): Promise<number> {
    if (!(mtu >= MTU.least)) throw new Error(`an MTU is at least ${MTU.least} bytes`);
    if (this.client) throw new Error("there is a Bluetooth connection already");
    this.client = await this.bluetooth.connect(Math.floor(mtu));
    this.client.onIndication((bytes) => tell(this.socket, { indication: bytes.toString("base64") }));
    this.client.onDisconnected(() => this.socket.end());
    return this.client.mtu;
  }
}

/** Lets phones of other processes near a device. @param host its loopback address @returns what ends that */
export async function serveBluetooth(bluetooth: Bluetooth, host: string): Promise<() => Promise<void>> {
  const phones = new Set<Socket>();
  const server = createServer((socket) => {
    phones.add(socket.on("error", () => {}));
    // What goes wrong with a phone, and a device without power, is the end of its visit.
    const gone = (): void => void phones.delete(socket);
    new Visit(socket, bluetooth).serve().then(gone, gone);
  });
  await once(server.listen(BLE_PORT, host), "listening");
  return async () => {
    phones.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
}
