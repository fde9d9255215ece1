/** Runs programs in the emulator and in the real interpreter, and gives what they say as text. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { check } from "../../../compiler/gate/gate.js";
import { EmulatedDevice } from "../../../sim/emulator/device.js";
import { InterpreterProcess } from "../../../sim/emulator/interpreter/process.js";

/** What a program says, or why it says nothing. */
export type Said = string;

/** Writes values so that different ones look different; deep ones are cut. */
const SHOW = `function show(x, d) {
  if (x === undefined || x === null || typeof x == "boolean") return "" + x;
  if (typeof x == "number") return "" + x;
  if (typeof x == "string") return JSON.stringify(x);
  if (typeof x == "function") return "function";
  if (d > 4) return "...";
  const parts = [];
  if (Array.isArray(x)) {
    for (let i = 0; i < x.length && i < 30; i++) parts.push(show(x[i], d + 1));
    return "[" + parts.join() + "]";
  }
  const keys = Object.keys(x);
  for (let i = 0; i < keys.length; i++) parts.push(keys[i] + ":" + show(x[keys[i]], d + 1));
  return "{" + parts.join() + "}";
}
`;

const wrapped = (body: string): string =>
  `(function () { let r = [], n = 0; try { ${body}\n} catch (e) { r.push("threw"); } return show(r, 0); })()`;

export const isAllowed = (body: string): boolean =>
  check(`${SHOW}print(${wrapped(body)});`, { name: "random", kind: "script" }).length === 0;

export async function runEmulated(bodies: string[]): Promise<Said[]> {
  const device = await EmulatedDevice.start({ storage: { ".bootcde": SHOW }, stack: 200 });
  const said: Said[] = [];
  for (const body of bodies) {
    const before = device.uncaught.length;
    const text = await device.eval(wrapped(body)).then(String, (error: Error) => `failed: ${error.message}`);
    const upset = device.uncaught.slice(before).find((line) => /object literal|holds itself/.test(line));
    said.push(upset ? `failed: ${upset}` : text);
  }
  await device.stop();
  return said;
}

const MARK = "@random ";

/** One process for all; a program that ends it is the last that has an answer. */
async function runOnce(binary: string, bodies: string[]): Promise<Said[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "random-"));
  const said: Said[] = [];
  const hear = (line: string): void => {
    const at = line.indexOf(MARK);
    if (at >= 0) said.push(line.slice(at + MARK.length));
  };
  const lines = bodies.map((body) => `print("${MARK}" + ${wrapped(body)});`);
  writeFileSync(path.join(folder, "random.js"), `${SHOW}${lines.join("\n")}\nquit();`, "latin1");
  const process = new InterpreterProcess(binary, ["random.js"], folder, hear, () => {});
  const timer = setTimeout(() => void process.kill(), 20_000);
  await process.ended();
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  return said;
}

export async function runReal(binary: string, bodies: string[]): Promise<Said[]> {
  const said: Said[] = [];
  while (said.length < bodies.length) {
    const left = bodies.slice(said.length);
    const some = await runOnce(binary, left);
    said.push(...some.slice(0, left.length));
    if (some.length < left.length) said.push("nothing");
  }
  return said;
}
