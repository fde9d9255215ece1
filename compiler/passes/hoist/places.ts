/** Where a function is called, and what becomes of its statements there. */

import { isFunction, usesOwn, walk, type Node } from "../../tree.js";
import { steps } from "../effects.js";
import { isConstant } from "./arguments.js";
import type { Names } from "./names.js";
import { assignment, declaration, replace } from "./nodes.js";
import { block, isEnd, onlyReturn, returns, withoutReturns, type Sink } from "./returns.js";

/** The only call of a function. */
export interface Site {
  fn: Node;
  call: Node;
  /** The nodes around the call, outermost first. */
  path: Node[];
}

/** The statement that a call is in. */
export interface Place {
  statement: Node;
  /** Puts others in place of it. */
  put(list: Node[]): void;
}

/** @param fn with a body of statements */
function isPlain(fn: Node): boolean {
  let plain = !fn.async && !fn.generator && fn.params.every(({ type }: Node) => type == "Identifier");
  walk(fn.body, ({ type }) => {
    if (type == "FunctionDeclaration" || type == "ClassDeclaration") plain = false;
  });
  return plain && !usesOwn(fn, "arguments");
}

/** A function of the program that is called once. */
export function siteOf(fn: Node, names: Names): Site | undefined {
  const { uses, writes } = names.get(fn.id.name)!;
  const call = uses[0]?.path.at(-1);
  if (uses.length != 1 || writes.length || call?.type != "CallExpression" || call.callee != uses[0]!.node)
    return undefined;
  return siteAt(fn, call, uses[0]!.path.slice(0, -1), !usesOwn(fn, "this"));
}

/** @param path the nodes around the call */
export function siteAt(fn: Node, call: Node, path: Node[], plain: boolean): Site | undefined {
  const odd = path.includes(fn) || path.some(({ type }) => /^Class|^Switch/.test(type));
  if (odd || call.arguments.some(({ type }: Node) => type == "SpreadElement")) return undefined;
  return plain && isPlain(fn) ? { fn, call, path } : undefined;
}

/** The statement that a call is in; an arrow without statements gets one. */
export function placeOf(path: Node[]): Place | undefined {
  const at = path.findLastIndex((one, i) => {
    if (one.type == "ArrowFunctionExpression") return one.body == path[i + 1] || i == path.length - 1;
    return /(Statement|VariableDeclaration)$/.test(one.type);
  });
  const [statement, parent] = [path[at]!, path[at - 1]!];
  if (statement.type == "ArrowFunctionExpression") {
    const only = { type: "ReturnStatement", argument: statement.body, loc: statement.body.loc };
    const put = (list: Node[]): void => void Object.assign(statement, { body: block(list), expression: false });
    return { statement: only, put };
  }
  const { type, body } = parent;
  if (/^(BlockStatement|Program)$/.test(type))
    return { statement, put: (list) => body.splice(body.indexOf(statement), 1, ...list) };
  const isBranch = type == "IfStatement" || (/^(For|While|DoWhile)/.test(type) && body == statement);
  return isBranch ? { statement, put: (list) => replace(parent, statement, block(list)) } : undefined;
}

/** Whether a function ends behind a statement. */
function isTail(path: Node[], statement: Node): boolean {
  for (let at = path.indexOf(statement); at > 0; at--) {
    const [one, parent] = [path[at]!, path[at - 1]!];
    if (isFunction(parent)) return true;
    if (parent.type == "BlockStatement" ? parent.body.at(-1) != one : parent.type != "IfStatement") return false;
  }
  return false;
}

const asStatement: Sink = (value) =>
  value && !/^(Identifier|Literal)$/.test(value.type)
    ? [{ type: "ExpressionStatement", expression: value, loc: value.loc }]
    : [];

/** What the statements of a function are in place of a statement that only calls it; undefined where that cannot be. */
export function bodyAt({ fn, call, path }: Site, statement: Node): Node[] | undefined {
  const body = fn.body.body as Node[];
  const { type, expression } = statement;
  if (type == "ReturnStatement" && statement.argument == call)
    return isEnd(fn.body) ? body : [...body, { type, argument: null, loc: call.loc }];
  if (expression == call) {
    const plain = withoutReturns(body, asStatement);
    return plain ?? (isTail(path, statement) && !returns(body, (value) => value) ? body : undefined);
  }
  // What has one return, at the end, has a value there.
  if (onlyReturn(body)) return undefined;
  if (expression?.operator == "=" && expression.right == call && expression.left.type == "Identifier")
    return complete(body, (value) => [assignment(expression.left.name, value!)]);
  const [one, ...more] = type == "VariableDeclaration" ? statement.declarations : [];
  if (!one || more.length || one.init != call) return undefined;
  const found = complete(body, (value) => [assignment(one.id.name, value!)]);
  return found && [{ ...declaration(one.id.name), kind: "let", loc: one.loc }, ...found];
}

/** Statements that hand a result on, whatever they come to. */
function complete(body: Node[], sink: Sink): Node[] | undefined {
  return body.some(isEnd) && !returns(body, (value) => !value) ? withoutReturns(body, sink) : undefined;
}

/** Whether a call comes before all else in a statement that may have an effect or feel one. */
export function isFirst(statement: Node, call: Node, names: Names, members: Set<string>): boolean {
  const { type, declarations } = statement;
  if (!/^(Expression|Return|Throw|If|Variable)/.test(type) || declarations?.length > 1) return false;
  const inside = new Set<Node>();
  walk(call, (node) => void inside.add(node));
  const first = steps(statement, members).find(
    ({ kind, node }) => node == call || (!inside.has(node) && (kind != "name" || !isConstant(names, node.name))),
  );
  return first?.node == call && !first.maybe && !first.kept;
}
