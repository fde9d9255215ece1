/** Level 1 as a device does it, written down from its definition with node:crypto and nothing of this project. */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";

const FROM_APP = 0;
const FROM_DEVICE = 1;

const hmac = (key: Buffer, ...parts: (string | Buffer)[]): Buffer => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** Direction and counter, as they stand in the iv and in the tag. */
function head(direction: number, counter: number): Buffer {
  const bytes = Buffer.alloc(5, direction);
  bytes.writeUInt32BE(counter, 1);
  return bytes;
}

function command(cmd: number): Buffer {
  return Buffer.of(cmd >> 8, cmd & 255);
}

export const keyOf = (pop: string): Buffer => createHash("sha256").update(pop).digest();

export class FakeLevel1 {
  readonly encKey: Buffer;
  readonly macKey: Buffer;
  private sent = 0;
  private heard = 0;

  constructor(
    private readonly key: Buffer,
    private readonly app: Buffer,
    private readonly device: Buffer,
  ) {
    this.encKey = hmac(key, "enc", app, device).subarray(0, 16);
    this.macKey = hmac(key, "mac", app, device);
  }

  appProof(dk: string): Buffer {
    return hmac(this.key, "app", this.app, this.device, dk);
  }

  deviceProof(dk: string): Buffer {
    return hmac(this.key, "dev", this.device, this.app, dk);
  }

  iv(direction: number, counter: number): Buffer {
    return hmac(this.macKey, "iv", head(direction, counter)).subarray(0, 16);
  }

  /** The data of one frame in either direction. */
  data(direction: number, counter: number, cmd: number, plain: Buffer): Buffer {
    const cipher = createCipheriv("aes-128-cbc", this.encKey, this.iv(direction, counter));
    return this.wrap(direction, counter, cmd, Buffer.concat([cipher.update(plain), cipher.final()]));
  }

  /** Counter and tag around a ciphertext, which need not be one. */
  wrap(direction: number, counter: number, cmd: number, sealed: Buffer): Buffer {
    const start = head(direction, counter);
    return Buffer.concat([start.subarray(1), sealed, this.tag(start, cmd, sealed)]);
  }

  /** The next frame to the app. */
  seal(cmd: number, plain: string): string {
    return this.data(FROM_DEVICE, ++this.sent, cmd, Buffer.from(plain, "latin1")).toString("latin1");
  }

  /** What the app has sealed; throws when it has not. */
  open(cmd: number, data: string): string {
    const bytes = Buffer.from(data, "latin1");
    const counter = bytes.readUInt32BE(0);
    const sealed = bytes.subarray(4, -16);
    const tag = this.tag(head(FROM_APP, counter), cmd, sealed);
    if (!tag.equals(bytes.subarray(-16)) || counter <= this.heard) throw new Error("not sealed by the app");
    this.heard = counter;
    const decipher = createDecipheriv("aes-128-cbc", this.encKey, this.iv(FROM_APP, counter));
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("latin1");
  }

  private tag(start: Buffer, cmd: number, sealed: Buffer): Buffer {
    return hmac(this.macKey, start, command(cmd), sealed).subarray(0, 16);
  }
}
