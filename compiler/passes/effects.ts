/** What an expression does besides giving a value, and in which order the parts of a program are evaluated. */

import { childrenOf, isFunction, walk, type Node } from "../tree.js";

/** Methods of strings, arrays and Math that call nothing and change nothing. */
const PURE = new Set(
  `abs ceil charAt charCodeAt floor fromCharCode indexOf lastIndexOf max min repeat round slice split substr substring
  toLowerCase toUpperCase trim`.split(/\s+/),
);

/** @param members that the program defines itself */
export const isPureCall = (call: Node, members: Set<string>): boolean =>
  call.type == "CallExpression" &&
  call.callee.type == "MemberExpression" &&
  !call.callee.computed &&
  PURE.has(call.callee.property.name) &&
  !members.has(call.callee.property.name);

/** @param members that the program defines itself */
export function effects(node: Node, members: Set<string>): { calls: boolean; assigns: boolean } {
  const found = { calls: false, assigns: false };
  walk(node, (one) => {
    if (/^(Assignment|Update)Expression$/.test(one.type)) found.assigns = true;
    if (/^(Call|New)Expression$/.test(one.type) && !isPureCall(one, members)) found.calls = true;
    return !isFunction(one);
  });
  return found;
}

/** A step of the evaluation: a name is read, something else that may change is, or something may be changed. */
export interface Step {
  kind: "name" | "read" | "act";
  node: Node;
  /** Whether it may not come to it, or more than once. */
  maybe: boolean;
  /** Whether it is in a function that is made here, and runs who knows when. */
  kept: boolean;
}

type Around = Pick<Step, "maybe" | "kept">;

/** Members that are always evaluated, of nodes whose others may not be. */
const SURE: Record<string, string> = {
  IfStatement: "test",
  ConditionalExpression: "test",
  LogicalExpression: "left",
  SwitchStatement: "discriminant",
};

/** The steps of a tree in the order in which they are taken. */
export function steps(root: Node, members: Set<string>): Step[] {
  const found: Step[] = [];
  const visitAll = (node: Node, around: Around): void => childrenOf(node).forEach((one) => visit(one, around));
  const add = (kind: Step["kind"], node: Node, around: Around): void => void found.push({ kind, node, ...around });

  function visit(node: Node, around: Around): void {
    const first = SURE[node.type];
    if (node.type == "Identifier") return add("name", node, around);
    if (node.type == "MemberExpression") {
      visit(node.object, around);
      if (node.computed) visit(node.property, around);
      return add("read", node, around);
    }
    if (node.type == "Property") return node.computed ? visitAll(node, around) : visit(node.value, around);
    if (node.type == "VariableDeclarator") return node.init ? visit(node.init, around) : undefined;
    if (isFunction(node)) return visit(node.body, { maybe: true, kept: true });
    const loop = /^(For|While|DoWhile)/.test(node.type);
    // What comes last in a loop comes before what is first in its next turn.
    if (loop) add("act", node, around);
    for (const child of childrenOf(node)) {
      const sure = !loop && node.type != "TryStatement" && (!first || child == node[first]);
      visit(child, { ...around, maybe: around.maybe || !sure });
    }
    const acts = /^(Assignment|Update|New|Call|TaggedTemplate)/.test(node.type) && !isPureCall(node, members);
    if (acts || node.operator == "delete") add("act", node, around);
  }

  visit(root, { maybe: false, kept: false });
  return found;
}
