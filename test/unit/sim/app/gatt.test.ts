/** The app's stream over a Bluetooth characteristic: order of calls, sizes of writes, and ends. */

import { EventEmitter, once } from "node:events";
import { buffer } from "node:stream/consumers";

import { expect } from "chai";

import { gattStream, openGatt, type Characteristic } from "../../../../sim/app/index.js";

/** A characteristic that writes down what is asked of it. */
class Recorder extends EventEmitter implements Characteristic {
  readonly calls: string[] = [];
  broken = false;

  constructor(readonly mtu?: number) {
    super();
  }

  async subscribe(): Promise<void> {
    this.calls.push("subscribe");
    if (this.broken) throw new Error("no indications");
  }
  async write(bytes: Uint8Array): Promise<void> {
    this.calls.push(`write ${bytes.length}`);
    if (this.broken) throw new Error("gone");
  }
  onIndication(listener: (bytes: Uint8Array) => void): void {
    this.on("indication", listener);
  }
  onDisconnected(listener: () => void): void {
    this.on("disconnected", listener);
  }
  async disconnect(): Promise<void> {
    this.calls.push("disconnect");
  }
}

describe("app: Bluetooth", () => {
  it("asks for an MTU of 256, and subscribes 300 ms after it has connected", async () => {
    const characteristic = new Recorder(256);
    const asked: number[] = [];
    const start = performance.now();
    const stream = await openGatt(async (mtu) => {
      asked.push(mtu);
      return characteristic;
    });
    expect(performance.now() - start).to.be.within(290, 1000);
    stream.write(Buffer.alloc(77));
    await new Promise((resolve) => stream.write(Buffer.alloc(500), resolve));
    expect(asked).to.deep.equal([256]);
    expect(characteristic.calls).to.deep.equal(["subscribe", "write 77", "write 253", "write 247"]);
    stream.destroy();
  });

  it("writes 20 bytes at once where nothing else was agreed on", async () => {
    const characteristic = new Recorder();
    const stream = gattStream(characteristic);
    await new Promise((resolve) => stream.write(Buffer.alloc(45), resolve));
    expect(characteristic.calls).to.deep.equal(["write 20", "write 20", "write 5"]);
    stream.destroy();
    await once(stream, "close");
    expect(characteristic.calls.at(-1)).to.equal("disconnect");
  });

  it("joins indications of any size, and ends with the connection", async () => {
    const characteristic = new Recorder();
    const stream = gattStream(characteristic);
    const all = buffer(stream).catch(() => undefined);
    const read: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => read.push(chunk));
    for (const size of [1, 20, 253]) characteristic.emit("indication", Buffer.alloc(size, size));
    await new Promise((resolve) => setImmediate(resolve));
    characteristic.emit("disconnected");
    await all;
    expect(Buffer.concat(read)).to.have.length(274);
    expect(stream.destroyed).to.equal(true);
  });

  it("disconnects when the device refuses its indications or a write", async () => {
    const characteristic = new Recorder();
    characteristic.broken = true;
    expect(await openGatt(async () => characteristic).catch(String)).to.contain("no indications");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(characteristic.calls).to.deep.equal(["subscribe", "disconnect"]);
    const stream = gattStream(characteristic).on("error", () => {});
    const error = await new Promise((resolve) => stream.write(Buffer.alloc(1), resolve));
    expect(String(error)).to.contain("gone");
    expect(await openGatt(() => Promise.reject(new Error("not there"))).catch(String)).to.contain("not there");
  });
});
