/** Checks of the order in which Espruino reads and writes a variable around a call. */

import type { Reference, Scope, Scopes, Variable } from "../parse.js";
import { isFunction, walk, type Node } from "../tree.js";
import type { Report } from "./types.js";

/** The functions that a program names, and which functions each of them calls by name. */
type Calls = Map<string, Set<string>>;

/** The name that the function around a scope is called by. */
function nameOfFunction(from: Scope): string | undefined {
  const node = from.variableScope.block;
  return node.id?.name ?? node.parent?.id?.name ?? node.parent?.left?.name;
}

/** Names of the functions that an expression calls, those in functions of its own not among them. */
function callees(node: Node): string[] {
  const names: string[] = [];
  walk(node, (one) => {
    if (one.type == "CallExpression" && one.callee.name) names.push(one.callee.name);
    return !isFunction(one);
  });
  return names;
}

function callsOf(manager: Scopes): Calls {
  const calls: Calls = new Map();
  for (const scope of manager.scopes) {
    const name = scope.type == "function" && nameOfFunction(scope);
    if (!name || !scope.block.body) continue;
    const known = calls.get(name) ?? new Set();
    for (const callee of callees(scope.block.body)) known.add(callee);
    calls.set(name, known);
  }
  return calls;
}

/** Whether one of the functions calls another, or is it. */
function reaches(from: string[], targets: Set<string>, calls: Calls): boolean {
  const seen = new Set(from);
  for (const name of seen) {
    if (targets.has(name)) return true;
    for (const callee of calls.get(name) ?? []) seen.add(callee);
  }
  return false;
}

const isAppend = ({ identifier }: Reference): boolean =>
  identifier.parent?.type == "AssignmentExpression" &&
  identifier.parent.operator == "+=" &&
  identifier.parent.left == identifier;

const writersOf = (references: Reference[]): Set<string> =>
  new Set(references.map((one) => nameOfFunction(one.from)).filter((name) => name !== undefined));

/** Whether an expression does what one of the references does: in its own text, or in a function that it calls. */
function does(node: Node, references: Reference[], calls: Calls): boolean {
  const [start, end] = node.range;
  const within = references.some(({ identifier }) => identifier.range[0] >= start && identifier.range[1] <= end);
  return within || reaches(callees(node), writersOf(references), calls);
}

/** `a += g()` reads `a` after the call: wrong where `g` writes it. */
function checkCompound(variable: Variable, report: Report, calls: Calls): void {
  const writes = variable.references.filter((one) => one.isWrite() && !one.init);
  for (const { identifier } of writes) {
    const node = identifier.parent;
    if (node?.type != "AssignmentExpression" || node.operator == "=" || node.left != identifier) continue;
    if (!does(node.right, writes, calls)) continue;
    report("compound-assignment", node, `Espruino reads ${variable.name} after the call: call first, then add`);
  }
}

/** `s + f()` where `f` appends to `s` with `+=`: Espruino appends in place, to the text that was read already. */
function checkAppend(variable: Variable, report: Report, calls: Calls): void {
  const appends = variable.references.filter(isAppend);
  if (!appends.length) return;
  for (const { identifier } of variable.references) {
    const node = identifier.parent;
    if (node?.type != "BinaryExpression" || node.left != identifier) continue;
    if (!does(node.right, appends, calls)) continue;
    const message = `Espruino appends to ${variable.name} in place, where it was read already: call first, then add`;
    report("append-in-place", node, message);
  }
}

/** `a[g()]` reads `a` after the call: wrong where `g` writes it. */
function checkIndex(variable: Variable, report: Report, calls: Calls): void {
  const writes = variable.references.filter((one) => one.isWrite() && !one.init);
  for (const { identifier } of variable.references) {
    const node = identifier.parent;
    if (node?.type != "MemberExpression" || !node.computed || node.object != identifier) continue;
    if (!does(node.property, writes, calls)) continue;
    report("late-object", node, `Espruino reads ${variable.name} after what is in the brackets: compute that first`);
  }
}

export function checkOrder(manager: Scopes, report: Report): void {
  const calls = callsOf(manager);
  for (const variable of manager.scopes.flatMap((scope) => scope.variables)) {
    checkCompound(variable, report, calls);
    checkAppend(variable, report, calls);
    checkIndex(variable, report, calls);
  }
}
