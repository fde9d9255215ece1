/** A hal in Node for unit tests: node:crypto, a flash in memory, a clock that the test drives. */

import { crc32 } from "node:zlib";

import { hmac, sha256 } from "../../tools/factory/seal.js";
import type { FlashArea, Timer } from "../../src/hal/hal.js";

export { aes, hmac, sha256 } from "../../tools/factory/seal.js";

export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
export const fromHex = (hex: string): string => Buffer.from(hex, "hex").toString("latin1");
export const toHex = (bytes: string): string => latin1(bytes).toString("hex");

export const checksum = (bytes: string): number => crc32(latin1(bytes));

/** What the random generator needs; nothing random comes from outside. */
export const hasher = { sha256, hmac, noise: (): string => "" };

export class PowerCut extends Error {}

/** 64 KiB of flash; the power can be cut inside any operation. */
export class MemoryFlash implements FlashArea {
  bytes = Buffer.alloc(65_536, 0xff);
  /** Bytes of change that still get through before the power is cut. */
  budget = Infinity;
  private seed = 1;

  erase(offset: number): void {
    // An erase that is interrupted has set any of the bits.
    const cut = this.budget < 4096;
    this.spend(4096);
    for (let i = 0; i < 4096; i++) this.bytes[offset + i] |= cut ? this.noise() : 0xff;
    if (cut) throw new PowerCut();
  }

  write(text: string, offset: number): void {
    const data = latin1(text);
    const length = Math.min(data.length, this.budget);
    for (let i = 0; i < length; i++) this.bytes[offset + i] &= data[i];
    this.spend(data.length);
    if (length < data.length) throw new PowerCut();
  }

  read(length: number, offset: number): string {
    return this.bytes.toString("latin1", offset, offset + length);
  }

  /** Eight bits that differ from call to call and not from run to run. */
  private noise(): number {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) >>> 0;
    return this.seed >>> 24;
  }

  private spend(count: number): void {
    this.budget = Math.max(0, this.budget - count);
  }
}

/** Time that passes when the test says so. */
export class FakeClock {
  private time = 0;
  private timers: { at: number; timer: Timer; callback: () => void }[] = [];

  now = (): number => this.time;

  after = (milliseconds: number, callback: () => void): Timer => {
    const timer = { _id: 1 };
    this.timers.push({ at: this.time + milliseconds, timer, callback });
    return timer;
  };

  cancel = (timer: Timer | undefined): void => {
    this.timers = this.timers.filter((entry) => entry.timer !== timer);
  };

  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.cancel(next.timer);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }
}
