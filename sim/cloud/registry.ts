/** What the cloud knows of its devices: DS, secret, open window, bindings. */
import { timingSafeEqual } from "node:crypto";

import { decrypt } from "./passwords.js";
import type { Product } from "./products.js";

/** Wrong tries after which a code is dead. */
export const MAX_TRIES = 5;

/** Milliseconds that only grow. */
export type Clock = () => number;

interface Window {
  code: string;
  end: number;
  tries: number;
}

export type CodeCheck = "fits" | "differs" | "expired" | "unreported" | "withdrawn";

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** One device, known from its first authentication on. */
export class DeviceRecord {
  ds?: string;
  secret?: string;
  /** Whether the last bindingSecret could not be verified. */
  distrusted = false;
  /** Base64, while it is bound. */
  authKey?: string;
  /** Ids of the users it is bound to. */
  readonly users = new Set<string>();
  /** A result that the device has not been told, as TTLV. */
  untold?: string;
  private window?: Window;
  private everReported = false;

  constructor(
    readonly product: Product,
    readonly dk: string,
    private readonly now: Clock,
  ) {}

  /** @param seconds of the window; 0 makes the code worthless */
  report(code: string | undefined, seconds: number): void {
    if (code && seconds > 0) {
      this.window = { code, end: this.now() + seconds * 1000, tries: 0 };
      this.everReported = true;
    } else {
      this.window = undefined;
    }
  }

  /** Takes a bindingSecret: BASE64(AES(PS, `PK,DK,secret`)). @returns whether it is authentic */
  reportSecret(encrypted: string, random: string, old?: string): boolean {
    const secret = this.open(encrypted, random);
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
    this.users.clear();
    this.secret = this.authKey = this.untold = undefined;
    this.window = undefined;
    this.everReported = false;
  }

  /** Compares a code in constant time and counts wrong tries; "withdrawn" is the try that kills it. */
  check(code: string): CodeCheck {
    const window = this.window;
    if (!window) return this.everReported ? "expired" : "unreported";
    if (this.now() >= window.end) return "expired";
    if (same(code, window.code)) return "fits";
    if (++window.tries < MAX_TRIES) return "differs";
    this.window = undefined;
    return "withdrawn";
  }

  /** A code binds once. */
  spend(): void {
    this.window = undefined;
  }

  private open(encrypted: string, random: string): string | undefined {
    const iv = Buffer.from(random, "latin1");
    const plain = iv.length === 16 ? decrypt(this.product.ps, iv, encrypted) : undefined;
    const [pk, dk, secret, ...more] = plain?.split(",") ?? [];
    return pk === this.product.pk && dk === this.dk && secret && !more.length ? secret : undefined;
  }
}

export class Registry {
  private readonly devices = new Map<string, DeviceRecord>();

  constructor(
    private readonly products: Product[],
    private readonly now: Clock,
  ) {}

  product(pk: string): Product | undefined {
    return this.products.find((product) => product.pk === pk);
  }

  /** The product and DK in a clientId, `qd` + PK + DK. */
  parseClientId(clientId: string): { product: Product; dk: string } | undefined {
    const product = this.products
      .filter(({ pk }) => clientId.startsWith(`qd${pk}`))
      .sort((a, b) => b.pk.length - a.pk.length)[0];
    return product && { product, dk: clientId.slice(2 + product.pk.length) };
  }

  find(pk: string, dk: string): DeviceRecord | undefined {
    return this.devices.get(`${pk} ${dk}`);
  }

  /** The device's record, made at its first authentication. */
  enrol(product: Product, dk: string): DeviceRecord {
    const key = `${product.pk} ${dk}`;
    const known = this.devices.get(key) ?? new DeviceRecord(product, dk, this.now);
    this.devices.set(key, known);
    return known;
  }
}
