/** Node's Buffer, for the app's code; and what the fallback of the device's crypto takes from Espruino. */
import { Buffer } from "buffer/index.js";

const E = {
  toUint8Array: (bytes: string): Uint8Array => Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)),
  toString: (bytes: ArrayBuffer | Uint8Array): string =>
    Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""),
};

Object.assign(globalThis, { Buffer, E });
