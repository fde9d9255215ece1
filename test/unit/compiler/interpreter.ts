/** Runs function bodies in a real interpreter: all in one process, each behind its own catch. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * The interpreter that $ESPRUINO names, or the one on the PATH. In node_modules/.bin, which npm puts first, `espruino`
 * is another program: the flashing tool.
 */
export function findInterpreter(): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(path.delimiter).filter((one) => !one.includes("node_modules"));
  const onPath = directories.map((directory) => path.join(directory, "espruino"));
  return [process.env["ESPRUINO"], ...onPath].find((file) => file && existsSync(file));
}

const quote = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** A program that prints one line of JSON for the result of each body. */
function programOf(bodies: string[]): string {
  const list = bodies.map((body) => quote(`(function(){${body}\n})()`)).join(",\n");
  return `[${list}].forEach(function (body, i) {
    var result;
    try { result = JSON.stringify({ value: eval(body) }); } catch (e) { result = JSON.stringify({ error: String(e) }); }
    print("#result " + i + " " + result);
  });
  quit();\n`;
}

/** Results of function bodies, in their order; undefined for one that was not reached. */
export async function runAll(
  binary: string,
  bodies: string[],
): Promise<({ value?: unknown; error?: string } | undefined)[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "gate-"));
  try {
    writeFileSync(path.join(directory, "program.js"), programOf(bodies), "latin1");
    const output = await run(binary, directory);
    const results: ({ value?: unknown; error?: string } | undefined)[] = bodies.map(() => undefined);
    for (const [, index, json] of output.matchAll(/#result (\d+) (.*?)\r?$/gm))
      results[Number(index)] = JSON.parse(json!);
    return results;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Console output of program.js in a directory. Standard input stays open: at its end the interpreter reads rubbish. */
function run(binary: string, directory: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ["program.js"], { cwd: directory, stdio: ["pipe", "pipe", "ignore"], timeout: 15000 });
    let output = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
