/** The flash of a simulated device in a file, so that it is the same device when it is started again, as a module is. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { FailedError, messageOf, systemCode, UsageError } from "../../sim/errors.js";

/** Whose flash it is. */
export interface Owner {
  pk: string;
  ps: string;
  dk: string;
}

/** What is kept: its owner, with a hash of the ProductSecret, and its bytes in BASE64. */
interface Kept {
  version: 1;
  pk: string;
  dk: string;
  secret: string;
  flash: string;
}

const hashOf = (ps: string): string => createHash("sha256").update(ps).digest("hex");

/** Milliseconds between two looks at the flash of a running device. */
const LOOK_MS = 500;

/**
 * Where the flash of a device is kept: the file that is given, or beside the identity, or beside the products file for a
 * device whose DeviceKey was given. "none", and a device with a random name, keep nothing.
 */
export function flashPath(options: { state?: string; identity?: string; products?: string; dk?: string }) {
  const { state, identity, products, dk } = options;
  if (state !== undefined) return state === "none" ? undefined : state;
  if (identity) return identity.replace(/(\.json)?$/, ".flash");
  return products && dk ? products.replace(/(\.json)?$/, `.${dk}.flash`) : undefined;
}

function isKept(value: unknown): value is Kept {
  const { version, pk, dk, secret, flash } = (value ?? {}) as Partial<Kept>;
  return version === 1 && [pk, dk, secret, flash].every((text) => typeof text === "string");
}

/**
 * Reads the flash of a device.
 * @returns undefined where there is no file yet
 * @throws UsageError when the file is none, or another device's
 */
export function readFlash(path: string, { pk, ps, dk }: Owner): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new UsageError(`cannot read ${path} (${messageOf(error)})`);
  }
  const kept = parse(text);
  if (!isKept(kept))
    throw new UsageError(`${path} holds no flash of a device: remove it, or give --state another file`);
  if (kept.pk !== pk || kept.dk !== dk) {
    throw new UsageError(`${path} holds the flash of ${kept.dk} (${kept.pk}), not of ${dk}: give --state another file`);
  }
  if (kept.secret === hashOf(ps)) return Buffer.from(kept.flash, "base64");
  throw new UsageError(`${path} was made with another ProductSecret of ${pk}: remove it, or give --state another file`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps the flash of a running device. */
export class FlashKeeper {
  private last = Buffer.alloc(0);
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly path: string,
    private readonly device: { readonly flash: Uint8Array },
    private readonly owner: Owner,
  ) {
    this.save();
    this.timer = setInterval(() => this.save(), LOOK_MS);
  }

  /** To be called before the device stops. */
  stop(): void {
    clearInterval(this.timer);
    this.save();
  }

  /** Whole or not at all, for its owner only: it holds secrets. @throws FailedError */
  private save(): void {
    const now = Buffer.from(this.device.flash);
    if (now.equals(this.last)) return;
    const { pk, ps, dk } = this.owner;
    const kept: Kept = { version: 1, pk, dk, secret: hashOf(ps), flash: now.toString("base64") };
    const draft = `${this.path}.new`;
    try {
      writeFileSync(draft, JSON.stringify(kept) + "\n", { mode: 0o600, flush: true });
      renameSync(draft, this.path);
    } catch (error) {
      throw new FailedError(`cannot keep the flash in ${this.path} (${messageOf(error)}): give --state another file`);
    }
    this.last = now;
  }
}
