/** How long a test goes on: a few rounds in `npm test`, many in `npm run endurance`. */

const LONG = process.env["npm_lifecycle_event"] === "endurance";

export function rounds(short: number, long: number): number {
  return LONG ? long : short;
}

/** Milliseconds that a test of that many rounds may take. */
export function patience(count: number, each: number): number {
  return 60_000 + count * each;
}
