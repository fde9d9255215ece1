/**
 * `npm run dev`: watches the sources; on each change it runs the unit tests of the folder that changed, and builds the
 * device files again when device code did. Ends with Ctrl-C.
 */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, watch } from "node:fs";
import path from "node:path";

const WATCHED = ["src", "firmware", "compiler", "sim", "tools", "test/unit"];
/** Milliseconds without a change after which the work begins: an editor writes several files at once. */
const QUIET = 200;

const changed = new Set<string>();
let timer: NodeJS.Timeout | undefined;
let busy = false;

/** The unit tests that mirror a source's folder, or the test itself. */
function testsOf(file: string): string[] {
  if (file.endsWith(".test.ts")) return existsSync(file) ? [file] : [];
  const folder = file.startsWith("test/unit") ? path.dirname(file) : path.join("test/unit", path.dirname(file));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name));
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve) => spawn(command, args, { stdio: "inherit" }).on("close", () => resolve()));
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  while (changed.size) {
    const files = [...changed];
    changed.clear();
    console.log(`\n${files.join(", ")}`);
    const tests = [...new Set(files.flatMap(testsOf))];
    if (tests.length) await run("npx", ["mocha", "--reporter", "dot", ...tests]);
    if (files.some((file) => /^(src|firmware|compiler)\//.test(file))) await run("npm", ["run", "--silent", "build"]);
  }
  busy = false;
}

for (const folder of WATCHED) {
  watch(folder, { recursive: true }, (_event, name) => {
    if (!name || !/\.[jt]s$/.test(name)) return;
    changed.add(path.join(folder, name));
    clearTimeout(timer);
    timer = setTimeout(() => void work(), QUIET);
  });
}
console.log(`Watching ${WATCHED.join(", ")}: change a file to run its unit tests, Ctrl-C to end.`);
