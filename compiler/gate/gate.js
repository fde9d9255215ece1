/**
 * The gate: refuses JavaScript that Espruino 2v29 on ESP32 cannot read, or reads otherwise than the standard says.
 * What it lets through means the same in Espruino and in Node, as far as the text can tell.
 */

import { OWN_MODULES } from "./features.js";
import { parse } from "acorn";
import { analyze } from "eslint-scope";

import { callChecks, collectMember } from "../passes/calls.js";
import { boxChecks } from "./boxes.js";
import { classChecks } from "./classes.js";
import { finallyChecks } from "./finally.js";
import { literalChecks } from "./literals.js";
import { regexpChecks } from "./regexp.js";
import { checkScopes } from "./scopes.js";
import { checkType, syntaxChecks } from "./syntax.js";
import { setParents, walk } from "../passes/tree.js";

/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Report} Report */

/**
 * @typedef {object} Options
 * @property {string} name of the program, for error messages
 * @property {"module" | "script"} kind a module of Storage has `exports` and `module`, boot code has not
 * @property {string[]} [modules] modules of Storage that it may require, besides this project's own
 * @property {string[]} [globals] globals that it may name besides Espruino's own
 */

const MODULE_GLOBALS = ["exports", "module"];

/**
 * Checks the text of a program before it runs or is flashed.
 * @param {string} source
 * @param {Options} options
 * @returns {Finding[]} in the order of the text; empty when it may run
 */
export function check(source, options) {
  /** @type {Finding[]} */
  const findings = [];
  /** @type {Report} */
  const report = (rule, node, message) => {
    const { line, column } = node.loc.start;
    findings.push({ rule, message, line, column: column + 1 });
  };
  let program;
  try {
    program = parse(source, { ecmaVersion: 2024, sourceType: "script", locations: true, ranges: true });
  } catch (error) {
    return [syntaxError(error)];
  }
  checkTree(program, report, options);
  const manager = analyze(/** @type {any} */ (program), { ecmaVersion: 2022, sourceType: "script" });
  const globals = [...(options.globals ?? []), ...(options.kind == "module" ? MODULE_GLOBALS : [])];
  checkScopes(manager, report, globals);
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** @param {any} error of acorn @returns {Finding} */
function syntaxError(error) {
  const { line, column } = error.loc ?? { line: 1, column: 0 };
  return { rule: "parse", message: String(error.message).replace(/ \(\d+:\d+\)$/, ""), line, column: column + 1 };
}

/** @param {any} tree @param {Report} report @param {Options} options */
function checkTree(tree, report, options) {
  const program = { members: new Set(), modules: new Set([...OWN_MODULES, ...(options.modules ?? [])]) };
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

/**
 * The findings as lines of text, `name:line:column message (rule)`.
 * @param {Finding[]} findings
 * @param {string} name
 */
export function format(findings, name) {
  return findings.map((one) => `${name}:${one.line}:${one.column} ${one.message} (${one.rule})`);
}
