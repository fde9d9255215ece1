/** The part of node:crypto that the app uses, on the device's own fallback: a browser's crypto answers too late for it. */
import type {} from "../espruino.js";
import { AES, SHA256 } from "../../src/crypto-fallback/index.js";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const buffer = (bytes: string): Buffer => Buffer.from(bytes, "latin1");
const BLOCK = 64;
const AES_BLOCK = 16;

class Hash {
  private bytes = "";

  constructor(private readonly finish: (bytes: string) => string) {}

  update(data: Uint8Array | string): this {
    this.bytes += typeof data === "string" ? latin1(Buffer.from(data, "utf8")) : latin1(data);
    return this;
  }

  digest(encoding?: "hex" | "base64" | "binary"): Buffer | string {
    const result = buffer(this.finish(this.bytes));
    return encoding ? result.toString(encoding) : result;
  }
}

/** SHA-256 only. */
export const createHash = (_name: "sha256"): Hash => new Hash(SHA256);

/** HMAC-SHA256 only. */
export function createHmac(_name: "sha256", key: Uint8Array): Hash {
  const short = key.length > BLOCK ? SHA256(latin1(key)) : latin1(key);
  const padded = buffer(short.padEnd(BLOCK, "\0"));
  const pad = (mask: number): string => latin1(padded.map((byte) => byte ^ mask));
  return new Hash((bytes) => SHA256(pad(0x5c) + SHA256(pad(0x36) + bytes)));
}

class Cipher {
  private bytes = "";
  private padding = true;

  constructor(private readonly finish: (bytes: string, padding: boolean) => string) {}

  setAutoPadding(on: boolean): this {
    this.padding = on;
    return this;
  }

  /** Bytes, or a byte string. All of the result comes at the end. */
  update(data: Uint8Array): Buffer;
  update(data: string, from: "latin1", to: "latin1"): string;
  update(data: Uint8Array | string): Buffer | string {
    this.bytes += typeof data === "string" ? data : latin1(data);
    return typeof data === "string" ? "" : Buffer.alloc(0);
  }

  final(): Buffer;
  final(encoding: "latin1"): string;
  final(encoding?: "latin1"): Buffer | string {
    const result = this.finish(this.bytes, this.padding);
    return encoding ? result : buffer(result);
  }
}

function padded(bytes: string): string {
  const missing = AES_BLOCK - (bytes.length % AES_BLOCK);
  return bytes + String.fromCharCode(missing).repeat(missing);
}

/** @throws Error where there is no padding */
function unpadded(bytes: string): string {
  const count = bytes.charCodeAt(bytes.length - 1);
  const good = count >= 1 && count <= AES_BLOCK && bytes.endsWith(String.fromCharCode(count).repeat(count));
  if (!good) throw new Error("bad decrypt");
  return bytes.slice(0, -count);
}

/** AES-128-CBC only, with PKCS#7 or of whole blocks. */
export const createCipheriv = (_name: "aes-128-cbc", key: Uint8Array, iv: Uint8Array): Cipher =>
  new Cipher((bytes, pads) => AES.encrypt(pads ? padded(bytes) : bytes, latin1(key), { iv: latin1(iv) }));

export const createDecipheriv = (_name: "aes-128-cbc", key: Uint8Array, iv: Uint8Array): Cipher =>
  new Cipher((bytes, pads) => {
    if (!bytes.length || bytes.length % AES_BLOCK) throw new Error("wrong final block length");
    const plain = AES.decrypt(bytes, latin1(key), { iv: latin1(iv) });
    return pads ? unpadded(plain) : plain;
  });

export const randomBytes = (size: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(size)));

export function randomInt(from: number, to?: number): number {
  const [least, end] = to === undefined ? [0, from] : [from, to];
  const limit = Math.floor(2 ** 32 / (end - least)) * (end - least);
  for (;;) {
    const [number] = crypto.getRandomValues(new Uint32Array(1));
    if (number! < limit) return least + (number! % (end - least));
  }
}

export function timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) throw new RangeError("lengths differ");
  return one.reduce((difference, byte, at) => difference | (byte ^ other[at]!), 0) === 0;
}
