/**
 * Writes var for let and const where that changes nothing. Espruino opens a scope for each block that declares with
 * let or const, and var is the shortest of the three words and joins with its neighbours.
 */

import { parse } from "acorn";
import { analyze } from "eslint-scope";
import MagicString from "magic-string";

import { setParents, walk } from "./tree.js";

/** @typedef {import("eslint").Scope.Scope} Scope */
/** @typedef {import("eslint").Scope.Variable} Variable */

/** Whether a scope's block runs again and again within its function. @param {Scope} scope */
function isRepeated(scope) {
  for (let at = /** @type {any} */ (scope.block); at && at != scope.variableScope.block; at = at.parent) {
    if (/^(For|While|DoWhile)/.test(at.type)) return true;
  }
  return false;
}

/** Whether a function inside keeps the variable. @param {Variable} variable */
const isCaptured = (variable) =>
  variable.references.some((one) => one.from.variableScope != variable.scope.variableScope);

/** Whether the name means something else anywhere in the function. @param {Variable} variable */
function isShared(variable) {
  const home = variable.scope.variableScope;
  /** @type {(scope: Scope) => boolean} */
  const clashes = (scope) =>
    scope.variables.some((one) => one != variable && one.name == variable.name && scope.variableScope == home) ||
    scope.references.some((one) => one.identifier.name == variable.name && reaches(one.resolved, home, variable)) ||
    scope.childScopes.some(clashes);
  return clashes(home);
}

/** Whether a reference of that name goes to a variable outside the function. */
function reaches(/** @type {Variable | null} */ target, /** @type {Scope} */ home, /** @type {Variable} */ variable) {
  if (target == variable) return false;
  if (!target) return true;
  for (let at = home.upper; at; at = at.upper) if (at == target.scope) return true;
  return false;
}

/** @param {Variable} variable @param {any} declarator */
function canBeVar(variable, declarator) {
  const scope = variable.scope;
  if (scope == scope.variableScope) return true;
  const loop = /^For(In|Of)/.test(declarator.parent.parent.type);
  if (isRepeated(scope) && (isCaptured(variable) || !(declarator.init || loop))) return false;
  return !isShared(variable);
}

/**
 * @param {string} code a program that the gate lets through
 * @returns {MagicString}
 */
export function useVar(code) {
  const program = parse(code, { ecmaVersion: 2022, sourceType: "script", ranges: true });
  walk(program, setParents);
  const manager = analyze(/** @type {any} */ (program), { ecmaVersion: 2022, sourceType: "script" });
  const text = new MagicString(code);
  walk(program, (node) => {
    if (node.type != "VariableDeclaration" || node.kind == "var") return;
    const safe = node.declarations.every((/** @type {any} */ declarator) =>
      manager.getDeclaredVariables(declarator).every((/** @type {any} */ one) => canBeVar(one, declarator)),
    );
    if (safe) text.update(node.start, node.start + node.kind.length, "var");
  });
  return text;
}

/** @returns {import("rollup").Plugin} */
export function varsOnly() {
  return {
    name: "vars-only",
    renderChunk(code) {
      const text = useVar(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
