/**
 * `npm run conformance -- --record [--binary FILE]`: asks a real interpreter all probes and stores what it says as the
 * expected answers of its shape. Without `--record` prints where the emulator and that interpreter differ.
 */

import { isDeepStrictEqual, parseArgs } from "node:util";

import { findEspruino } from "../../sim/emulator/index.js";
import { buildOf, shapeOf, writeExpected } from "./expected.js";
import { GROUPS } from "./groups.js";
import { runGroup, type Answers } from "./run.js";

const { values } = parseArgs({ options: { record: { type: "boolean" }, binary: { type: "string" } } });
const binary = values.binary ?? findEspruino();
if (!binary) throw new Error("no `espruino` found: put it on the PATH, or name it by $ESPRUINO or --binary");

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
if (values.record && differing) throw new Error(`${differing} answers do not repeat themselves: nothing was written`);
if (values.record) console.log(`written to ${writeExpected(shapeOf(build), { build, answers })}`);
