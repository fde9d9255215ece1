/** A stream of bytes over a Bluetooth characteristic that is written and indicates: for a `Link`, as a socket is. */

import { Duplex } from "node:stream";

/** Bytes of a write: what the smallest MTU, 23, has room for. A device that runs Espruino cuts them from 62 on. */
const FRAGMENT = 20;

/** The app's end of characteristic 9C40, whatever Bluetooth library is behind it. */
export interface Characteristic {
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
  for (let at = 0; at < bytes.length; at += FRAGMENT) await characteristic.write(bytes.subarray(at, at + FRAGMENT));
}
