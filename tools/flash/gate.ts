/** The gate before an application of one's own is flashed. */

import { check } from "../../compiler/gate/gate.js";
import type { Finding } from "../../compiler/gate/types.js";
import { UsageError } from "../../sim/errors.js";
import type { Evaluator } from "./console.js";

/** Findings that are told. */
const MOST = 20;
/** Set by the boot file. */
const GLOBALS = ["appIsGood", "appSlot"];

/**
 * Checks an application for what Espruino would misread; it may require what the device has in Storage.
 * @param path of the application, for the message
 * @param also modules that are written with it
 * @param tell told each finding
 * @throws UsageError that names the first line
 */
export async function passGate(
  device: Evaluator,
  path: string,
  source: string,
  also: string[],
  tell: (finding: Finding) => void,
): Promise<void> {
  const stored = (await device.eval('require("Storage").list()')) as string[];
  const findings = check(source, { name: path, kind: "script", modules: [...stored, ...also], globals: GLOBALS });
  if (!findings.length) return;
  findings.slice(0, MOST).forEach(tell);
  const { line, rule } = findings[0];
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : "";
  throw new UsageError(`the gate refuses ${path}, line ${line} (${rule})${more}: nothing was written`);
}
