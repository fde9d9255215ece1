/** The handshake's characteristic over Bluetooth LE, as a stream of bytes. */
import { Duplex } from "node:stream";

const SERVICE = 0x180a;
const CHARACTERISTIC = 0x9c40;
/** Bytes of one write: what the default ATT MTU carries. */
const PIECE = 20;

/** A connection of a Bluetooth library, or of the emulator. */
export interface Gatt {
  write(service: number, characteristic: number, bytes: Buffer): void;
  onIndication: (bytes: Buffer) => void;
  onDisconnect: () => void;
  disconnect(): void;
}

export function gattStream(gatt: Gatt): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        gatt.write(SERVICE, CHARACTERISTIC, chunk.subarray(at, at + PIECE));
      }
      done();
    },
    destroy(error, done) {
      gatt.disconnect();
      done(error);
    },
  });
  gatt.onIndication = (bytes) => stream.push(bytes);
  gatt.onDisconnect = () => stream.destroy();
  return stream;
}
