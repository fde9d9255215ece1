/** Finds the real interpreter. */

import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { delimiter, join } from "node:path";

function firstBytes(path: string): string {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(2);
    readSync(file, head, 0, 2, 0);
    return head.toString("latin1");
  } finally {
    closeSync(file);
  }
}

/** EspruinoTools has a command of the same name, a script, and npm puts it first on the PATH. */
function isInterpreter(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return firstBytes(path) !== "#!";
  } catch {
    return false;
  }
}

/** Path of the Linux build of Espruino: $ESPRUINO, or the first `espruino` on the PATH; undefined when there is none. */
export function findEspruino(): string | undefined {
  const named = process.env.ESPRUINO;
  if (named) return isInterpreter(named) ? named : undefined;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, "espruino")).find(isInterpreter);
}
