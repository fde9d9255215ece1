/** What the module uses of WifiBinding, and what that lends to it on a device with a proof. */

import type { Binding } from "../binding/index.js";
import type { Crypto } from "./channel.js";

export type Core = Pick<
  Binding,
  "capabilities" | "guard" | "identity" | "on" | "openWindow" | "serve" | "state" | "window"
>;

export interface Loan {
  /** K: what an app has to know. */
  _key(): string;
  /** Milliseconds that never jump. */
  _now(): number;
  /** No random that a boot before may have used; "" where there is none. @param input goes into it */
  _random(length: number, input: string): string;
  /** Sets, if it is handed a number, and returns how many proofs in a row were wrong, also before a reboot. */
  _wrong(value?: number): number;
  _crypto: Crypto;
}

/** @returns undefined on a device without a proof */
export function borrow(core: Core): Loan | undefined {
  let loan: Loan | undefined;
  core.guard((key, now, hmac, aes, random, wrong) => {
    loan = { _key: key, _now: now, _random: random, _wrong: wrong, _crypto: { hmac: hmac, aes: aes } };
  });
  return loan;
}
