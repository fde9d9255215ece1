/**
 * `npm run conformance`: where the emulator differs from the stored answers of both builds, in corners of the language
 * and the modules, and from the interpreter of this machine. `--record` asks that interpreter all probes and stores what
 * it says; `--random N [--seed S]` compares random programs with it, and shrinks the first that differs.
 */

import { isDeepStrictEqual, parseArgs } from "node:util";

import { findEspruino } from "../../sim/emulator/index.js";
import { CORNERS, differences, isDangerous } from "./corners.js";
import { buildOf, shapeOf, writeExpected } from "./expected.js";
import { GROUPS } from "./groups.js";
import { compare } from "./random/compare.js";
import { recordRandom } from "./random/stored.js";
import { runGroup, type Answers } from "./run.js";

const { values } = parseArgs({
  options: {
    record: { type: "boolean" },
    binary: { type: "string" },
    random: { type: "string" },
    seed: { type: "string", default: String(Date.now() & 0x7fffffff) },
  },
});

async function corners(): Promise<void> {
  const found = await differences();
  const undocumented = found.filter((one) => !one.documented);
  for (const one of undocumented) {
    const { name, code, linux } = one.corner;
    console.log(`${isDangerous(one) ? "dangerous" : "harmless"}: ${name}\n  ${code}`);
    console.log(`  real     ${JSON.stringify(linux)}\n  emulator ${JSON.stringify(one.outcome.answer)}`);
  }
  const dangerous = undocumented.filter(isDangerous).length;
  console.log(`${CORNERS.length} corners, ${found.length - undocumented.length} differences documented`);
  console.log(`${dangerous} dangerous, ${undocumented.length - dangerous} harmless differences undocumented`);
  if (undocumented.length) process.exitCode = 1;
}

async function groups(binary: string): Promise<void> {
  const build = await buildOf(binary);
  console.log(`${shapeOf(build)}: ${JSON.stringify(build)}`);
  const second = values.record ? "again" : "emulator";
  const answers: Answers = {};
  let differing = 0;
  for (const [title, group] of Object.entries(GROUPS)) {
    const real = (answers[title] = await runGroup("espruino", group, binary));
    console.log(`${title}: ${Object.keys(real).length}`);
    // What does not repeat itself is no answer.
    const other = values.record ? await runGroup("espruino", group, binary) : await runGroup("emulator", group);
    for (const [name, value] of Object.entries(real)) {
      if (isDeepStrictEqual(other[name], value)) continue;
      console.log(`  ${name}\n    real   ${JSON.stringify(value)}\n    ${second} ${JSON.stringify(other[name])}`);
      differing++;
    }
  }
  if (!values.record) return;
  if (differing) throw new Error(`${differing} answers do not repeat themselves: nothing was written`);
  console.log(`written to ${writeExpected(shapeOf(build), { build, answers })}`);
  console.log(`written to ${await recordRandom(shapeOf(build), binary)}`);
}

async function random(binary: string, count: number, seed: number): Promise<void> {
  const { compared, differing, smallest } = await compare(binary, count, seed);
  console.log(`seed ${seed}: ${compared} programs compared, ${differing} differ`);
  if (!smallest) return;
  console.log(`${smallest.program}\n  real     ${smallest.real}\n  emulator ${smallest.emulator}`);
  process.exitCode = 1;
}

const binary = values.binary ?? findEspruino();
if (values.random) {
  if (!binary) throw new Error("no `espruino` found: put it on the PATH, or name it by $ESPRUINO or --binary");
  await random(binary, Number(values.random), Number(values.seed));
} else {
  if (!values.record) await corners();
  if (binary) await groups(binary);
  else if (values.record)
    throw new Error("no `espruino` found: put it on the PATH, or name it by $ESPRUINO or --binary");
}
