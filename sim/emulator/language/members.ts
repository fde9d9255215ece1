/** Writing to members. */

import { follow, release } from "./cursors.js";
import type { Kit } from "./kit.js";

type Members = Record<string | number, unknown>;

const has = (object: object, key: string | number): boolean => Object.prototype.hasOwnProperty.call(object, key);

/**
 * Espruino finds the member first, and writes to it whatever has become of it meanwhile: an element that has moved has
 * the value at its new place, one that was taken out takes the value with it.
 * @param value computes what is written, and may change the object
 * @param combine of a compound assignment: it reads what was found last
 */
export function put(
  kit: Kit,
  object: object,
  key: string | number,
  value: () => unknown,
  combine?: (right: unknown, left: unknown) => unknown,
): unknown {
  const members = object as Members;
  const found = has(object, key);
  const element = found && Array.isArray(object) && typeof key === "number" ? follow(object, key) : undefined;
  const before = combine && members[key];
  let right: unknown;
  try {
    right = value();
  } finally {
    if (element) release(object, element);
  }
  const place = element?.at ?? key;
  const gone = element?.gone || (found && !has(object, place));
  if (!found && has(object, place)) kit.trap(`the member ${key} was made twice: by what is assigned to it as well`);
  const written = combine ? combine(right, gone ? before : members[place]) : right;
  if (!gone) members[place] = written;
  return written;
}
