/** The identity in a device's flash: read, and written with its length and bytes verified. */

import { crc32 } from "node:zlib";

import type { Identity } from "../../src/codec/identity.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../src/codec/record.js";
import { readIdentity } from "../../src/credentials/factory-identity.js";
import { FailedError } from "../../sim/errors.js";
import { literal } from "../../compiler/literal.js";
import { sealOf } from "../factory/seal.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";

/** Bytes that one packet moves. */
const PIECE = 256;

/** The device's end of a block is erased: FF from here on, so that only so much need cross the console. */
export async function usedBytes(device: Evaluator, start: number): Promise<number> {
  const blank = `(function(b,i){for(i=b.length;i&&b[i-1]==255;)i--;return i})(require("Flash").read(${BLOCK_SIZE},${start}))`;
  return (await device.eval(blank, 20000)) as number;
}

async function readBlock(device: Evaluator, start: number): Promise<Buffer> {
  const block = Buffer.alloc(BLOCK_SIZE, 0xff);
  const used = await usedBytes(device, start);
  for (let at = 0; at < used; at += PIECE) {
    const piece = await device.eval(`btoa(require("Flash").read(${PIECE},${start + at}))`);
    Buffer.from(piece as string, "base64").copy(block, at);
  }
  return block;
}

function refuse(): never {
  throw new Error("a copy of the flash is only read");
}

/** The identity in these blocks, as the device reads it. */
function identityIn(blocks: Buffer[], flashKey?: string): Identity {
  const area = Buffer.concat(blocks);
  const copy = {
    flash: { read: (length, offset) => area.toString("latin1", offset, offset + length), erase: refuse, write: refuse },
    crc32: (bytes) => crc32(Buffer.from(bytes, "latin1")),
  } satisfies Parameters<typeof readIdentity>[0];
  return readIdentity(copy, sealOf(flashKey));
}

/** What a device's flash holds of an identity. */
export interface Copies {
  /** Undefined when there is none. */
  identity?: Identity;
  /** Blocks that do not hold it, by themselves. */
  damaged: number[];
}

/**
 * The identity in the device, and which of its copies are whole.
 * @param flashKey the option of the device; one that is sealed otherwise is `locked`, and says nothing
 */
export async function readCopies(device: Evaluator, board: Board, flashKey?: string): Promise<Copies> {
  const blocks: Buffer[] = [];
  for (let block = 0; block < IDENTITY_BLOCKS; block++) {
    blocks.push(await readBlock(device, board.area + block * BLOCK_SIZE));
  }
  const identity = identityIn(blocks, flashKey);
  const erased = Buffer.alloc(BLOCK_SIZE, 0xff);
  const whole = JSON.stringify(identity);
  const damaged = [...blocks.keys()].filter((at) => {
    const alone = blocks.map((block, other) => (other === at ? block : erased));
    return JSON.stringify(identityIn(alone, flashKey)) !== whole;
  });
  return { identity: identity.pk || identity.locked ? identity : undefined, damaged };
}

/** The identity in the device, or undefined when there is none; see `readCopies`. */
export async function readDeviceIdentity(
  device: Evaluator,
  board: Board,
  flashKey?: string,
): Promise<Identity | undefined> {
  return (await readCopies(device, board, flashKey)).identity;
}

export async function eraseBlock(device: Evaluator, start: number): Promise<void> {
  const erase =
    `(function(F,a,e,p){while(a<e){p=F.getPage(a);F.erasePage(p.addr);a+=p.length}return 0})` +
    `(require("Flash"),${start},${start + BLOCK_SIZE})`;
  await device.eval(erase, 20000);
}

/** Writes what is not FF, from the end: a block counts from the moment its header, at the start, is there. */
async function writeBlock(device: Evaluator, start: number, bytes: Uint8Array): Promise<void> {
  const block = Buffer.from(bytes).toString("latin1");
  await eraseBlock(device, start);
  for (let at = BLOCK_SIZE - PIECE; at >= 0; at -= PIECE) {
    const piece = block.slice(at, at + PIECE).replace(/\xff+$/, "");
    if (piece) await device.eval(`(require("Flash").write(${literal(piece)},${start + at}),0)`);
  }
  const sum = await device.eval(`E.CRC32(require("Flash").read(${BLOCK_SIZE},${start}))`, 20000);
  if ((sum as number) >>> 0 !== crc32(bytes)) {
    throw new FailedError("the identity reads back otherwise than it was written: write it again");
  }
}

/**
 * Writes an identity, one block after the other, so that a power cut leaves the old one or the new one.
 * @param area as encodeIdentity makes it
 * @param damaged blocks that hold no copy of the old one: they are written first
 * @throws FailedError when it reads back otherwise
 */
export async function writeDeviceIdentity(
  device: Evaluator,
  board: Board,
  area: Uint8Array,
  damaged: number[] = [],
): Promise<void> {
  for (const block of new Set([...damaged, ...Array(IDENTITY_BLOCKS).keys()])) {
    const bytes = area.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
    await writeBlock(device, board.area + block * BLOCK_SIZE, bytes);
  }
}

/** A DeviceKey of the chip's own number: on ESP32 its MAC address. */
export function deviceKeyOf(board: Board): string {
  return board.serial
    .replace(/[^0-9a-z]/gi, "")
    .toUpperCase()
    .slice(0, 32);
}
