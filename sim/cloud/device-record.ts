/** What the cloud knows of one device: DS, bindingSecret, open window, bindings, authKey, results it has not been told. */
import { createHash, randomBytes } from "node:crypto";

import { REASON_WITHDRAWN } from "../../src/codec/commands.js";
import type { Value } from "../../src/codec/ttlv.js";
import { DeviceData } from "./device-data.js";
import { same } from "./passwords.js";
import type { Product } from "./products.js";
import type { Progress } from "./updates/progress.js";

/** Wrong tries after which a code is dead. */
export const MAX_TRIES = 5;
/** How many dead codes of a device are remembered. */
const REMEMBERED = 64;
/** How many withdrawn codes wait to be told. */
const MAX_UNTOLD = 4;

/** Milliseconds since the epoch that only grow, as long as a process runs. */
export type Clock = () => number;

interface Window {
  code: string;
  end: number;
  seconds: number;
  tries: number;
}

/** What one user has said about the device while binding it. */
export interface Binding {
  name: string;
  fid?: string;
  frid?: string;
  common: boolean;
  capabilitiesBitmask?: number;
  matter?: object;
}

/** A result for the device, 00E6. */
export interface Result {
  bound: boolean;
  /** REASON_… */
  reason: number;
  /** The bindingCode that it settles, if any. */
  code?: string;
  /** Whether it was published to a device whose acknowledgement cannot be seen. */
  published?: boolean;
}

export type CodeCheck = "fits" | "differs" | "expired" | "unreported" | "withdrawn";

/** What is remembered of a dead code. */
const trace = (code: string): string => createHash("sha256").update(code).digest("base64").slice(0, 22);

export class DeviceRecord {
  ds?: string;
  /** A DS that is on its way to take the place of `ds`. */
  nextDs?: string;
  secret?: string;
  /** While it is bound, once the device has it: 16 raw bytes, shared by all its users. */
  authKey?: Buffer;
  /** An authKey that is on its way to take the place of `authKey`. */
  nextAuthKey?: Buffer;
  /** Whether the cloud itself has caused the next change of the bindingSecret. */
  changesSecret = false;
  /** By the user's id. */
  readonly bindings = new Map<string, Binding>();
  /** What 0034 and 0044 have told, by TTLV id. */
  readonly status = new Map<number, Value>();
  readonly info = new Map<number, Value>();
  /** The last update that it was offered. */
  update?: Progress;
  /** What 0012, 0014 and 0024 have told. */
  readonly data: DeviceData;
  /** Results that the device has not acknowledged, oldest first. */
  untold: Result[] = [];
  private window?: Window;
  private dead: string[] = [];
  /** The state that was kept last. */
  private kept?: string;

  /**
   * @param product replaced when the products file is read again
   * @param now the clock of the windows
   * @param keep takes a state, as JSON, to be made durable
   * @param keepValue the same for one slot of `data`
   */
  constructor(
    public product: Product,
    readonly dk: string,
    private readonly now: Clock,
    private readonly keep: (state: string) => void,
    keepValue: (slot: number, json: string | null) => void,
  ) {
    this.data = new DeviceData(keepValue);
  }

  /** To be called before anything of a change is told. */
  save(): void {
    const { ds, nextDs, secret, changesSecret, untold, window, dead, update } = this;
    const maps = { bindings: [...this.bindings], status: [...this.status], info: [...this.info] };
    const keys = { authKey: this.authKey?.toString("hex"), nextAuthKey: this.nextAuthKey?.toString("hex") };
    const state = JSON.stringify({ ds, nextDs, secret, changesSecret, ...keys, window, dead, untold, update, ...maps });
    // Most messages change nothing, and the disk is slow.
    if (state !== this.kept) this.keep(state);
    this.kept = state;
  }

  /** Takes over what `save` has kept. A clock that was set back meanwhile makes no window longer than it was. */
  restore(json: string): this {
    const state = JSON.parse(json);
    const buffer = (hex?: string): Buffer | undefined => (hex === undefined ? undefined : Buffer.from(hex, "hex"));
    this.ds = state.ds;
    this.nextDs = state.nextDs;
    this.secret = state.secret;
    this.changesSecret = state.changesSecret ?? false;
    this.authKey = buffer(state.authKey);
    this.nextAuthKey = buffer(state.nextAuthKey);
    this.window = state.window;
    if (this.window) this.window.end = Math.min(this.window.end, this.now() + this.window.seconds * 1000);
    this.dead = state.dead ?? [];
    this.untold = state.untold;
    this.update = state.update;
    for (const name of ["bindings", "status", "info"] as const) {
      for (const [key, value] of state[name]) (this[name] as Map<unknown, unknown>).set(key, value);
    }
    return this;
  }

  /**
   * Takes a reported code. The same one, reported again while it is valid, is valid for the whole time anew.
   * @param seconds how long it is valid from now
   * @returns false for a code that is spent, withdrawn, replaced or expired: it is never taken again
   */
  openWindow(code: string, seconds: number): boolean {
    const { window } = this;
    const again = window?.code === code;
    if (window && (!again || this.now() >= window.end)) this.closeWindow();
    if (this.dead.includes(trace(code))) return false;
    // A device that reports its code again, after a reconnection, gives nobody new tries.
    this.window = { code, end: this.now() + seconds * 1000, seconds, tries: again ? window.tries : 0 };
    return true;
  }

  /** The code is worthless from now on, for ever. */
  closeWindow(): void {
    if (this.window) this.dead = [...this.dead, trace(this.window.code)].slice(-REMEMBERED);
    this.window = undefined;
  }

  /** Length and rest of the open window, for those who watch. */
  get openedWindow(): { seconds: number; left: number; end: number } | undefined {
    const { window } = this;
    const left = window ? Math.round(window.end - this.now()) : 0;
    return window && left > 0 ? { seconds: window.seconds, left, end: Math.round(window.end) } : undefined;
  }

  /** The code of the open window: a secret. */
  get openCode(): string | undefined {
    return this.openedWindow && this.window!.code;
  }

  /** Takes a reported bindingSecret. @returns whether its change means that the device was reset */
  reportSecret(secret: string): boolean {
    const changed = this.secret !== undefined && !same(secret, this.secret);
    const reset = changed && !this.changesSecret;
    if (reset) this.reset();
    if (changed) this.changesSecret = false;
    this.secret = secret;
    return reset;
  }

  /** Whether this device has ever reported that code, as far as is remembered. */
  knows(code: string): boolean {
    return this.dead.includes(trace(code)) || (this.window !== undefined && same(code, this.window.code));
  }

  /** Compares a code in constant time and counts wrong tries; "withdrawn" is the try that kills the one that is open. */
  check(code: string): CodeCheck {
    const { window } = this;
    const open = window !== undefined && this.now() < window.end;
    if (this.knows(code)) return open && same(code, window.code) ? "fits" : "expired";
    if (!open) return "unreported";
    if (++window.tries < MAX_TRIES) return "differs";
    this.closeWindow();
    this.addResult({ bound: false, reason: REASON_WITHDRAWN, code: window.code });
    return "withdrawn";
  }

  /** A newer result makes older ones void, but the end of a code says nothing about the binding. */
  addResult(result: Result): void {
    this.untold = result.reason === REASON_WITHDRAWN ? [...this.untold, result].slice(-MAX_UNTOLD) : [result];
  }

  /** The device has acknowledged a result. */
  told(result: Result): void {
    this.untold = this.untold.filter((other) => other !== result);
  }

  /** The key that all users of the device share, also one that is still on its way. */
  get sharedKey(): Buffer | undefined {
    return this.authKey ?? this.nextAuthKey;
  }

  /** Sends the shared key, also one that the device has: it says to it that it is bound, and its code is spent. */
  announceKey(): Buffer {
    return (this.nextAuthKey ??= this.authKey ? Buffer.from(this.authKey) : randomBytes(16));
  }

  /** A new authKey; one that is on its way already stays the one. It is good once the device has confirmed it. */
  renewKey(): Buffer {
    const { authKey, nextAuthKey } = this;
    if (nextAuthKey && !(authKey && nextAuthKey.equals(authKey))) return nextAuthKey;
    return (this.nextAuthKey = randomBytes(16));
  }

  /** The device has the key that was on its way. */
  confirmKey(): void {
    this.authKey = this.nextAuthKey ?? this.authKey;
    this.nextAuthKey = undefined;
  }

  /** Nobody has the device any more. */
  voidKey(): void {
    this.authKey = this.nextAuthKey = undefined;
  }

  /** Bindings and the open code end with a reset. */
  private reset(): void {
    this.bindings.clear();
    this.voidKey();
    this.closeWindow();
    this.untold = [];
  }
}
