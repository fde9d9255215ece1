/** A simulated device's side of the air: phones of other processes come, ask, and go. */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";

import { BLE_PORT, messages, MTU, tell, type Question, type Told } from "./air.js";
import type { Bluetooth, GattClient } from "./gatt.js";

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

  private async answer({ mtu, write }: Question): Promise<unknown> {
    if (write !== undefined) return this.write(String(write));
    if (mtu !== undefined) return this.connect(Number(mtu));
    const seen = await this.bluetooth.advertisement();
    return seen ? { ...seen, data: seen.data.toString("base64") } : null;
  }

  private async write(base64: string): Promise<true> {
    if (!this.client) throw new Error("there is no Bluetooth connection");
    await this.client.write(Buffer.from(base64, "base64"));
    return true;
  }

  private async connect(mtu: number): Promise<true> {
    if (!(mtu >= MTU.least && mtu <= MTU.most)) throw new Error(`an MTU is ${MTU.least}-${MTU.most} bytes`);
    this.client = await this.bluetooth.connect(Math.floor(mtu));
    this.client.onIndication((bytes) => tell(this.socket, { indication: bytes.toString("base64") }));
    this.client.onDisconnected(() => this.socket.end());
    return true;
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
