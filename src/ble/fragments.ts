/** What waits to leave over GATT, and how much of it fits into one indication. */

/** Times that a fragment is offered to a Bluetooth stack that is busy. */
const MOST_TRIES = 20;

export interface Fragments {
  _bytes: string;
  /** Most bytes of one. */
  _size: number;
  /** Times that the next one was offered in vain. */
  _tries: number;
}

/**
 * Espruino tells no program which MTU was agreed on: at first the smallest one, 23, without its header, and then as much
 * as the app has shown.
 */
export function noFragments(): Fragments {
  return { _bytes: "", _size: 20, _tries: 0 };
}

/** Offers the next one. @returns false when that was in vain too often */
export function offer(fragments: Fragments, indicate: (fragment: string) => void): boolean {
  try {
    indicate(fragments._bytes.substr(0, fragments._size));
    fragments._bytes = fragments._bytes.substr(fragments._size);
    fragments._tries = 0;
  } catch {
    fragments._tries++;
  }
  return fragments._tries < MOST_TRIES;
}
