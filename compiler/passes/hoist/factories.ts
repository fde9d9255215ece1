/**
 * Hoists factories. The variables and functions of a function that is tagged `@once` become the program's own, its
 * parameters what it is called with.
 */

import { isFunction, walk, type Node } from "../../tree.js";
import type { FlatProgram } from "./flat-program.js";
import { functionOf, isClosed, type Entry } from "./names.js";
import { assignment, identifier, isLiteral, replace, undefinedAt } from "./nodes.js";
import { isIn } from "./order.js";

interface Call {
  call: Node;
  path: Node[];
}

/** The only call of a function, from code that runs once; or undefined. */
function callOf(flat: FlatProgram, fn: Node): Call | undefined {
  const [use, ...more] = flat.names.get(fn.id.name)?.uses ?? [];
  const call = use?.path.at(-1);
  if (!use || more.length || call?.type != "CallExpression" || call.callee != use.node) return undefined;
  const position = flat.order.get(call);
  return position && !position.loop ? { call, path: use.path.slice(0, -1) } : undefined;
}

/** Whether the owner of the module alone calls a function: `exports.start = start`. */
function isExported(flat: FlatProgram, fn: Node): boolean {
  const [use, ...more] = flat.names.get(fn.id.name)?.uses ?? [];
  const parent = use?.path.at(-1);
  if (!use || more.length || parent?.type != "AssignmentExpression" || parent.right != use.node) return false;
  return parent.left.object?.name == "exports" && isIn(flat.hoisted, use.path);
}

const waiting = (flat: FlatProgram): Node[] =>
  [...flat.once].filter((fn) => !flat.hoisted.has(fn) && !flat.names.get(fn.id.name)?.owner);

/** Hoists one factory that the program calls. @returns whether there was one */
export function hoistCalled(flat: FlatProgram): boolean {
  for (const fn of waiting(flat)) {
    const found = callOf(flat, fn);
    if (!found) continue;
    const single = flat.order.get(found.call)!.root == flat.program;
    flat.hoisted.add(fn);
    const before = takeArguments(flat, fn, found);
    takeBody(flat, fn, single);
    const result = takeResult(flat, fn);
    if (!before.length && !result) return true;
    const expressions = [...before.map((one) => one.expression), found.call];
    if (result) expressions.push(identifier(result, found.call));
    replace(found.path.at(-1)!, found.call, { type: "SequenceExpression", expressions, loc: found.call.loc });
    return true;
  }
  return false;
}

/** Hoists one function that the owner of the module calls. @returns whether there was one */
export function hoistExported(flat: FlatProgram): boolean {
  const fn = waiting(flat).find((one) => isExported(flat, one));
  if (!fn) return false;
  flat.hoisted.add(fn);
  flat.owned.add(fn);
  keepParameters(flat, fn);
  takeBody(flat, fn, false);
  return true;
}

/** Parameters become what is handed in. @returns assignments before the call */
function takeArguments(flat: FlatProgram, fn: Node, { call, path }: Call): Node[] {
  const before: Node[] = [];
  const inside = [...path, call];
  fn.params.forEach((param: Node, i: number) => {
    const entry = flat.names.get(param.name) as Entry;
    const value = call.arguments[i] as Node | undefined;
    const constant = !entry.writes.length;
    if (!value) {
      flat.declare(param.name);
      if (!constant) before.push(assignment(param.name, undefinedAt(param)));
    } else if (constant && value.type == "Identifier" && canTake(flat, entry, value, inside))
      flat.rename(entry, value.name);
    else if (constant && isLiteral(value))
      entry.uses.forEach((use) => replace(use.path.at(-1)!, use.node, { ...value, loc: use.node.loc }));
    else if (constant && /Function/.test(value.type) && !value.id && isClosed(value, flat.names))
      flat.rename(entry, flat.lift(value, param.name));
    else {
      flat.declare(param.name);
      flat.bound.add(param.name);
      before.push(assignment(param.name, value));
    }
  });
  // What is handed in beyond the parameters is computed too.
  for (const value of call.arguments.slice(fn.params.length))
    before.push({ type: "ExpressionStatement", expression: value, loc: value.loc });
  fn.params = [];
  call.arguments = [];
  return before;
}

const canTake = (flat: FlatProgram, entry: Entry, value: Node, path: Node[]): boolean =>
  flat.canReplace(entry.uses, value.name, { node: value, path });

/** Of a function that its owner calls: parameters that closures keep are copied. */
function keepParameters(flat: FlatProgram, fn: Node): void {
  fn.params = fn.params.map((param: Node) => {
    const entry = flat.names.get(param.name) as Entry;
    if (entry.uses.every((use) => functionOf(use.path) == fn)) return param;
    const name = flat.fresh(param.name);
    flat.declare(param.name);
    flat.bound.add(param.name);
    fn.body.body.unshift(assignment(param.name, identifier(name, param)));
    return identifier(name, param);
  });
}

/** Whether what a statement declares is needed when the function is over. */
function mustStay(flat: FlatProgram, fn: Node, statement: Node): boolean {
  return statement.declarations.some((one: Node) => {
    const uses = flat.names.get(one.id.name)?.uses ?? [];
    const made = one.init?.type == "CallExpression" && [...flat.once].some(({ id }) => id.name == one.init.callee.name);
    if (made || /Object|Function/.test(one.init?.type)) return true;
    return uses.some(({ path }) => functionOf(path) != fn || path.at(-1)!.type == "ReturnStatement");
  });
}

/** @param single whether it runs only once, so that first values can be there from the start */
function takeBody(flat: FlatProgram, fn: Node, single: boolean): void {
  fn.body.body = fn.body.body.flatMap((statement: Node) => {
    if (statement.type == "FunctionDeclaration") {
      flat.program.body.push(statement);
      return [];
    }
    if (statement.type != "VariableDeclaration" || !mustStay(flat, fn, statement)) return [statement];
    flat.bind(statement);
    return statement.declarations.flatMap((one: Node) => {
      const first = single && one.init && isLiteral(one.init);
      flat.declare(one.id.name, first ? one.init : undefined);
      if (first || (single && !one.init)) return [];
      return [assignment(one.id.name, one.init ?? undefinedAt(one.id))];
    });
  });
}

/** @returns the variable that holds the result, if returning it is the last thing that the function does */
function takeResult(flat: FlatProgram, fn: Node): string | undefined {
  const last = fn.body.body.at(-1);
  let returns = 0;
  walk(fn.body, (node) => {
    if (node.type == "ReturnStatement") returns++;
    return !isFunction(node);
  });
  if (last?.type != "ReturnStatement" || !last.argument || returns != 1) return undefined;
  fn.body.body.pop();
  if (last.argument.type == "Identifier" && flat.names.get(last.argument.name)?.kind != "unknown")
    return last.argument.name;
  const name = flat.fresh(`${fn.id.name}$result`);
  flat.declare(name);
  flat.bound.add(name);
  fn.body.body.push(assignment(name, last.argument));
  return name;
}
