/** A stream of bytes over a Bluetooth characteristic that is written and indicates: for a `Link`, as a socket is. */

import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes of a packet that an app asks for, so that a login is one write [R1]. */
const MTU = 256;
/** The smallest, which is agreed on without a word; and the part of each that is not the value. */
const LEAST_MTU = 23;
const HEADER = 3;
/** Milliseconds between connecting and subscribing [A]. */
const SETTLE = 300;

/** The app's end of characteristic 9C40, whatever Bluetooth library is behind it. */
export interface Characteristic {
  /** Bytes of a packet that were agreed on; default 23. */
  readonly mtu?: number;
  /** Asks for the indications. */
  subscribe(): Promise<void>;
  /** One write with response, of at most `mtu` - 3 bytes. */
  write(bytes: Uint8Array): Promise<void>;
  onIndication(listener: (bytes: Uint8Array) => void): void;
  onDisconnected(listener: () => void): void;
  disconnect(): Promise<void>;
}

/** Destroying it ends the connection, after the fragments of what is being written have left. */
export function gattStream(characteristic: Characteristic): Duplex {
  let writing: Promise<void> = Promise.resolve();
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writing = writeAll(characteristic, chunk);
      writing.then(() => done(), done);
    },
    destroy(error, done) {
      const end = (): Promise<void> => characteristic.disconnect();
      writing.then(end, end).then(
        () => done(error),
        () => done(error),
      );
    },
  });
  characteristic.onIndication((bytes) => stream.push(bytes));
  characteristic.onDisconnected(() => stream.destroy());
  return stream;
}

async function writeAll(characteristic: Characteristic, bytes: Buffer): Promise<void> {
  const most = (characteristic.mtu ?? LEAST_MTU) - HEADER;
  for (let at = 0; at < bytes.length; at += most) await characteristic.write(bytes.subarray(at, at + most));
}

/**
 * Connects as an app does: with an MTU of 256, and a subscription 300 ms later. Frames arrive in pieces of any size.
 * @throws what `connect` and the subscription throw; the connection has ended then
 */
export async function openGatt(connect: (mtu: number) => Promise<Characteristic>): Promise<Duplex> {
  const characteristic = await connect(MTU);
  const stream = gattStream(characteristic);
  try {
    await sleep(SETTLE);
    await characteristic.subscribe();
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
