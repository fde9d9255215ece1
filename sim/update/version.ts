/** Versions of updates, as devices compare them. */
import { rank } from "../../src/ota/version.js";

export const isVersion = (text: string): boolean => rank(text) !== "";

/** Negative when `a` is older than `b`, 0 when they are equal; a missing number is 0, so 1.2 equals 1.2.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}
