/** Function literals that keep nothing become functions of the program, and sequences become statements. */

import { childrenOf, type Node } from "../../tree.js";
import type { FlatProgram } from "./flat-program.js";
import { isClosed } from "./names.js";
import { identifier, replace } from "./nodes.js";

/** Methods that use a function while they last, and forget it. */
const PASSING = new Set(["map", "forEach", "filter", "some", "every", "sort", "reduce"]);

const isPassing = (node: Node, parent: Node): boolean =>
  parent.type == "CallExpression" && parent.arguments.includes(node) && PASSING.has(parent.callee.property?.name);

function canLift(flat: FlatProgram, node: Node, parent: Node): boolean {
  const plain = !node.id && !node.async && !node.generator && (parent.kind ?? "init") == "init";
  return plain && !isPassing(node, parent) && parent.callee != node && isClosed(node, flat.names);
}

/** Lifts the literals of the code that runs once. @returns whether there was one */
export function liftLiterals(flat: FlatProgram): boolean {
  let changed = false;
  const visit = (node: Node, parent: Node): void => {
    if (/^Class|^For|^While|^DoWhile/.test(node.type)) return;
    if (node.type == "FunctionDeclaration" && !flat.hoisted.has(node)) return;
    if (!/FunctionExpression$/.test(node.type)) return childrenOf(node).forEach((child) => visit(child, node));
    if (!canLift(flat, node, parent)) return;
    const name = flat.lift(node, parent.type == "Property" ? (parent.key.name ?? "f") : "f");
    replace(parent, node, identifier(name, node));
    if (parent.type == "Property") parent.method = false;
    changed = true;
  };
  for (const statement of [...flat.program.body]) visit(statement, flat.program);
  return changed;
}

/** Takes all but the last of a sequence out of its place. */
function takeFirst(holder: Node, key: string): Node[] {
  const value = holder[key] as Node | null;
  if (value?.type != "SequenceExpression") return [];
  holder[key] = value.expressions.at(-1);
  return value.expressions
    .slice(0, -1)
    .map((expression: Node) => ({ type: "ExpressionStatement", expression, loc: expression.loc }));
}

function splitStatement(statement: Node): Node[] {
  if (statement.type == "VariableDeclaration" && statement.declarations.length == 1)
    return [...takeFirst(statement.declarations[0], "init"), statement];
  if (statement.type == "ReturnStatement") return [...takeFirst(statement, "argument"), statement];
  if (statement.type != "ExpressionStatement") return [statement];
  const { expression } = statement;
  if (expression.type == "AssignmentExpression" && expression.operator == "=" && expression.left.type == "Identifier")
    return [...takeFirst(expression, "right"), statement];
  return [...takeFirst(statement, "expression"), statement];
}

/** `v = (a, b)` and `var v = (a, b)` as two statements. */
export function splitSequences(flat: FlatProgram): void {
  for (const block of [flat.program, ...[...flat.hoisted].map((fn) => fn.body)])
    block.body = block.body.flatMap(splitStatement);
}
