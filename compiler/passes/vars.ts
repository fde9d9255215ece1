/**
 * Writes var for let and const where that changes nothing. Espruino opens a scope for each block that declares with
 * let or const, and var is the shortest of the three words and joins with its neighbours.
 */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { parseScript, scopesOf, type Scope, type Variable } from "../parse.js";
import { setParents, walk, type Node } from "../tree.js";

/** Whether a scope's block runs again and again within its function. */
function isRepeated(scope: Scope): boolean {
  for (let at = scope.block; at && at != scope.variableScope.block; at = at.parent) {
    if (/^(For|While|DoWhile)/.test(at.type)) return true;
  }
  return false;
}

/** Whether a function inside keeps the variable. */
const isCaptured = (variable: Variable): boolean =>
  variable.references.some((one) => one.from.variableScope != variable.scope.variableScope);

/** Whether the name means something else anywhere in the function. */
function isShared(variable: Variable): boolean {
  const home = variable.scope.variableScope;
  const clashes = (scope: Scope): boolean =>
    scope.variables.some((one) => one != variable && one.name == variable.name && scope.variableScope == home) ||
    scope.references.some((one) => one.identifier.name == variable.name && reaches(one.resolved, home, variable)) ||
    scope.childScopes.some(clashes);
  return clashes(home);
}

/** Whether a reference of that name goes to a variable outside the function. */
function reaches(target: Variable | null, home: Scope, variable: Variable): boolean {
  if (target == variable) return false;
  if (!target) return true;
  for (let at = home.upper; at; at = at.upper) if (at == target.scope) return true;
  return false;
}

function canBeVar(variable: Variable): boolean {
  const { scope } = variable;
  if (scope == scope.variableScope) return true;
  const declarator = variable.defs[0]!.node;
  const loop = /^For(In|Of)/.test(declarator.parent.parent.type);
  if (isRepeated(scope) && (isCaptured(variable) || !(declarator.init || loop))) return false;
  return !isShared(variable);
}

const isLexical = ({ defs }: Variable): boolean => defs[0]?.type == "Variable" && defs[0].parent?.kind != "var";

/** @param code a program that the gate lets through */
export function useVar(code: string): MagicString {
  const program = parseScript(code);
  walk(program, setParents);
  const text = new MagicString(code);
  for (const { variables } of scopesOf(program).scopes) {
    const lexical = variables.filter(isLexical);
    // All or none of a block: a closure keeps the scope only if the block's first let or const has run before it.
    if (!lexical.every(canBeVar)) continue;
    for (const declaration of new Set(lexical.map(({ defs }) => defs[0]!.parent as Node)))
      text.update(declaration.start, declaration.start + declaration.kind.length, "var");
  }
  return text;
}

export function varsOnly(): Plugin {
  return {
    name: "vars-only",
    renderChunk(code) {
      const text = useVar(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
