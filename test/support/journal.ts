/** What stands in the flash of a running device, in every engine: read while it runs, and written as the factory does. */

import type { Device } from "../../sim/emulator/index.js";
import { FLASH_START as ON_LINUX } from "../../sim/emulator/interpreter/install.js";
import { FLASH_START as ON_ESP32 } from "../../sim/emulator/modules/flash.js";
import { literal } from "../../compiler/literal.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../src/codec/record.js";
import { openJournal, type Journal } from "../../src/storage/journal.js";
import { checksum, latin1, MemoryFlash } from "./hal.js";

const BLOCKS = 14;
/** Bytes of one expression. */
const PIECE = 1024;

function address(device: Device, offset: number): number {
  return (device.engine === "emulator" ? ON_ESP32 : ON_LINUX) + offset;
}

/** The device's own journal, as it is now. */
export async function journalOf(device: Device): Promise<Journal> {
  const flash = new MemoryFlash();
  const read = async (offset: number, length: number): Promise<void> => {
    const bytes = `btoa(E.toString(require("Flash").read(${length},${address(device, offset)})))`;
    Buffer.from(String(await device.eval(bytes)), "base64").copy(flash.bytes, offset);
  };
  const starts = Array.from({ length: BLOCKS }, (_, at) => (IDENTITY_BLOCKS + at) * BLOCK_SIZE);
  const first = `[${starts.map((start) => address(device, start)).join()}].map(a=>require("Flash").read(1,a)[0])`;
  const written = (await device.eval(first)) as number[];
  for (const [at, start] of starts.entries()) if (written[at] !== 0xff) await read(start, BLOCK_SIZE);
  return openJournal(flash, checksum, IDENTITY_BLOCKS, BLOCKS);
}

/** Writes another identity, as the factory tool does, while the device runs; it counts from the next boot. */
export async function writeIdentity(device: Device, bytes: Uint8Array): Promise<void> {
  const text = Buffer.from(bytes).toString("latin1");
  for (let offset = 0; offset < text.length; offset += PIECE) {
    const at = address(device, offset);
    const piece = text.slice(offset, offset + PIECE);
    if (!(offset % BLOCK_SIZE)) await device.eval(`require("Flash").erasePage(${at})`);
    if (latin1(piece).some((byte) => byte !== 0xff)) {
      await device.eval(`require("Flash").write(${literal(piece)},${at})`);
    }
  }
}
