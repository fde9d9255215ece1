/** A small device program of three files that fails, built with all passes: for what finds the place of a fault. */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { rollup } from "rollup";

import { devicePasses } from "../../compiler/passes/passes.js";
import { onceFactories } from "../../compiler/rollup.js";
import { transpile } from "../../compiler/transpile.js";

/** The sources; `FAULT` marks the lines that a trace of the fault names, innermost first in `TRACE`. */
const SOURCES: Record<string, string> = {
  "deep.ts": `/** Reads what is not there. */
interface Box { content?: { size: number } }

export const LIMIT = 4 * 100;

export function sizeOf(box: Box, times: number): number {
  let sum = 0;
  for (let i = 0; i < times; i++) {
    sum += box.content!.size;
  }
  return sum;
}
`,
  "counter.ts": `import { LIMIT, sizeOf } from "./deep.js";

export interface Counter { add(n: number): number; fail(): number }

/**
 * Counts.
 * @once
 */
export function createCounter(start: number): Counter {
  let count = start;

  function bump(n: number): number {
    count = count + n;
    return count > LIMIT ? 0 : count;
  }

  return {
    add: (n) => bump(n) + sizeOf({ content: { size: 0 } }, n), // a second call: not inlined
    fail() {
      const more = bump(1);
      return more + sizeOf({}, more);
    },
  };
}
`,
  "main.ts": `import { createCounter } from "./counter.js";

declare function print(text: unknown): void;
declare function setTimeout(work: () => void, ms: number): void;

const counter = createCounter(5);
print("count " + counter.add(2));
setTimeout(() => {
  print(counter.fail());
}, 20);
setTimeout(() => print(counter.fail() + 1), 60);
`,
};

/** Files and lines of a trace of the fault, innermost first. */
export const TRACE = ["deep.ts:9", "counter.ts:21", "main.ts:9"];

/** Writes the sources into a folder and builds them there. @returns the code; its map is beside `program.min.js` */
export async function buildFaulty(folder: string): Promise<string> {
  for (const [name, text] of Object.entries(SOURCES)) {
    mkdirSync(path.join(folder, "src"), { recursive: true });
    writeFileSync(path.join(folder, "src", name), text);
  }
  const bundle = await rollup({ input: path.join(folder, "src/main.ts"), plugins: [transpile("tsconfig.json")] });
  const { output } = await bundle.write({
    file: path.join(folder, "program.min.js"),
    format: "es",
    strict: false,
    freeze: false,
    sourcemap: true,
    plugins: devicePasses(["print", "setTimeout"], onceFactories().hoist),
  });
  await bundle.close();
  return output[0].code;
}
