/** Rewrites declarations: Espruino hoists nothing, so a function or `var` does not exist before its statement has run. */

import type { AnyNode } from "acorn";
import type MagicString from "magic-string";

import { children, type Parents } from "./tree.js";

/** Names that a function or program declares more than once; those stay as they are. */
function declaredTwice(names: string[]): Set<string> {
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

/** Names that one function declares, with parameters, without those of inner functions and of blocks. */
function declaredNames(scope: AnyNode): string[] {
  const names: string[] = [];
  const body = "params" in scope ? scope.body : scope;
  const visit = (node: AnyNode, parent: AnyNode): void => {
    if (node.type === "FunctionDeclaration" && node !== scope) names.push(node.id!.name);
    if (node.type === "VariableDeclaration" && (node.kind === "var" || parent === body)) {
      for (const { id } of node.declarations) if (id.type === "Identifier") names.push(id.name);
    }
    if (/Function/.test(node.type) && node !== scope) return;
    for (const child of children(node)) visit(child, node);
  };
  if ("params" in scope) for (const one of scope.params) if (one.type === "Identifier") names.push(one.name);
  visit(scope, scope);
  return names;
}

/** `function f(){}` becomes a variable that has its value from there on. */
function bindFunction(text: MagicString, node: AnyNode, twice: Set<string>): void {
  if (node.type !== "FunctionDeclaration") return;
  const name = node.id!.name;
  text.appendRight(node.start, `${twice.has(name) ? "" : "let "}${name}=`);
  // Without its name: a function's own name inside itself could not be assigned.
  text.remove(node.id!.start, node.id!.end);
  text.appendLeft(node.end, ";");
}

/** A `var` does not exist before its statement ran: a `let` where that is the same, else a member of the global object. */
function bindVariable(text: MagicString, node: AnyNode, parent: AnyNode, global: boolean, twice: Set<string>): void {
  if (node.type !== "VariableDeclaration" || node.kind !== "var") return;
  const names = node.declarations.map((one) => (one.id.type === "Identifier" ? one.id.name : ""));
  const once = !names.some((name) => twice.has(name));
  if (once && /^(BlockStatement|Program)$/.test(parent.type)) {
    text.update(node.start, node.start + 3, "let");
  } else if (global && !/^For/.test(parent.type)) {
    text.update(node.start, node.start + 3, "");
    node.declarations.forEach((one, at) => {
      if (!one.init) text.appendLeft(one.end, `=globalThis.${names[at]}`);
    });
  }
}

/** The function that a node belongs to, or the program. */
export function scopeOf(node: AnyNode, parents: Parents): AnyNode {
  let scope = parents.get(node)!;
  while (!/Function|^Program/.test(scope.type)) scope = parents.get(scope)!;
  return scope;
}

export function rewriteScope(
  text: MagicString,
  scope: AnyNode,
  members: AnyNode[],
  parents: Parents,
  known: string[],
): void {
  const global = scope.type === "Program";
  const twice = declaredTwice([...(global ? known : []), ...declaredNames(scope)]);
  for (const node of members) {
    const parent = parents.get(node)!;
    bindFunction(text, node, twice);
    // In a block inside a function it lives longer than the block.
    if (parent === scope || parents.get(parent) === scope) bindVariable(text, node, parent, global, twice);
  }
}
