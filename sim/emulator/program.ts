/** Programs ready to run: checked by the gate, made to behave as in Espruino, compiled once for all devices. */

import { Script } from "node:vm";

import { check, format } from "../../compiler/gate/gate.js";
import { globalNames, instrument } from "./instrument.js";

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

export interface Program {
  script: Script;
  /** Names that it leaves in the global scope. */
  names: string[];
}

const compiled = new Map<string, Program>();

/**
 * @throws RefusedError when the program is not one that Espruino runs
 */
export function compile(source: string, options: ProgramOptions): Program {
  const key = JSON.stringify([options, source]);
  let program = compiled.get(key);
  if (!program) {
    program = build(source, options);
    compiled.set(key, program);
  }
  return program;
}

function build(source: string, options: ProgramOptions): Program {
  const findings = check(source, options);
  if (findings.length) throw new RefusedError(`SyntaxError: ${format(findings, options.name).join("\n")}`);
  const names = options.kind === "script" ? globalNames(source) : [];
  return { script: compileUnchecked(source, options), names };
}

/** Compiles text that came from the host and not from the device's flash. */
export function compileUnchecked(source: string, options: Omit<ProgramOptions, "modules">): Script {
  if (options.kind === "script") return new Script(instrument(source, options.globals), { filename: options.name });
  // As a function of its own, so that its names stay inside.
  const wrapped = instrument(`(function(exports,module){${source}\n})`);
  return new Script(wrapped, { filename: options.name });
}
