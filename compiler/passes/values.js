/** Values of a flat program's variables in the form that takes the fewest JsVars. */

import { isTop, namesOf, replace, undeclare } from "./program.js";

/** The number that a literal or a product of literals is. @param {any} node @returns {number | undefined} */
function numberOf(node) {
  if (node?.type == "Literal" && typeof node.value == "number") return node.value;
  if (node?.type != "BinaryExpression" || node.operator != "*") return undefined;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  return left === undefined || right === undefined ? undefined : left * right;
}

/** Numbers have no names: a name takes JsVars. In the order of the program, so that products of numbers are numbers. @param {any} program */
export function inlineNumbers(program) {
  for (const entry of namesOf(program).values()) {
    const declarator = entry.node?.type == "VariableDeclarator" && entry.node;
    if (!isTop(entry) || entry.writes != 1 || !declarator) continue;
    const value = numberOf(declarator.init);
    if (value === undefined) continue;
    const literal = { type: "Literal", value, raw: String(value) };
    for (const { node, path } of entry.uses) replace(path.at(-1), node, { ...literal, loc: node.loc });
    undeclare(program, entry.name);
  }
}

/** What a chain of assignments assigns. @param {any} node @returns {any} */
const lastOf = (node) => (node.type == "AssignmentExpression" ? lastOf(node.right) : node);

/** All that a chain of assignments assigns to. @param {any[]} path of one of its targets */
function chainOf(path) {
  const targets = [];
  const outermost = path[path.findLastIndex((one) => one.type != "AssignmentExpression") + 1];
  for (let at = outermost; at.type == "AssignmentExpression"; at = at.right) targets.push(at.left);
  return targets;
}

const isBoolean = (/** @type {any} */ node) =>
  typeof node.value == "boolean" || (node.type == "UnaryExpression" && node.operator == "!");

const bit = (/** @type {boolean} */ truth) => ({ type: "Literal", value: Number(truth), raw: String(Number(truth)) });

/** @param {any} node a literal, or a negation */
const bitOf = (node) =>
  node.type == "Literal"
    ? bit(node.value)
    : { type: "ConditionalExpression", test: node.argument, consequent: bit(false), alternate: bit(true) };

/** Whether nobody but a chain's other variables takes what an assignment gives. @param {any[]} path */
const isDropped = (path) => path.findLast((one) => one.type != "AssignmentExpression").type == "ExpressionStatement";

/** Whether only the truth of a name counts where it stands. @param {{ node: any, path: any[] }} use */
function isTested({ node, path }) {
  const logical = path.findLastIndex((one) => one.type != "LogicalExpression");
  const [parent, child] = [path[logical], path[logical + 1] ?? node];
  if (parent.type == "UnaryExpression") return parent.operator == "!";
  return parent.test == child && /^(If|While|DoWhile|For|Conditional)/.test(parent.type);
}

/** A boolean takes a JsVar, and a small number none: variables of which only the truth counts hold 1 and 0. @param {any} program */
export function useBits(program) {
  /** @type {Map<string, { values: any[], partners: any[] }>} */
  const found = new Map();
  for (const entry of namesOf(program).values()) {
    if (!isTop(entry) || entry.kind != "variable") continue;
    const isWritten = (/** @type {any} */ { node, path }) =>
      path.at(-1).type == "AssignmentExpression" && path.at(-1).left == node;
    const written = entry.uses.filter(isWritten);
    const values = [entry.node.init, ...written.map(({ path }) => lastOf(path.at(-1)))].filter(Boolean);
    const fit =
      entry.uses.every((use) => isWritten(use) || isTested(use)) &&
      written.every(({ path }) => path.at(-1).operator == "=" && isDropped(path));
    if (!fit || !values.length || !values.every(isBoolean)) continue;
    found.set(entry.name, { values, partners: written.flatMap(({ path }) => chainOf(path)) });
  }
  // What one assignment gives to several has to suit all of them.
  const misfit = () => [...found].find(([, { partners }]) => partners.some((one) => !found.has(one.name)));
  for (let one = misfit(); one; one = misfit()) found.delete(one[0]);
  for (const value of new Set([...found.values()].flatMap(({ values }) => values))) Object.assign(value, bitOf(value));
}
