/** Compares the emulator with the real interpreter on random programs, and shrinks what differs. */

import fc from "fast-check";

import { isAllowed, runEmulated, runReal, type Said } from "./engines.js";
import { programs } from "./programs.js";

/** Programs that one process of the interpreter runs. */
const BATCH = 50;
const MOST_SHRINKS = 400;

export interface Finding {
  program: string;
  emulator: Said;
  real: Said;
}

/** Programs that the gate allows; the same for the same seed. */
export function sample(count: number, seed: number): string[] {
  return fc.sample(programs, { numRuns: count, seed }).filter(isAllowed);
}

/** Equal; or the emulator has complained, by an error that no `catch` of the program may see. */
export const agree = (emulated: Said, real: Said): boolean => emulated === real || emulated.startsWith("failed:");

/** The indices of the programs on which the two differ. */
async function differing(binary: string, bodies: string[]): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < bodies.length; at += BATCH) {
    const batch = bodies.slice(at, at + BATCH);
    const [emulated, real] = [await runEmulated(batch), await runReal(binary, batch)];
    batch.forEach((_, i) => {
      if (!agree(emulated[i]!, real[i]!)) found.push(at + i);
    });
  }
  return found;
}

/** The smallest program that still differs, by the way that fast-check shrinks. */
async function shrink(binary: string, seed: number, count: number, known: Set<string>): Promise<string | undefined> {
  let runs = 0;
  const property = fc.asyncProperty(programs, async (program) => {
    if (known.has(program) || !isAllowed(program) || runs++ > MOST_SHRINKS) return true;
    const [[emulated], [real]] = [await runEmulated([program]), await runReal(binary, [program])];
    return agree(emulated!, real!);
  });
  const result = await fc.check(property, { seed, numRuns: count, endOnFailure: false });
  return result.counterexample?.[0];
}

/** @returns the first difference, made small; undefined where there is none */
export async function compare(
  binary: string,
  count: number,
  seed: number,
): Promise<{ differing: number; smallest: Finding | undefined; compared: number }> {
  const bodies = sample(count, seed);
  const found = await differing(binary, bodies);
  if (!found.length) return { compared: bodies.length, differing: 0, smallest: undefined };
  const equal = new Set(bodies.filter((_, at) => !found.includes(at)));
  const program = (await shrink(binary, seed, count, equal)) ?? bodies[found[0]!]!;
  const [[emulator], [real]] = [await runEmulated([program]), await runReal(binary, [program])];
  return { compared: bodies.length, differing: found.length, smallest: { program, emulator: emulator!, real: real! } };
}
