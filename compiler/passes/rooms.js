/**
 * Takes rooms apart. The variables and functions of a function that is tagged `@once` become the program's own, its
 * parameters what it is called with; function literals that keep nothing become functions of the program.
 */

import { assignment, functionOf, identifier, isClosed, replace } from "./program.js";
import { walk } from "./tree.js";

/** @typedef {import("./program.js").Entry} Entry */
/** @typedef {import("./flat.js").Flat} Flat */

/** Calls that use a function while they last. */
const PASSING = new Set(["map", "forEach", "filter", "some", "every", "sort", "reduce"]);

/** Whether a node is handed to a call that forgets it. @param {any} node @param {any} parent */
export const isPassing = (node, parent) =>
  parent.type == "CallExpression" && parent.arguments.includes(node) && PASSING.has(parent.callee.property?.name);

export const isLiteral = (/** @type {any} */ node) =>
  node.type == "Literal" || (node.type == "UnaryExpression" && node.argument.type == "Literal");

/** The only call of a function, from a place that runs once too. @param {Flat} flat @param {any} fn */
function callOf(flat, fn) {
  const uses = flat.names.get(fn.id.name)?.uses ?? [];
  if (uses.length != 1) return undefined;
  const { node, path } = uses[0];
  const call = path.at(-1);
  return call.type == "CallExpression" && call.callee == node ? { call, path: path.slice(0, -1) } : undefined;
}

/** Takes one factory apart. @param {Flat} flat @param {boolean} called one that the program itself calls */
function hoistOne(flat, called) {
  for (const fn of flat.once) {
    const entry = flat.names.get(fn.id.name);
    if (flat.done.has(fn) || !entry || entry.owner) continue;
    const found = callOf(flat, fn);
    if (!found == called || (found && functionOf(found.path) && !flat.done.has(functionOf(found.path)))) continue;
    flat.done.add(fn);
    hoist(flat, fn, found);
    return true;
  }
  return false;
}

/** @param {Flat} flat */
export function hoistCalled(flat) {
  return hoistOne(flat, true);
}

/** What the owner calls; last, because more calls come to light on the way. @param {Flat} flat */
export function hoistOthers(flat) {
  return hoistOne(flat, false);
}

/** @param {Flat} flat @param {any} fn @param {{ call: any, path: any[] } | undefined} found */
function hoist(flat, fn, found) {
  const before = found ? takeArguments(flat, fn, found.call) : [];
  if (!found) keepParameters(flat, fn);
  takeBody(flat, fn, !!found);
  const result = found && takeResult(flat, fn);
  if (!found || (!before.length && !result)) return;
  const expressions = [...before.map((one) => one.expression), found.call];
  if (result) expressions.push(identifier(result, found.call));
  replace(found.path.at(-1), found.call, { type: "SequenceExpression", expressions, loc: found.call.loc });
}

/**
 * Parameters become what is handed in.
 * @param {Flat} flat
 * @param {any} fn
 * @param {any} call
 * @returns {any[]} assignments before the call
 */
function takeArguments(flat, fn, call) {
  /** @type {any[]} */
  const before = [];
  fn.params.forEach((/** @type {any} */ param, /** @type {number} */ i) => {
    const entry = /** @type {Entry} */ (flat.names.get(param.name));
    const value = call.arguments[i];
    const constant = !entry.writes;
    if (!value) flat.declare(param.name);
    else if (constant && value.type == "Identifier" && flat.isFixed(value.name)) flat.rename(entry, value.name);
    else if (constant && isLiteral(value))
      entry.uses.forEach((use) => replace(use.path.at(-1), use.node, { ...value }));
    else if (constant && /Function/.test(value.type) && isClosed(value, flat.names))
      flat.rename(entry, flat.lift(value, param.name));
    else {
      flat.declare(param.name);
      before.push(assignment(param.name, value));
    }
  });
  fn.params = [];
  call.arguments = [];
  return before;
}

/** Of a function that its owner calls: parameters that closures keep are copied. @param {Flat} flat @param {any} fn */
function keepParameters(flat, fn) {
  fn.params = fn.params.map((/** @type {any} */ param) => {
    const entry = /** @type {Entry} */ (flat.names.get(param.name));
    if (entry.uses.every((use) => functionOf(use.path) == fn)) return param;
    const name = flat.fresh(param.name);
    flat.declare(param.name);
    fn.body.body.unshift(assignment(param.name, identifier(name, param)));
    return identifier(name, param);
  });
}

/**
 * Whether what a statement declares is needed when the function is over.
 * @param {Flat} flat
 * @param {any} fn
 * @param {any} statement
 */
function mustStay(flat, fn, statement) {
  return statement.declarations.some((/** @type {any} */ one) => {
    const uses = flat.names.get(one.id.name)?.uses ?? [];
    const room =
      one.init?.type == "CallExpression" && [...flat.once].some((made) => made.id.name == one.init.callee.name);
    if (room || /Object|Function/.test(one.init?.type)) return true;
    return uses.some(({ path }) => functionOf(path) != fn || path.at(-1).type == "ReturnStatement");
  });
}

/**
 * @param {Flat} flat
 * @param {any} fn
 * @param {boolean} single whether it runs only once, so that first values can stand from the start
 */
function takeBody(flat, fn, single) {
  fn.body.body = fn.body.body.flatMap((/** @type {any} */ statement) => {
    if (statement.type == "FunctionDeclaration") {
      flat.program.body.push(statement);
      return [];
    }
    if (statement.type != "VariableDeclaration" || !mustStay(flat, fn, statement)) return [statement];
    return statement.declarations.flatMap((/** @type {any} */ one) => {
      const fixed = single && one.init && isLiteral(one.init);
      flat.declare(one.id.name, fixed ? one.init : undefined);
      return fixed || !one.init ? [] : [assignment(one.id.name, one.init)];
    });
  });
}

/** @param {Flat} flat @param {any} fn @returns {string | undefined} the variable that holds what the function gave */
function takeResult(flat, fn) {
  const last = fn.body.body.at(-1);
  let returns = 0;
  walk(fn.body, (node) => {
    if (/Function/.test(node.type)) return false;
    if (node.type == "ReturnStatement" && node.argument) returns++;
    return true;
  });
  if (last?.type != "ReturnStatement" || !last.argument || returns != 1) return undefined;
  fn.body.body.pop();
  if (last.argument.type == "Identifier") return last.argument.name;
  const name = flat.fresh(`${fn.id.name}$given`);
  flat.declare(name);
  fn.body.body.push(assignment(name, last.argument));
  return name;
}

/** Function literals in what runs only once, and that keep nothing. @param {Flat} flat */
export function liftLiterals(flat) {
  let changed = false;
  const visit = (/** @type {any} */ node, /** @type {any} */ parent) => {
    if (node.type == "ClassDeclaration" || (node.type == "FunctionDeclaration" && !flat.done.has(node))) return;
    if (/FunctionExpression$/.test(node.type)) {
      const plain = !node.id && !node.async && !node.generator && (parent.kind ?? "init") == "init";
      if (!plain || isPassing(node, parent) || parent.callee == node || !isClosed(node, flat.names)) return;
      const hint = parent.type == "Property" ? (parent.key.name ?? "f") : "f";
      replace(parent, node, identifier(flat.lift(node, hint), node));
      if (parent.type == "Property") parent.method = false;
      changed = true;
      return;
    }
    for (const child of Object.values(node).flat()) if (child?.type) visit(child, node);
  };
  for (const statement of [...flat.program.body]) visit(statement, flat.program);
  return changed;
}

/** `v = (a, b)` and `var v = (a, b)` as two statements. @param {Flat} flat */
export function splitSequences(flat) {
  const split = (/** @type {any} */ holder, /** @type {string} */ key) => {
    const value = holder[key];
    if (value?.type != "SequenceExpression") return [];
    const rest = value.expressions.slice(0, -1);
    holder[key] = value.expressions.at(-1);
    return rest.map((/** @type {any} */ expression) => ({
      type: "ExpressionStatement",
      expression,
      loc: expression.loc,
    }));
  };
  const blocks = [flat.program, ...[...flat.done].map((fn) => fn.body)];
  for (const block of blocks) {
    block.body = block.body.flatMap((/** @type {any} */ statement) => {
      if (statement.type == "VariableDeclaration" && statement.declarations.length == 1)
        return [...split(statement.declarations[0], "init"), statement];
      if (statement.type != "ExpressionStatement") return [statement];
      const { expression } = statement;
      if (expression.type == "AssignmentExpression") return [...split(expression, "right"), statement];
      return expression.type == "SequenceExpression" ? [...split(statement, "expression"), statement] : [statement];
    });
  }
}
