/** `npm run fuzz`: a million inputs for all decoders together, or as many as --runs says; --seed repeats a run. */
import { parseArgs } from "node:util";

import { fuzz, TARGETS } from "./targets.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() & 0x7fffffff) },
    only: { type: "string" },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const targets = TARGETS.filter(({ name }) => !values.only || name.includes(values.only));
if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(seed) && targets.length)) {
  console.error(`usage: npm run fuzz -- [--runs N] [--seed N] [--only ${TARGETS.map(({ name }) => name).join("|")}]`);
  process.exit(2);
}

const each = Math.ceil(runs / targets.length);
console.log(`seed ${seed}, ${each} inputs for each of ${targets.length} decoders`);
for (const target of targets) {
  const start = performance.now();
  try {
    fuzz(target, each, seed);
    console.log(`ok   ${target.name.padEnd(40)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`FAIL ${target.name}: ${error instanceof Error ? error.message : error}`);
  }
}
