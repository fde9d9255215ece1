/** Espruino's `Flash` on ESP32: raw flash with the binding's 64 KiB, whose power a test can cut at any operation. */

import type { Realm } from "../realm/realm.js";

/** The partition of subtype 0x40 that Espruino's partition table gives to nobody (targets/esp32/jshardware.c). */
export const FLASH_START = 0x310000;
export const FLASH_SIZE = 0x10000;
export const FLASH_PAGE = 4096;
/** Flash of an ESP32 module; addresses beyond it are no page. */
const FLASH_MAX = 0x400000;
/** What Flash.getFree() says on ESP32. */
const FREE = [
  { addr: 0xe000, length: 0x2000 },
  { addr: FLASH_START, length: FLASH_SIZE },
  { addr: 0x360000, length: 0xa0000 },
];
/** One change of the flash, before it is made. */
export interface FlashOperation {
  kind: "erase" | "write";
  /** The file, of an operation in Storage. */
  file?: string;
  /** From the start of the binding's area, or of the file. */
  offset: number;
  length: number;
  /** What a write brings. */
  bytes?: Uint8Array;
}

/** Told of each operation; returns what of it still happens when the power goes in it, or undefined. */
export type OnOperation = (operation: FlashOperation) => Tear | undefined;

/** The bits of byte `at` of an operation that still change when the power goes in the middle of it. */
export type Tear = (at: number) => number;

/** The cells themselves, which outlive the device's power. */
export class FlashCells {
  readonly bytes = new Uint8Array(FLASH_SIZE).fill(0xff);
  onOperation: OnOperation = () => undefined;

  /** @returns false when the power went during the operation */
  erase(offset: number): boolean {
    const start = offset - (offset % FLASH_PAGE);
    const tear = this.onOperation({ kind: "erase", offset: start, length: FLASH_PAGE });
    if (!tear) this.bytes.fill(0xff, start, start + FLASH_PAGE);
    else for (let i = 0; i < FLASH_PAGE; i++) this.bytes[start + i] |= tear(i);
    return !tear;
  }

  /** Clears bits. @returns false when the power went during the operation */
  write(data: Uint8Array, offset: number): boolean {
    const tear = this.onOperation({ kind: "write", offset, length: data.length, bytes: data });
    for (let i = 0; i < data.length; i++) this.bytes[offset + i] &= data[i] | (tear ? ~tear(i) : 0);
    return !tear;
  }
}

/** @param powerLost ends the device in the middle of its job */
export function flashModule(realm: Realm, cells: FlashCells, powerLost: () => never): Record<string, unknown> {
  const locate = (address: number, length: number): number => {
    const offset = address - FLASH_START;
    if (offset < 0 || offset + length > FLASH_SIZE) {
      throw realm.error(`emulator: flash at 0x${address.toString(16)} is outside the binding's area`, "InternalError");
    }
    return offset;
  };
  return realm.make({
    getPage(address: number) {
      if (address < 0 || address >= FLASH_MAX) return undefined;
      return realm.object({ addr: address - (address % FLASH_PAGE), length: FLASH_PAGE });
    },
    getFree: () => realm.array(FREE.map((area) => realm.object({ ...area }))),
    erasePage(address: unknown) {
      if (typeof address !== "number" || address % 1) {
        throw realm.error(`Address should be an integer, got ${typeof address}`);
      }
      if (!cells.erase(locate(address, 1))) powerLost();
    },
    write(data: unknown, address: number) {
      if (data === undefined) throw realm.error("Data is not defined");
      const bytes = realm.pointedAt(data);
      if (bytes.length && !cells.write(bytes, locate(address, bytes.length))) powerLost();
    },
    read(length: number, address: number) {
      if (length <= 0) return undefined;
      const offset = locate(address, length);
      return realm.bytes(cells.bytes.subarray(offset, offset + length));
    },
  });
}
