/** Versions of updates: one to four numbers of one to six digits, joined by dots. */

/** Digits only, so that no spelling is longer than 27 characters. */
const VERSION = /^\d{1,6}(\.\d{1,6}){0,3}$/;

export const isVersion = (text: string): boolean => VERSION.test(text);

/** Negative when `a` is older than `b`, 0 when they are equal; a missing number is 0, so 1.2 equals 1.2.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (let at = 0; at < 4; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
