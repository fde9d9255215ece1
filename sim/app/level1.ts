/** Level 1 of the handshake on the app's side: proves the possession, checks the device's proof, seals frames. [C] */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";
import {
  FROM_APP,
  FROM_DEVICE,
  LABEL_AP,
  LABEL_APP,
  LABEL_DEVICE,
  LABEL_ENCRYPT,
  LABEL_IV,
  LABEL_MAC,
} from "../../src/codec/commands.js";

/** Bytes of a random, of a tag, of a key. */
export const SIZE = 16;
const COUNTER = 4;

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

function hmac(key: Buffer, ...parts: (Buffer | string)[]): Buffer {
  const bytes = parts.map((part) => (typeof part === "string" ? latin1(part) : part));
  return createHmac("sha256", key).update(Buffer.concat(bytes)).digest();
}

/** K of a device that is not bound: the SHA-256 of the proof of possession on its label. */
export function keyOfPop(pop: string): Buffer {
  return createHash("sha256").update(latin1(pop)).digest();
}

/** Password of the device's own access point. */
export function accessPointPassword(pop: string): string {
  return hmac(keyOfPop(pop), LABEL_AP).toString("hex").toUpperCase().slice(0, SIZE);
}

/** What one exchange of randoms gives: both proofs, and the frames that follow. */
export class Level1 {
  private readonly encrypt: Buffer;
  private readonly mac: Buffer;
  private sent = 0;
  private heard = 0;

  /** @param app the app's random, 16 bytes @param device the device's */
  constructor(
    private readonly key: Buffer,
    private readonly app: Buffer,
    private readonly device: Buffer,
  ) {
    this.encrypt = hmac(key, LABEL_ENCRYPT, app, device).subarray(0, SIZE);
    this.mac = hmac(key, LABEL_MAC, app, device);
  }

  proof(dk: string): Buffer {
    return hmac(this.key, LABEL_APP, this.app, this.device, dk);
  }

  /** Whether the device has proved that it knows K, too. */
  isProven(dk: string, said: Buffer): boolean {
    const wanted = hmac(this.key, LABEL_DEVICE, this.device, this.app, dk);
    return said.length === wanted.length && timingSafeEqual(said, wanted);
  }

  /** The data of a frame to the device. */
  seal(cmd: number, data: string): string {
    const head = Buffer.concat([latin1(FROM_APP), number(++this.sent, COUNTER)]);
    const cipher = createCipheriv("aes-128-cbc", this.encrypt, this.iv(head));
    const sealed = Buffer.concat([cipher.update(latin1(data)), cipher.final()]);
    return Buffer.concat([head.subarray(1), sealed, this.tag(head, cmd, sealed)]).toString("latin1");
  }

  /** What the device has sealed; undefined for what it has not, and for what was there before. */
  open(cmd: number, data: string): string | undefined {
    const opened = this.openFrom(FROM_DEVICE, cmd, data);
    if (!opened || opened.counter <= this.heard) return undefined;
    this.heard = opened.counter;
    return opened.plain;
  }

  /** What one side has sealed, whatever its counter; undefined for what it has not. */
  openFrom(side: string, cmd: number, data: string): { counter: number; plain?: string } | undefined {
    const bytes = latin1(data);
    if (bytes.length <= COUNTER + SIZE) return undefined;
    const head = Buffer.concat([latin1(side), bytes.subarray(0, COUNTER)]);
    const sealed = bytes.subarray(COUNTER, -SIZE);
    if (!timingSafeEqual(this.tag(head, cmd, sealed), bytes.subarray(-SIZE))) return undefined;
    return { counter: bytes.readUInt32BE(0), plain: decrypt(this.encrypt, this.iv(head), sealed) };
  }

  private iv(head: Buffer): Buffer {
    return hmac(this.mac, LABEL_IV, head).subarray(0, SIZE);
  }

  private tag(head: Buffer, cmd: number, sealed: Buffer): Buffer {
    return hmac(this.mac, head, number(cmd, 2), sealed).subarray(0, SIZE);
  }
}

/** The data of a frame of either side, by K and both randoms: for a decoder, which is neither. */
export function openSealed(
  key: Buffer,
  app: Buffer,
  device: Buffer,
  fromApp: boolean,
  cmd: number,
  data: string,
): string | undefined {
  return new Level1(key, app, device).openFrom(fromApp ? FROM_APP : FROM_DEVICE, cmd, data)?.plain;
}

/** Undefined where there is no padding: a device that seals badly must not end the app. */
function decrypt(key: Buffer, iv: Buffer, sealed: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, iv);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("latin1");
  } catch {
    return undefined;
  }
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
