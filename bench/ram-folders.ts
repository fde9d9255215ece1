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

/** The name itself takes as much as the element that holds its value; the radio's module is taken off like the radio. */
const valueOf = (name: string): string => `typeof ${name}=="undefined"||${name}===require("Wifi")?0:${name}`;

/**
 * JsVars of all names of the firmware on a device, by folder, functions and values apart; the largest first. What several
 * names hold is counted once, for the first: each value goes into one list, and it is the list that is measured.
 */
export async function jsVarsByFolder(device: InterpreterDevice, file = "firmware.min.js"): Promise<[string, number][]> {
  const groups: Record<string, string[]> = {};
  for (const { name, folder, kind } of topNames(file)) (groups[`${folder}, ${kind}`] ??= []).push(name);
  // Functions are members of the objects that offer them, too.
  const keys = Object.keys(groups).sort((a, b) => Number(a.endsWith("values")) - Number(b.endsWith("values")));
  let before = (await device.eval("(global.$all=[],E.getSizeOf($all))")) as number;
  const sums: [string, number][] = [];
  for (const key of keys) {
    const names = groups[key]!;
    for (let at = 0; at < names.length; at += 20) {
      await device.eval(`$all.push(${names.slice(at, at + 20).map(valueOf)})`);
    }
    const now = (await device.eval("E.getSizeOf($all)")) as number;
    sums.push([key, now - before]);
    before = now;
  }
  return sums.sort((a, b) => b[1] - a[1]);
}
