/** Names of members that the minifier keeps: those of the language, of Espruino, and of what the package promises. */

import { readFileSync } from "node:fs";

/** Objects whose members are the language's. Two of Espruino's differ: its declarations have them. */
const LANGUAGE = [
  Array,
  ArrayBuffer,
  DataView,
  Date,
  Error,
  Function,
  JSON,
  Math,
  Number,
  Object,
  Promise,
  RegExp,
  String,
  Uint8Array,
  Object.getPrototypeOf(Uint8Array),
];

/** Members of instances that no prototype has. */
const OF_INSTANCES = ["index", "input", "lastIndex", "message", "stack", "exports"];

/** Every word in these files is kept, also in their comments: what a public docstring names, a user may write. */
export function keptNames(files: string[]): string[] {
  const language = LANGUAGE.flatMap((one) => [one, one.prototype ?? {}]).flatMap((one) =>
    Object.getOwnPropertyNames(one),
  );
  const words = files.flatMap((file) => readFileSync(file, "utf8").match(/[A-Za-z_$][\w$]*/g) ?? []);
  return [...new Set([...language, ...OF_INSTANCES, ...words])].filter((name) => !name.startsWith("_"));
}
