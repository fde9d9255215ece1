/** Where this package is installed, whether it runs bundled (build/cli.js) or from source. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { UsageError } from "../../sim/errors.js";
import { readBytes } from "../../sim/text-file.js";
import { flashable } from "../flash/install.js";

function root(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** Path of a file of the package. */
export function packageFile(...path: string[]): string {
  return join(root(), ...path);
}

/**
 * A program for a device, as bytes and as it is flashed: what runs here is what a board has.
 * @throws UsageError that names the file
 */
export function readProgram(path: string): string {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}: run \`npm run build\`, or give another path`);
  const text = flashable(Buffer.from(readBytes(path)).toString("latin1"));
  if (!text.trim()) throw new UsageError(`${path} is empty`);
  return text;
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  return version;
}
