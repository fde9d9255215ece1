/** Compares the emulator with the real interpreter on random programs, and shrinks what differs. */

import fc from "fast-check";

import { buildOf, shapeOf } from "../expected.js";
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

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;

/**
 * The same for the Linux build of 32 bits, whose processor computes with 80 bits: a fraction may differ in its last digits.
 * An ESP32 computes with 64, as the plain build does.
 */
export function agreeNearly(emulated: Said, real: Said): boolean {
  const a: string[] = emulated.match(NUMBER) ?? [];
  const b: string[] = real.match(NUMBER) ?? [];
  if (agree(emulated, real)) return true;
  if (emulated.replace(NUMBER, "") !== real.replace(NUMBER, "") || a.length !== b.length) return false;
  return a.every((one, at) => {
    const other = Number(b[at]);
    return one === b[at] || (other % 1 !== 0 && Math.abs(Number(one) - other) <= Math.abs(other) * 1e-7);
  });
}

async function rule(binary: string): Promise<typeof agree> {
  return shapeOf(await buildOf(binary)) === "esp32" ? agreeNearly : agree;
}

/** The indices of the programs on which the two differ. */
async function differing(binary: string, bodies: string[]): Promise<number[]> {
  const found: number[] = [];
  const agree = await rule(binary);
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
  const agree = await rule(binary);
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
