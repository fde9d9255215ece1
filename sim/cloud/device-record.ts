/** What the cloud knows of one device: DS, bindingSecret, open window, bindings, results it has not been told. */
import { REASON_WITHDRAWN } from "../../src/codec/commands.js";
import type { Value } from "../../src/codec/ttlv.js";
import { decrypt, same } from "./passwords.js";
import type { Product } from "./products.js";

/** Wrong tries after which a code is dead. */
export const MAX_TRIES = 5;

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

/** A result for the device, 00B6. */
export interface Result {
  bound: boolean;
  /** REASON_… */
  reason: number;
  /** The bindingCode that it settles, if any. */
  code?: string;
  /** 16 raw bytes, when it is bound. */
  authKey?: Buffer;
  /** Whether it was published to a device whose acknowledgement cannot be seen. */
  published?: boolean;
}

export type CodeCheck = "fits" | "differs" | "expired" | "unreported" | "withdrawn";

/** A bindingSecret as it is reported: BASE64(AES(PS, `PK,DK,secret`)) with its iv, and the one that it replaces. */
export interface SealedSecret {
  sealed: string;
  random: string;
  old?: string;
}

export class DeviceRecord {
  ds?: string;
  /** A DS that is on its way to take the place of `ds`. */
  nextDs?: string;
  secret?: string;
  /** Whether the last bindingSecret could not be verified. */
  distrusted = false;
  /** While it is bound: 16 raw bytes, shared by all its users. */
  authKey?: Buffer;
  /** By the user's id. */
  readonly bindings = new Map<string, Binding>();
  /** What 0034 and 0044 have told, by TTLV id. */
  readonly status = new Map<number, Value>();
  readonly info = new Map<number, Value>();
  /** Results that the device has not acknowledged, oldest first. */
  untold: Result[] = [];
  private window?: Window;
  private everReported = false;
  /** The state that was kept last. */
  private kept?: string;

  /**
   * @param now the clock of the windows
   * @param keep makes a state, as JSON, durable before it returns
   */
  constructor(
    readonly product: Product,
    readonly dk: string,
    private readonly now: Clock,
    private readonly keep: (state: string) => void,
  ) {}

  /** To be called before anybody hears of a change. */
  save(): void {
    const { ds, nextDs, secret, distrusted, authKey, untold, window, everReported } = this;
    const maps = { bindings: [...this.bindings], status: [...this.status], info: [...this.info] };
    const results = untold.map((result) => ({ ...result, authKey: result.authKey?.toString("hex") }));
    const key = authKey?.toString("hex");
    const facts = { ds, nextDs, secret, distrusted, authKey: key, window, everReported, untold: results };
    const state = JSON.stringify({ ...facts, ...maps });
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
    this.distrusted = state.distrusted;
    this.authKey = buffer(state.authKey);
    this.window = state.window;
    if (this.window) this.window.end = Math.min(this.window.end, this.now() + this.window.seconds * 1000);
    this.everReported = state.everReported;
    this.untold = state.untold.map((one: { authKey?: string }) => ({ ...one, authKey: buffer(one.authKey) }));
    for (const name of ["bindings", "status", "info"] as const) {
      for (const [key, value] of state[name]) (this[name] as Map<unknown, unknown>).set(key, value);
    }
    return this;
  }

  /**
   * Opens a window.
   * @param seconds 1-3600
   * @returns false for a code whose end the device has not learned yet: it reports it out of ignorance
   */
  openWindow(code: string, seconds: number): boolean {
    if (this.untold.some((result) => result.code === code)) return false;
    // A device that reports its code again, after a reconnection, gives nobody new tries.
    const tries = this.window?.code === code ? this.window.tries : 0;
    this.window = { code, end: this.now() + seconds * 1000, seconds, tries };
    this.everReported = true;
    return true;
  }

  /** The code is worthless from now on: cancelled by the device, or spent. */
  closeWindow(): void {
    this.window = undefined;
  }

  /** @returns whether the secret is authentic */
  reportSecret({ sealed, random, old }: SealedSecret): boolean {
    const secret = this.open(sealed, random);
    const previous = old === undefined ? undefined : this.open(old, random);
    // A device that replaces a secret which this cloud knows has to show the old one.
    const replaces = this.secret !== undefined && secret !== this.secret;
    const proven = !replaces || (previous !== undefined && same(previous, this.secret ?? ""));
    this.distrusted = secret === undefined || !proven;
    if (!this.distrusted) this.secret = secret;
    return !this.distrusted;
  }

  /** The device was reset: bindings, codes and the old secret are forgotten. */
  reset(): void {
    this.bindings.clear();
    this.secret = this.authKey = this.window = undefined;
    this.distrusted = this.everReported = false;
    this.untold = [];
  }

  /** Compares a code in constant time and counts wrong tries; "withdrawn" is the try that kills it. */
  check(code: string): CodeCheck {
    const window = this.window;
    if (!window) return this.everReported ? "expired" : "unreported";
    if (this.now() >= window.end) return "expired";
    if (same(code, window.code)) return "fits";
    if (++window.tries < MAX_TRIES) return "differs";
    this.window = undefined;
    this.addResult({ bound: false, reason: REASON_WITHDRAWN, code: window.code });
    return "withdrawn";
  }

  /** A newer result makes older ones void, but the end of a code says nothing about the binding. */
  addResult(result: Result): void {
    this.untold = result.reason === REASON_WITHDRAWN ? [...this.untold, result] : [result];
  }

  /** The device has acknowledged a result. */
  told(result: Result): void {
    this.untold = this.untold.filter((other) => other !== result);
  }

  private open(sealed: string, random: string): string | undefined {
    const plain = decrypt(this.product.ps, Buffer.from(random, "latin1"), sealed);
    const [pk, dk, secret, ...more] = plain?.split(",") ?? [];
    const whole = pk === this.product.pk && dk === this.dk && /^[0-9A-F]{32}$/.test(secret) && !more.length;
    return whole ? secret : undefined;
  }
}
