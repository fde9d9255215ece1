/** The gate before an application of one's own is flashed, or signed. */

import { check } from "../../compiler/gate/gate.js";
import { UsageError } from "../../sim/errors.js";
import type { Evaluator } from "./console.js";

/** Findings that are told. */
const MOST = 20;
/** Set by the boot file. */
const GLOBALS = ["appIsGood", "appSlot"];

/** A finding as an event of the command, and as a line for people. */
export type Tell = (event: { event: string; [key: string]: unknown }, line: string) => void;

/**
 * Checks an application for what Espruino would misread.
 * @param path of the application, for the messages
 * @param modules of Storage that it may require, besides those of this project
 * @param tell told each finding
 * @throws UsageError that names the first line
 */
export function checkApplication(path: string, source: string, modules: string[], tell: Tell): void {
  const findings = check(source, { name: path, kind: "script", modules, globals: GLOBALS });
  if (!findings.length) return;
  for (const { line, column, rule, message } of findings.slice(0, MOST)) {
    tell(
      { event: "refused", file: path, line, column, rule, message },
      `${path}:${line}:${column} ${message} (${rule})`,
    );
  }
  const { line, rule } = findings[0];
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : "";
  throw new UsageError(`the gate refuses ${path}, line ${line} (${rule})${more}: nothing was written`);
}

/** The same for what is flashed: it may require what the device has in Storage. @param also modules written with it */
export async function passGate(
  device: Evaluator,
  path: string,
  source: string,
  also: string[],
  tell: Tell,
): Promise<void> {
  const stored = (await device.eval('require("Storage").list()')) as string[];
  checkApplication(path, source, [...stored, ...also], tell);
}
