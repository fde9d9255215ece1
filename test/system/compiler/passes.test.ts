/**
 * Every pass changes nothing that a program can see: random programs, source against output, in Node, in the emulator and in
 * the real interpreter that $ESPRUINO names. `COMPILER_RUNS` sets their number, `COMPILER_SEED` repeats a run.
 */

import vm from "node:vm";

import { expect } from "chai";
import fc from "fast-check";
import { minify } from "terser";

import { check } from "../../../compiler/gate/gate.js";
import { useArrows } from "../../../compiler/passes/arrows.js";
import { hoist, print } from "../../../compiler/passes/hoist/hoist.js";
import { terserOptions } from "../../../compiler/passes/minify.js";
import { sortByUse } from "../../../compiler/passes/hot-first.js";
import { shortenNames } from "../../../compiler/passes/short-names.js";
import { useTexts } from "../../../compiler/passes/text-sums.js";
import { nameUndefined } from "../../../compiler/passes/undefined.js";
import { useVar } from "../../../compiler/passes/vars.js";
import { writeBack } from "../../../compiler/passes/write-back.js";
import { EmulatedDevice } from "../../../sim/emulator/index.js";
import { findInterpreter, runAll } from "../../unit/compiler/interpreter.js";
import { factories, statements } from "./programs.js";

const RUNS = Number(process.env["COMPILER_RUNS"] ?? 10);
const SEED = Number(process.env["COMPILER_SEED"] ?? Date.now() % 2 ** 31);

/**
 * How many of some programs may be no use: an output that the gate refuses is loud, and so no miscompile; a source that an
 * engine runs otherwise than Node does, in what no rule can see without types (`undefined | undefined`), says nothing of a pass.
 */
const most = (count: number): number => 1 + count / 10;

/** Characters of the programs in one interpreter. */
const MOST_TEXT = 40_000;

/** Members that the programs print with; all others get short names. */
const KEPT = ["print", "splice", "push", "length", "map", "forEach", "substr", "message"];

type Pass = (code: string) => string | Promise<string>;

const texted: Pass = (code) => useTexts(code).toString();
const terse: Pass = async (code) => (await minify(await texted(code), terserOptions(KEPT))).code!;
const hoisted: Pass = async (code) => (await print(hoist(code))).code;
const arrowed: Pass = (code) => useArrows(code).toString();
const varred: Pass = (code) => useVar(code).toString();
const written: Pass = (code) => writeBack(code).toString();
const named: Pass = (code) => nameUndefined(code).toString();
const shortened: Pass = (code) => shortenNames(code).toString();
const sorted: Pass = (code) => sortByUse(code).toString();

async function all(code: string, ...passes: Pass[]): Promise<string> {
  for (const pass of passes) code = await pass(code);
  return code;
}

/** The passes from Terser on. */
const LAST = [terse, written, named, shortened, sorted];

const PASSES: Record<string, [programs: fc.Arbitrary<string>, pass: Pass]> = {
  "var for let and const": [statements, varred],
  "arrows for functions": [factories, arrowed],
  "numbers behind a text": [statements, texted],
  "compound assignments": [statements, written],
  // The gate sees direct calls only, and hoisting makes calls direct: like the build, this writes compounds back.
  "hoisted factories": [factories, (code) => all(code, hoisted, written)],
  "names by their use": [factories, (code) => all(code, terse, written, shortened)],
  "variables by their use": [factories, (code) => all(code, arrowed, varred, terse, written, sorted)],
  "all of them, without factories": [statements, (code) => all(code, arrowed, varred, ...LAST)],
  "all of them": [factories, (code) => all(code, hoisted, arrowed, varred, ...LAST)],
};

/** What a program prints in Node; undefined for one that fails, which is no program for a device. */
function inNode(code: string): string[] | undefined {
  const lines: string[] = [];
  try {
    vm.runInNewContext(
      code,
      { print: (value: unknown) => lines.push(String(value)), exports: {} },
      { timeout: 10_000 },
    );
    return lines.every((line) => line.length < 200) ? lines : undefined;
  } catch {
    return undefined;
  }
}

/** Programs that are made for each one that is of use. */
const MADE = 20;

/**
 * `count` programs and what the pass makes of them; the gate lets all through, and Node runs them. Both as the build writes
 * them: some compound assignments of the programs are not Espruino's.
 */
async function sample(
  programs: fc.Arbitrary<string>,
  pass: Pass,
  count: number,
): Promise<[string, string, string[]][]> {
  const found: [string, string, string[]][] = [];
  for (const code of fc.sample(programs, { numRuns: count * MADE, seed: SEED })) {
    if (found.length === count) break;
    const lines = inNode(code);
    if (!lines || check(code, { name: "source", kind: "module" }).length) continue;
    found.push([await written(code), await written(await pass(code)), lines]);
  }
  expect(found).to.have.length(count);
  return found;
}

/** As many at a time as fit into an interpreter with the memory of an ESP32. */
function batches(samples: [string, string, string[]][]): [string, string, string[]][][] {
  const all: [string, string, string[]][][] = [];
  let size = Infinity;
  for (const one of samples) {
    const own = one[0].length + one[1].length;
    if (size + own > MOST_TEXT) {
      all.push([]);
      size = 0;
    }
    size += own;
    all.at(-1)!.push(one);
  }
  return all;
}

describe(`passes: random programs, seed ${SEED}`, function () {
  this.timeout(60_000 + 2000 * RUNS);

  for (const [name, [programs, pass]] of Object.entries(PASSES)) {
    it(`${name}: in Node`, async () => {
      let compared = 0;
      let refused = 0;
      const property = fc.asyncProperty(programs, async (code) => {
        if (compared === RUNS) return;
        const expected = inNode(code);
        if (!expected || check(code, { name: "source", kind: "module" }).length) return;
        const output = await pass(code);
        compared++;
        expect(inNode(output), output).to.deep.equal(expected);
        if (check(output, { name: "output", kind: "module" }).length) refused++;
      });
      await fc.assert(property, { numRuns: RUNS * MADE, seed: SEED, endOnFailure: !process.env["COMPILER_SHRINK"] });
      expect(compared).to.equal(RUNS);
      expect(refused).to.be.at.most(most(compared));
    });
  }

  it("all of them: in the emulator", async () => {
    const programs = await sample(factories, PASSES["all of them"]![1], Math.ceil(RUNS / 6));
    const run = async (program: string): Promise<readonly string[]> => {
      const device = await EmulatedDevice.start({
        storage: { ".bootcde": 'require("program");', program },
        stack: 500,
      });
      await device.stop();
      return device.lines;
    };
    let odd = 0;
    for (const [code, output, expected] of programs) {
      if (String(await run(code)) === String(expected)) expect(await run(output), output).to.deep.equal(expected);
      else odd++;
    }
    expect(odd).to.be.at.most(most(programs.length));
  });

  for (const [name, [programs, pass]] of Object.entries(PASSES)) {
    it(`${name}: in the real interpreter`, async function () {
      const binary = findInterpreter();
      if (!binary) return this.skip();
      const samples = await sample(programs, pass, RUNS);
      const body = (code: string): string =>
        `var lines = []; function print(x) { lines.push(String(x)); } var exports = {}; (function () {\n${code}\n})(); return lines;`;
      let odd = 0;
      for (const some of batches(samples)) {
        const results = await runAll(
          binary,
          some.flatMap(([code, output]) => [body(code), body(output)]),
        );
        some.forEach(([code, output, expected], i) => {
          if (String(results[2 * i]?.value) !== String(expected)) odd++;
          else expect(results[2 * i + 1], `${code}\n\n---\n${output}`).to.deep.equal({ value: expected });
        });
      }
      expect(odd).to.be.at.most(most(samples.length));
    });
  }
});
