/** Values of a flat program's variables in the form that takes the fewest JsVars. */

import type { Node } from "../../tree.js";
import { isTop, namesOf, type Use } from "./names.js";
import { replace } from "./nodes.js";

/** The number that a literal or a product of literals is. */
function numberOf(node: Node | null | undefined): number | undefined {
  if (node?.type == "Literal" && typeof node.value == "number") return node.value;
  if (node?.type != "BinaryExpression" || node.operator != "*") return undefined;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  return left === undefined || right === undefined ? undefined : left * right;
}

/**
 * Numbers have no names: a name takes JsVars. In the order of the program, so that products of numbers are numbers.
 * @param undeclare takes a declaration away
 */
export function inlineNumbers(program: Node, undeclare: (name: string) => void): void {
  for (const entry of namesOf(program).values()) {
    const declarator = entry.node?.type == "VariableDeclarator" ? entry.node : undefined;
    const alone = isTop(entry) && entry.writes.length == 1 && entry.path.at(-2)?.declarations?.length == 1;
    const value = alone && entry.path.at(-2)!.kind == "const" ? numberOf(declarator?.init) : undefined;
    if (value === undefined) continue;
    const literal = { type: "Literal", value, raw: String(value) };
    for (const { node, path } of entry.uses) replace(path.at(-1)!, node, { ...literal, loc: node.loc });
    undeclare(entry.name);
  }
}

/** What a chain of assignments assigns. */
const lastOf = (node: Node): Node => (node.type == "AssignmentExpression" ? lastOf(node.right) : node);

/** All that a chain of assignments assigns to. @param path of one of its targets */
function chainOf(path: Node[]): Node[] {
  const targets: Node[] = [];
  const outermost = path[path.findLastIndex((one) => one.type != "AssignmentExpression") + 1]!;
  for (let at = outermost; at.type == "AssignmentExpression"; at = at.right) targets.push(at.left);
  return targets;
}

const isBoolean = (node: Node): boolean =>
  typeof node.value == "boolean" || (node.type == "UnaryExpression" && node.operator == "!");

const bit = (truth: boolean, loc: Node["loc"]): Node => ({
  type: "Literal",
  value: Number(truth),
  raw: String(Number(truth)),
  loc,
});

/** @param node a literal, or a negation */
const bitOf = (node: Node): Node =>
  node.type == "Literal"
    ? bit(node.value, node.loc)
    : {
        type: "ConditionalExpression",
        test: node.argument,
        consequent: bit(false, node.loc),
        alternate: bit(true, node.loc),
      };

/** Whether only a chain's other variables take the value of an assignment. */
const isDropped = (path: Node[]): boolean =>
  path.findLast((one) => one.type != "AssignmentExpression")?.type == "ExpressionStatement";

/** Whether only the truth of a name counts where it is used. */
function isTested({ node, path }: Use): boolean {
  const logical = path.findLastIndex((one) => one.type != "LogicalExpression" || one.operator == "??");
  const [parent, child] = [path[logical]!, path[logical + 1] ?? node];
  if (parent.type == "UnaryExpression") return parent.operator == "!";
  return parent.test == child && /^(If|While|DoWhile|For|Conditional)/.test(parent.type);
}

const isWritten = ({ node, path }: Use): boolean =>
  path.at(-1)!.type == "AssignmentExpression" && path.at(-1)!.left == node;

/** Variables that hold booleans only, of which only the truth counts, by name. */
function truths(program: Node): Map<string, { values: Node[]; partners: Node[] }> {
  const found = new Map<string, { values: Node[]; partners: Node[] }>();
  for (const entry of namesOf(program).values()) {
    if (!isTop(entry) || entry.kind != "variable") continue;
    const written = entry.uses.filter(isWritten);
    const values = [entry.node!.init, ...written.map(({ path }) => lastOf(path.at(-1)!))].filter(Boolean);
    const fit =
      entry.uses.every((use) => isWritten(use) || isTested(use)) &&
      written.every(({ path }) => path.at(-1)!.operator == "=" && isDropped(path));
    if (!fit || !values.length || !values.every(isBoolean)) continue;
    found.set(entry.name, { values, partners: written.flatMap(({ path }) => chainOf(path)) });
  }
  return found;
}

/** Functions of the program are there: what tests them is true. */
export function dropTests(program: Node): void {
  for (const { kind, owner, block, writes, uses } of namesOf(program).values()) {
    if (kind != "function" || owner || block || writes.length) continue;
    for (const use of uses)
      if (isTested(use))
        replace(use.path.at(-1)!, use.node, { type: "Literal", value: true, raw: "true", loc: use.node.loc });
  }
}

/** A boolean takes a JsVar, and a small number none: variables of which only the truth counts hold 1 and 0. */
export function useBits(program: Node): void {
  const found = truths(program);
  // One value that is assigned to several variables has to suit all of them.
  const misfit = (): string | undefined =>
    [...found].find(([, { partners }]) => partners.some((one) => !found.has(one.name)))?.[0];
  for (let one = misfit(); one; one = misfit()) found.delete(one);
  for (const value of new Set([...found.values()].flatMap(({ values }) => values))) Object.assign(value, bitOf(value));
}
