/** A group of probes: snippets that return a value, each the body of a function. */

/** Probes by name; each group has a device of its own. */
export interface Group {
  /** Return their value. */
  now: Record<string, string>;
  /** Hand their value to `out`, later. */
  later?: Record<string, string>;
}

export function namesOf(group: Group): string[] {
  return [...Object.keys(group.now), ...Object.keys(group.later ?? {})];
}
