/** What opens sealed frames: handed in by the caller that has ciphers; a browser has none that answers at once. */
import type { Direction } from "./names.js";

export interface Keys {
  /** The data in clear; undefined where it is not sealed by one of these keys. */
  open(cmd: number, data: Uint8Array, direction: Direction | undefined): Uint8Array | undefined;
  /** Whether a login or a proof has gone before, so that the data of this command must be sealed. */
  isSealed(cmd: number): boolean;
  /** What a secret text is, as far as a key tells; the secret itself only where it is to be shown. */
  meaning?(cmd: number, id: number, text: string, show: boolean): string | undefined;
  /** Hears of each frame in clear, for the randoms of the login. */
  heard(cmd: number, data: Uint8Array): void;
}

/** Different secrets that are kept to be compared. */
const MOST = 1000;

/** Numbers values from 1: equal ones get equal numbers, as far back as the last 1,000 go. */
export function createMarks(): (value: string) => number {
  const known = new Map<string, number>();
  let next = 1;
  return (value) => {
    const mark = known.get(value) ?? next++;
    known.set(value, mark);
    if (known.size > MOST) known.delete(known.keys().next().value!);
    return mark;
  };
}
