/** Checks of the order in which Espruino reads and writes a variable or a member around a call. */

import type { Scopes } from "../parse.js";
import { walk, type Node } from "../tree.js";
import { nameOf, Reach } from "./reach.js";
import type { Report } from "./types.js";

/** A variable, all members of one name, or all elements of what has one name: a text does not tell more apart. */
interface Named {
  name: string;
  uses: Node[];
  writes: Node[];
  /** What a variable belongs to. */
  home?: Node;
}

const isWritten = (node: Node): boolean =>
  node.parent?.type == "UpdateExpression" || (node.parent?.type == "AssignmentExpression" && node.parent.left == node);

const named = (name: string, uses: Node[], home?: Node): Named => ({
  name,
  uses,
  writes: uses.filter(isWritten),
  home,
});

/** All that a program names and writes to. */
function allNamed(program: Node, manager: Scopes): Named[] {
  const members = new Map<string, Node[]>();
  walk(program, (node) => {
    if (node.type != "MemberExpression") return;
    const name = node.computed ? `${nameOf(node.object)}[]` : nameOf(node)!;
    members.set(name, [...(members.get(name) ?? []), node]);
  });
  const variables = manager.scopes
    .flatMap((scope) => scope.variables)
    .map(({ name, references, scope }) =>
      named(
        name,
        references.map(({ identifier }) => identifier),
        scope.variableScope.block,
      ),
    );
  return [...variables, ...[...members].map(([name, uses]) => named(name, uses))].filter((one) => one.writes.length);
}

/** `a += g()` reads `a` after the call: wrong where `g` writes it. */
function checkCompound({ name, writes, home }: Named, report: Report, reach: Reach): void {
  for (const target of writes) {
    const node = target.parent;
    if (node.type != "AssignmentExpression" || node.operator == "=" || !reach.does(node.right, writes, home)) continue;
    report("compound-assignment", node, `Espruino reads ${name} after the call: call first, then add`);
  }
}

/** `s + f()` where `f` appends to `s` with `+=`: Espruino appends in place, to the text that was read already. */
function checkAppend({ name, uses, writes, home }: Named, report: Report, reach: Reach): void {
  const appends = writes.filter(({ parent }) => parent.operator == "+=");
  if (!appends.length) return;
  const values = uses.flatMap((one) => reach.valuesOf(one));
  for (const value of new Set(values)) {
    const node = value.parent;
    if (node?.type != "BinaryExpression" || node.left != value || !reach.does(node.right, appends, home)) continue;
    const message = `Espruino appends to ${name} in place, where it was read already: call first, then add`;
    report("append-in-place", node, message);
  }
}

/** `a[g()]` reads `a` after the call: wrong where `g` writes it. */
function checkIndex({ name, uses, writes, home }: Named, report: Report, reach: Reach): void {
  for (const use of uses) {
    const node = use.parent;
    if (node?.type != "MemberExpression" || !node.computed || node.object != use) continue;
    if (!reach.does(node.property, writes, home)) continue;
    report("late-object", node, `Espruino reads ${name} after what is in the brackets: compute that first`);
  }
}

/** @param manager of a program with its parents */
export function checkOrder(manager: Scopes, report: Report): void {
  const program = manager.scopes[0]?.block;
  if (!program) return;
  const reach = new Reach(program);
  for (const one of allNamed(program, manager)) {
    checkCompound(one, report, reach);
    checkAppend(one, report, reach);
    checkIndex(one, report, reach);
  }
}
