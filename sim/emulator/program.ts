/** Programs ready to run: checked by the gate, made to behave as in Espruino, compiled once for all devices. */

import { Script } from "node:vm";

import { check, format } from "../espruino/gate.js";
import { instrument } from "./instrument.js";

export interface ProgramOptions {
  /** Name of the Storage file, for messages. */
  name: string;
  kind: "module" | "script";
  /** Modules that stand in Storage. */
  modules: string[];
  /** Globals that programs before it have left. */
  globals: string[];
}

/** A program that the gate refuses; the message names every place. */
export class RefusedError extends Error {}

const compiled = new Map<string, Script>();

/**
 * @throws RefusedError when the program is not one that Espruino runs
 */
export function compile(source: string, options: ProgramOptions): Script {
  const key = JSON.stringify([options, source]);
  let script = compiled.get(key);
  if (!script) {
    script = build(source, options);
    compiled.set(key, script);
  }
  return script;
}

function build(source: string, options: ProgramOptions): Script {
  const findings = check(source, options);
  if (findings.length) throw new RefusedError(`SyntaxError: ${format(findings, options.name).join("\n")}`);
  return compileUnchecked(source, options);
}

/** Compiles text that came from the host and not from the device's flash. */
export function compileUnchecked(source: string, options: Omit<ProgramOptions, "modules">): Script {
  if (options.kind === "script") return new Script(instrument(source, options.globals), { filename: options.name });
  // As a function of its own, so that its names stay inside.
  const wrapped = instrument(`(function(exports,module){${source}\n})`);
  return new Script(wrapped, { filename: options.name });
}
