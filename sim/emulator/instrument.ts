/**
 * Rewrites a program so that Node runs it as Espruino does where the two differ in silence: nothing is hoisted, the
 * stack is short, operators and loops are Espruino's. Line numbers stay.
 */

import { parse, type AnyNode } from "acorn";
import MagicString from "magic-string";

import { rewriteExpression } from "./rewrite/operators.js";
import { rewriteScope, scopeOf } from "./rewrite/scopes.js";
import { madeNames, rewriteStatement, STACK } from "./rewrite/statements.js";
import { parentsOf, walk } from "./rewrite/tree.js";

export { STACK } from "./rewrite/statements.js";
export { OPERATORS } from "./rewrite/operators.js";

const ENTER = `if(${STACK}.n++>=${STACK}.most)${STACK}.overflow();try{`;
const LEAVE = `}finally{${STACK}.n--}`;

/** Wraps a function's body so that it counts as one call. */
function countCalls(text: MagicString, node: AnyNode): void {
  if (!("body" in node) || !/Function/.test(node.type)) return;
  const body = node.body as AnyNode;
  if (body.type === "BlockStatement") {
    text.appendLeft(body.start + 1, ENTER);
    text.prependRight(body.end - 1, LEAVE);
  } else {
    // An object as an arrow's value has parentheses that are no part of its node.
    const arrow = text.original.lastIndexOf("=>", body.start) + 2;
    text.appendLeft(arrow, `{${ENTER}return `);
    text.prependLeft(node.end, `${LEAVE}}`);
  }
}

/**
 * A program that both the gate and acorn accept, made to behave as in Espruino.
 * @param known names that programs before it have left in the global scope
 */
export function instrument(source: string, known: string[] = []): string {
  const program = parse(source, { ecmaVersion: 2022, sourceType: "script" });
  const parents = parentsOf(program);
  const made = madeNames(program);
  const text = new MagicString(source);
  const scopes = new Map<AnyNode, AnyNode[]>();
  walk(program, (node) => {
    if ("directive" in node && node.directive) text.update(node.start, node.end, '"";');
    if (/^(FunctionDeclaration|VariableDeclaration)$/.test(node.type)) {
      const scope = scopeOf(node, parents);
      scopes.set(scope, [...(scopes.get(scope) ?? []), node]);
    }
    countCalls(text, node);
    rewriteStatement(text, node, parents, made);
    rewriteExpression(text, node, parents);
  });
  for (const [scope, members] of scopes) rewriteScope(text, scope, members, parents, known);
  return text.toString();
}

/** Names that a program leaves in the global scope for those that run after it. */
export function globalNames(source: string): string[] {
  const program = parse(source, { ecmaVersion: 2022, sourceType: "script" });
  return program.body.flatMap((node) => {
    if (node.type === "VariableDeclaration") {
      return node.declarations.flatMap((one) => (one.id.type === "Identifier" ? [one.id.name] : []));
    }
    return node.type === "FunctionDeclaration" || node.type === "ClassDeclaration" ? [node.id.name] : [];
  });
}
