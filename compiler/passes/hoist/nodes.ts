/** Making nodes of a tree, and putting them in others' places. A new node has the place of the one it comes from. */

import type { Node } from "../../tree.js";

export const identifier = (name: string, like?: Node): Node => ({
  type: "Identifier",
  name,
  loc: like?.loc,
  start: like?.start,
});

/** The statement `name = value`. */
export const assignment = (name: string, value: Node): Node => ({
  type: "ExpressionStatement",
  loc: value.loc,
  expression: {
    type: "AssignmentExpression",
    operator: "=",
    left: identifier(name, value),
    right: value,
    loc: value.loc,
  },
});

/** The statement `var name = value`. */
export const declaration = (name: string, value?: Node): Node => ({
  type: "VariableDeclaration",
  kind: "var",
  declarations: [{ type: "VariableDeclarator", id: identifier(name, value), init: value ?? null, loc: value?.loc }],
  loc: value?.loc,
});

export const undefinedAt = (like: Node): Node => ({
  type: "UnaryExpression",
  operator: "void",
  prefix: true,
  argument: { type: "Literal", value: 0, raw: "0", loc: like.loc },
  loc: like.loc,
});

/** Whether an expression is a literal, or one behind an operator. */
export const isLiteral = (node: Node): boolean =>
  (node.type == "Literal" && !node.regex) || (node.type == "UnaryExpression" && node.argument.type == "Literal");

/** Puts a node in another's place. */
export function replace(parent: Node, node: Node, next: Node): void {
  for (const [key, value] of Object.entries(parent)) {
    if (value == node) parent[key] = next;
    else if (Array.isArray(value) && value.includes(node)) value.splice(value.indexOf(node), 1, next);
  }
}
