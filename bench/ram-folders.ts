/** What the JsVars of the firmware at rest consist of: the names at the top of its program, by folder of the source. */

import { readFileSync } from "node:fs";

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

import { parseScript, scopesOf } from "../compiler/parse.js";
import { folderOf } from "../compiler/size.js";
import type { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { built } from "./bench-device.js";

interface Top {
  name: string;
  folder: string;
  kind: "functions" | "values";
}

/** Names that a program declares at its top, each with the folder of the code that writes it. */
function topNames(file: string): Top[] {
  const map = new TraceMap(readFileSync(`build/${file}.map`, "utf8"));
  const program = parseScript(built(file));
  return scopesOf(program).scopes[0]!.variables.map(({ name, references, defs }) => {
    const write = references.find((one) => one.isWrite())?.identifier ?? defs[0]!.name;
    const { source } = originalPositionFor(map, write.loc!.start);
    const functions = /Function/.test(defs[0]!.node.init?.type ?? defs[0]!.node.type);
    return { name, folder: source ? folderOf(source) : "(compiler)", kind: functions ? "functions" : "values" };
  });
}

/** One JsVar is the name itself, and a small number is in it; the radio's module is taken off like the radio. */
const sizeOf = (name: string): string =>
  `typeof ${name}=="undefined"?0:typeof ${name}=="number"||${name}===require("Wifi")?1:1+E.getSizeOf(${name})`;
const sizes = (names: string[]): string => `[${names.map(sizeOf)}]`;

/** JsVars of all names of the firmware on a device, by folder, functions and values apart; the largest first. */
export async function jsVarsByFolder(device: InterpreterDevice, file = "firmware.min.js"): Promise<[string, number][]> {
  const names = topNames(file);
  const sums = new Map<string, number>();
  for (let at = 0; at < names.length; at += 20) {
    const some = names.slice(at, at + 20);
    const vars = (await device.eval(sizes(some.map(({ name }) => name)))) as number[];
    some.forEach(({ folder, kind }, i) => {
      const key = `${folder}, ${kind}`;
      sums.set(key, (sums.get(key) ?? 0) + vars[i]!);
    });
  }
  // The values of some folders are constants that the build has put where they are used.
  return [...sums].filter(([, vars]) => vars).sort((a, b) => b[1] - a[1]);
}
