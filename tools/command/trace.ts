/** `wifi-binding trace`: the places that a device prints, as files and lines of the TypeScript source. */
import { existsSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Command } from "commander";
import { APP_FILE, FIRST, SECOND } from "../../src/ota/slots.js";
import { UsageError } from "../../sim/errors.js";
import { readTextFile } from "../../sim/text-file.js";
import type { Io } from "./io.js";

const EXAMPLES = `
Examples:
  wifi-binding trace build/firmware.min.js.map < console.log
  wifi-binding trace build/firmware.min.js.map build/WifiBindingBle.min.js.map < console.log

Each map serves the file of Storage that its code was written to: build/WifiBindingBle.min.js.map the module
WifiBindingBle, any other the boot code. The maps must be of the very build that is on the device.`;

const BOOT = ".bootcde";
const BOOT_MAP = "boot";
const SLOTS = [APP_FILE + FIRST, APP_FILE + SECOND];

/** Espruino's `at name (file:line:column)` and `at file:line:column`; the name may be the text of a function. */
const PLACE = /^(\s*at )(?:(.*) \()?([^\s():]+):(\d+):(\d+)\)?\s*$/;

/** Maps by the file of Storage whose code they are for. */
export type Maps = Map<string, { map: TraceMap; directory: string }>;

/**
 * @param files of source maps
 * @throws UsageError for one that cannot be read, or is no source map
 */
export function readMaps(files: string[]): Maps {
  const maps: Maps = new Map();
  for (const file of files) {
    if (!existsSync(file)) throw new UsageError(`${file} does not exist: build first, or name the build's own map`);
    let map: TraceMap;
    try {
      map = new TraceMap(readTextFile(file));
    } catch {
      throw new UsageError(`${file} is no source map: its name ends in .js.map`);
    }
    const name = basename(file).replace(/(\.min)?\.js\.map$/, "");
    const one = { map, directory: dirname(resolve(file)) };
    if (name.startsWith("WifiBinding")) maps.set(name, one);
    else if (name === BOOT_MAP) maps.set(BOOT_MAP, one);
    else for (const storage of [BOOT, ...SLOTS]) maps.set(storage, one);
  }
  return maps;
}

/** Where one line of a console is in the source; undefined for a line without a place, or of another program. */
export function placeOf(line: string, maps: Maps, inSlots: boolean): string | undefined {
  const [, , , file, row, column] = PLACE.exec(line) ?? [];
  if (!file) return undefined;
  // Beside an application in a slot, the boot code is the program that chooses it.
  const one = maps.get(inSlots && file === BOOT ? BOOT_MAP : file);
  if (!one) return undefined;
  // Espruino counts columns from 1, and prints line 0 for code in one line.
  const needle = { line: Math.max(1, Number(row)), column: Math.max(0, Number(column) - 1) };
  const found = originalPositionFor(one.map, needle);
  if (!found.source) return undefined;
  return `${relative(".", resolve(one.directory, found.source))}:${found.line}:${found.column + 1}`;
}

/** The name of the function in a line, for people: the text of one without a name is cut short. */
function nameOf(line: string): string {
  const name = PLACE.exec(line)?.[2] ?? "";
  return /^function \(/.test(name) ? "function" : name;
}

/** The lines of a console, each place in them followed by its place in the source. */
export function traceLines(lines: string[], maps: Maps): string[] {
  const inSlots = lines.some((line) => SLOTS.includes(PLACE.exec(line)?.[3] ?? ""));
  return lines.map((line) => {
    const place = placeOf(line, maps, inSlots);
    const name = nameOf(line);
    return place ? `    at ${name ? `${name} (${place})` : place}` : line;
  });
}

async function standardInput(): Promise<string[]> {
  const lines: string[] = [];
  // A serial console's lines end with a carriage return, and its prompt erases what was typed.
  for await (const line of createInterface({ input: process.stdin })) lines.push(line.replace(/\r|\x1b\[J/g, ""));
  return lines;
}

async function act(files: string[], io: Io): Promise<void> {
  const maps = readMaps(files);
  for (const line of traceLines(await standardInput(), maps)) io.out(line);
}

export function addTrace(program: Command, io: Io): void {
  program
    .command("trace")
    .description("turn the places that a device prints, read from standard input, into files and lines of the source")
    .argument("<map...>", "source maps of the build that is on the device")
    .addHelpText("after", EXAMPLES)
    .action((files: string[]) => act(files, io));
}
