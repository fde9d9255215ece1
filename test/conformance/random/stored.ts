/** A fixed set of random programs with the answers of both builds, for machines without an interpreter. */

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { Shape } from "../expected.js";
import { sample } from "./compare.js";
import { runReal, type Said } from "./engines.js";

/** Programs of the fixed set, and the seed that they came from. */
const COUNT = 400;
const SEED = 20261125;

export interface Stored {
  program: string;
  linux: Said;
  /** Where it differs from the plain Linux build's. */
  esp32?: Said;
}

const FILE = path.join(import.meta.dirname, "..", "expected", "random.json");

export function readStored(): Stored[] {
  return JSON.parse(readFileSync(FILE, "utf8")) as Stored[];
}

/** Asks an interpreter; the plain Linux build begins a new set, the other one adds where it differs. */
export async function recordRandom(shape: Shape, binary: string): Promise<string> {
  const bodies = shape === "linux" ? sample(COUNT, SEED) : readStored().map(({ program }) => program);
  const said = await runReal(binary, bodies);
  const rows: Stored[] =
    shape === "linux"
      ? bodies.map((program, at) => ({ program, linux: said[at]! }))
      : readStored().map(({ program, linux }, at) => ({
          program,
          linux,
          ...(said[at] === linux ? {} : { esp32: said[at] }),
        }));
  writeFileSync(FILE, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
  return FILE;
}
