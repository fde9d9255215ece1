/** What opens sealed frames: handed in by the caller that has ciphers; a browser has none that answers at once. */
import type { Direction } from "./names.js";

export interface Keys {
  /** The data in clear; undefined where it is not sealed by one of these keys. */
  open(cmd: number, data: Uint8Array, direction: Direction | undefined): Uint8Array | undefined;
  /** Whether a login or a proof has gone before, so that the data of this command must be sealed. */
  isSealed(cmd: number): boolean;
  /** Hears of each frame in clear, for the randoms of the login. */
  heard(cmd: number, data: Uint8Array): void;
}
