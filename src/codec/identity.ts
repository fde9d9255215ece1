/** The device's identity: ProductKey, ProductSecret, DeviceKey, optional DeviceSecret, and the factory's random seed. */

// Keys of the identity's own journal, written once by the factory tool.
export const IDENTITY_PK = 1;
export const IDENTITY_PS = 2;
export const IDENTITY_DK = 3;
export const IDENTITY_DS = 4;
export const IDENTITY_SEED = 5;
export const IDENTITY_POP = 6;
export const IDENTITY_UPDATE_KEY = 7;

/** What everybody may know of it. */
export interface Keys {
  /** ProductKey, 1-32 letters and digits. */
  pk: string;
  /** DeviceKey, 4-32 letters and digits. */
  dk: string;
}

export interface Identity extends Keys {
  /** ProductSecret, 16-32 characters. */
  ps: string;
  /** DeviceSecret written at the factory, or "". */
  ds: string;
  /** 32 bytes from the factory's random generator; "" makes a device that cannot open a window. */
  seed: string;
  /** Whether it is sealed with another flashKey, or not sealed although there is one: all else is "" then. */
  locked?: boolean;
  /** Proof of possession, printed on the device: at least 16 characters (80 bits), or "" for a device that demands none. */
  pop: string;
  /** The public key that updates over the cloud are signed with, 32 bytes, or "" for a device that takes none. */
  updateKey: string;
}

/** Whether `text` consists of `least` to `most` letters and digits. */
export function isKey(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && /^[0-9A-Za-z]*$/.test(text);
}

/** Whether `text` can be a ProductSecret. */
export function isSecret(text: string): boolean {
  return text.length >= 16 && text.length <= 32;
}

/** Why nothing is served from a flash that another key has sealed. */
export const LOCKED = "flash was not sealed with this flashKey";

/** Whether `seed` can be a seed, or none: not 32 times the same byte, as erased flash and unfilled buffers have it. */
export function isSeed(seed: string): boolean {
  return !seed || (seed.length == 32 && seed.split(seed[0]).length <= 32);
}

/** Why a device serves nothing, in one sentence, or "" (limits: protocol documents and SDK, whichever is wider). */
export function identityProblem(identity: Identity): string {
  if (identity.locked) return LOCKED;
  if (!identity.pk) return "no identity in flash";
  const pop = identity.pop;
  const seed = identity.seed;
  return isKey(identity.pk, 1, 32) &&
    isSecret(identity.ps) &&
    isKey(identity.dk, 4, 32) &&
    identity.ds.length <= 32 &&
    (!pop || pop.length >= 16) &&
    isSeed(seed)
    ? ""
    : "the identity is malformed";
}
