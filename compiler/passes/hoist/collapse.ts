/** Takes away what a flat program has no need of: second names, parameters that are always the same, objects. */

import { usesOwn, type Node } from "../../tree.js";
import { effects } from "../effects.js";
import type { FlatProgram } from "./flat-program.js";
import { isTop, type Entry, type Use } from "./names.js";
import { assignment, identifier, isLiteral, replace } from "./nodes.js";
import { isStrict } from "./order.js";

/** All uses of a variable but the statement that writes it. */
const reads = (entry: Entry, statement: Node): Use[] =>
  entry.uses.filter((use) => use.node != statement.expression?.left);

/** Whether a variable is read only where the statement has run, or where a read without it would throw. */
function isNeverEarly(flat: FlatProgram, name: string, statement: Node, uses: Use[]): boolean {
  if (flat.bound.has(name)) return true;
  const write = statement.expression ?? statement.declarations[0];
  const sure = !!flat.order.get(write)?.sure;
  return uses.every((use) => isStrict(use) || (sure && flat.order.isAfter(write, use)));
}

/** A second name for the same thing goes. */
export function dropAlias(flat: FlatProgram): boolean {
  for (const { block, statement, path } of flat.statements()) {
    const given = flat.given(statement);
    const entry = given && flat.names.get(given.name);
    if (given?.value.type != "Identifier" || !entry || !isTop(entry) || entry.writes.length != 1) continue;
    const uses = reads(entry, statement);
    if (given.value.name == given.name || !isNeverEarly(flat, given.name, statement, uses)) continue;
    if (!flat.canReplace(uses, given.value.name, { node: given.value, path })) continue;
    for (const use of uses) use.node.name = given.value.name;
    block.body.splice(block.body.indexOf(statement), 1);
    flat.undeclare(given.name);
    return true;
  }
  return false;
}

/** The calls of a function that is only called, with what they stand in. */
function callsOf(flat: FlatProgram, fn: Node): { call: Node; path: Node[] }[] | undefined {
  const uses = flat.names.get(fn.id.name)?.uses ?? [];
  const calls = uses.map(({ node, path }) => ({ call: path.at(-1)!, path, node }));
  const plain = calls.every(({ call, node }) => call.type == "CallExpression" && call.callee == node);
  return calls.length && plain && !usesOwn(fn, "arguments") ? calls : undefined;
}

/**
 * Whether a variable in the place of a call would be read later, or where the gate refuses it: Espruino reads the object of
 * `a[i]` after `i`, and appends in place to the left side of `a + f()`.
 */
function isReadLate(named: Entry, { call, path }: { call: Node; path: Node[] }): boolean {
  const outer = path.at(-2)!;
  const appended = named.writes.some((use) => use.path.at(-1)!.operator == "+=");
  const left = appended && outer.left == call && outer.right;
  const other = outer.type == "MemberExpression" ? outer.computed && outer.property : left;
  const { calls, assigns } = other ? effects(other, new Set()) : { calls: false, assigns: false };
  return calls || assigns;
}

/** A function that only names a variable is named by it wherever it is called, but where that would be read later. */
export function dropGetter(flat: FlatProgram): boolean {
  for (const fn of flat.program.body as Node[]) {
    const calls = fn.type == "FunctionDeclaration" && !fn.params.length && callsOf(flat, fn);
    const [only, ...more] = (calls && fn.body.body) || [];
    const named = only?.type == "ReturnStatement" && !more.length && flat.names.get(only.argument?.name);
    if (!calls || !named || !isTop(named)) continue;
    if (calls.some((one) => one.call.arguments.length || isReadLate(named, one))) continue;
    for (const { call, path } of calls) replace(path.at(-2)!, call, identifier(named.name, call));
    flat.program.body.splice(flat.program.body.indexOf(fn), 1);
    return true;
  }
  return false;
}

/** A parameter that is always the same thing goes. */
export function dropParameter(flat: FlatProgram): boolean {
  for (const fn of flat.program.body as Node[]) {
    const calls = fn.type == "FunctionDeclaration" && callsOf(flat, fn);
    if (!calls) continue;
    for (const [i, param] of (fn.params as Node[]).entries()) {
      const entry = flat.names.get(param.name);
      const values = calls.map(({ call, path }) => ({ node: call.arguments[i] as Node | undefined, path }));
      const other = values.find(({ node }) => node?.type == "Identifier" && node.name != param.name);
      const name = other?.node!.name as string | undefined;
      if (!entry || entry.writes.length || !name) continue;
      const fit = values.every(
        ({ node, path }) =>
          node?.type == "Identifier" &&
          (node.name == param.name
            ? path.includes(fn)
            : node.name == name && flat.canReplace(entry.uses, name, { node, path })),
      );
      if (!fit) continue;
      flat.rename(entry, name);
      fn.params.splice(i, 1);
      for (const { call } of calls) call.arguments.splice(i, 1);
      return true;
    }
  }
  return false;
}

/** The values of an object by their keys, where each has a plain name of its own and is no function literal. */
function plainKeys(object: Node): Map<string, Node> | undefined {
  const keys = new Map<string, Node>();
  for (const one of object.properties as Node[]) {
    const plain = one.type == "Property" && one.kind == "init" && !one.computed && one.key.type == "Identifier";
    if (!plain || /Function/.test(one.value.type) || one.key.name == "__proto__" || keys.has(one.key.name))
      return undefined;
    keys.set(one.key.name, one.value);
  }
  return keys;
}

/** Whether the use of an object is nothing but `object.key`, read, written or called. */
function isPlainMember(flat: FlatProgram, { node, path }: Use, keys: Map<string, Node>, written: Set<string>): boolean {
  const [outer, member] = [path.at(-2)!, path.at(-1)!];
  if (member.type != "MemberExpression" || member.computed || member.object != node) return false;
  const value = keys.get(member.property.name);
  if (!value || outer.operator == "delete" || /^For(In|Of)/.test(outer.type)) return false;
  if (outer.callee != member || outer.type != "CallExpression") return true;
  return written.has(member.property.name) ? !flat.hasThis : !usesThis(flat, value);
}

/** Whether a value may be a function that reads its `this`: what is not known to be none may. */
function usesThis(flat: FlatProgram, value: Node): boolean {
  const entry = value.type == "Identifier" ? flat.names.get(value.name) : undefined;
  if (entry?.kind == "function" && !entry.writes.length) return usesOwn(entry.node!, "this");
  return flat.hasThis;
}

/** The members of an object that its uses write. */
const writtenMembers = (uses: Use[]): Set<string> =>
  new Set(
    uses
      .filter((use) => /Assignment|Update/.test(use.path.at(-2)!.type) && use.path.at(-2)!.right != use.path.at(-1))
      .map((use) => use.path.at(-1)!.property?.name),
  );

/** An object of which only members are used becomes its members. */
export function dropObject(flat: FlatProgram): boolean {
  for (const { block, statement, path } of flat.statements()) {
    const given = flat.given(statement);
    const entry = given && flat.names.get(given.name);
    if (given?.value.type != "ObjectExpression" || !entry || !isTop(entry) || entry.writes.length != 1) continue;
    const keys = plainKeys(given.value);
    const uses = reads(entry, statement);
    const written = writtenMembers(uses);
    if (!keys || !uses.every((use) => isPlainMember(flat, use, keys, written))) continue;
    if (!flat.bound.has(given.name) && !uses.every(isStrict)) continue;
    const { names, statements } = split(flat, given.name, written, keys, block, path);
    for (const use of uses) {
      const member = use.path.at(-1)!;
      replace(use.path.at(-2)!, member, identifier(names.get(member.property.name)!, member));
    }
    block.body.splice(block.body.indexOf(statement), 1, ...statements);
    flat.undeclare(given.name);
    return true;
  }
  return false;
}

/** A variable for each member, unless it has one already. @returns their names by key, and the statements that set them */
function split(
  flat: FlatProgram,
  object: string,
  written: Set<string>,
  keys: Map<string, Node>,
  block: Node,
  path: Node[],
): { names: Map<string, string>; statements: Node[] } {
  const statements: Node[] = [];
  const names = new Map<string, string>();
  for (const [key, value] of keys) {
    const same = value.type == "Identifier" && !written.has(key) && flat.isSettled(value.name, { node: value, path });
    names.set(key, same ? value.name : flat.fresh(`${object}$${key}`));
    if (same) continue;
    const first = block == flat.program && isLiteral(value);
    flat.declare(names.get(key)!, first ? value : undefined);
    flat.bound.add(names.get(key)!);
    if (!first) statements.push(assignment(names.get(key)!, value));
  }
  return { names, statements };
}
