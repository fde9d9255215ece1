/**
 * The gate: refuses JavaScript that Espruino 2v29 on ESP32 cannot read, or reads otherwise than the standard says.
 * What it lets through means the same in Espruino and in Node, as far as the text can tell.
 */

import { parseScript, scopesOf } from "../parse.js";
import { setParents, walk, type Node } from "../tree.js";
import { callChecks, collectMember } from "./calls.js";
import { boxChecks } from "./boxes.js";
import { classChecks } from "./classes.js";
import { finallyChecks } from "./finally.js";
import { OWN_MODULES } from "./features.js";
import { literalChecks } from "./literals.js";
import { regexpChecks } from "./regexp.js";
import { checkScopes } from "./scopes.js";
import { checkType, syntaxChecks } from "./syntax.js";
import type { Finding, Program, Report } from "./types.js";

export interface Options {
  /** Of the program, for error messages. */
  name: string;
  /** A module of Storage has `exports` and `module`, boot code has not. */
  kind: "module" | "script";
  /** Modules of Storage that it may require, besides this project's own. */
  modules?: string[];
  /** Globals that it may name besides Espruino's own. */
  globals?: string[];
}

const MODULE_GLOBALS = ["exports", "module"];

/**
 * Checks the text of a program before it runs or is flashed.
 * @returns in the order of the text; empty when it may run
 */
export function check(source: string, options: Options): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (rule, node, message) => {
    const { line, column } = node.loc!.start;
    findings.push({ rule, message, line, column: column + 1 });
  };
  let program: Node;
  try {
    program = parseScript(source);
  } catch (error) {
    return [syntaxError(error as SyntaxError)];
  }
  checkTree(program, report, options);
  const globals = [...(options.globals ?? []), ...(options.kind == "module" ? MODULE_GLOBALS : [])];
  checkScopes(scopesOf(program), report, globals);
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

function syntaxError(error: SyntaxError & { loc?: { line: number; column: number } }): Finding {
  const { line, column } = error.loc ?? { line: 1, column: 0 };
  return { rule: "parse", message: error.message.replace(/ \(\d+:\d+\)$/, ""), line, column: column + 1 };
}

function checkTree(tree: Node, report: Report, options: Options): void {
  const program: Program = { members: new Set(), modules: new Set([...OWN_MODULES, ...(options.modules ?? [])]) };
  walk(tree, (node) => {
    setParents(node);
    collectMember(node, program.members);
  });
  const tables = [
    syntaxChecks,
    classChecks,
    literalChecks,
    regexpChecks,
    callChecks(program),
    finallyChecks,
    boxChecks,
  ];
  walk(tree, (node) => {
    checkType(node, report);
    for (const table of tables) table[node.type]?.(node, report);
  });
}

/** The findings as lines of text, `name:line:column message (rule)`. */
export function format(findings: Finding[], name: string): string[] {
  return findings.map((one) => `${name}:${one.line}:${one.column} ${one.message} (${one.rule})`);
}
