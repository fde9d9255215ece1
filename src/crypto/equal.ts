/** Comparing what must not be guessed bit by bit. */

/** Whether two byte strings are equal, in a time that tells only their lengths. */
export function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference == 0;
}
