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

  digest(encoding?: "hex" | "base64"): Buffer | string {
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

  constructor(private readonly finish: (bytes: string) => string) {}

  update(data: Uint8Array): Buffer {
    this.bytes += latin1(data);
    return Buffer.alloc(0);
  }

  final(): Buffer {
    return buffer(this.finish(this.bytes));
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

/** AES-128-CBC with PKCS#7 only. */
export const createCipheriv = (_name: "aes-128-cbc", key: Uint8Array, iv: Uint8Array): Cipher =>
  new Cipher((bytes) => AES.encrypt(padded(bytes), latin1(key), { iv: latin1(iv) }));

export const createDecipheriv = (_name: "aes-128-cbc", key: Uint8Array, iv: Uint8Array): Cipher =>
  new Cipher((bytes) => {
    if (!bytes.length || bytes.length % AES_BLOCK) throw new Error("wrong final block length");
    return unpadded(AES.decrypt(bytes, latin1(key), { iv: latin1(iv) }));
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
