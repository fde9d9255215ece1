/** What the language's parts need from the realm that they are made for. */

export interface Kit {
  /** An error of the realm. */
  error(message: string, name?: string): Error;
  /** An array of the realm. */
  array(items: unknown[]): unknown[];
  /** An empty object of the realm. */
  object(): Record<string, unknown>;
  /** A mistake that the chip punishes in silence. */
  trap(message: string): void;
}

/** Gives an object a member that is not seen. */
export function hide(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });
}

export function hideAll(object: object, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) hide(object, name, value);
}

export type Callback = (...args: unknown[]) => unknown;

/** What a method was called on: where this file runs as sloppy code, a simple value comes in a box. */
export function unboxed(self: unknown): unknown {
  return self instanceof String || self instanceof Number || self instanceof Boolean ? self.valueOf() : self;
}
