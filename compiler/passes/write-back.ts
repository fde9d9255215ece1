/**
 * Writes `n += f()` as `n = n + f()` wherever the right side may change `n`: Espruino reads `n` after `f()` has run. Terser
 * makes the short form of the long one, so this runs behind it.
 */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { collectMember } from "../gate/calls.js";
import { parseScript, scopesOf, type Reference } from "../parse.js";
import { setParents, walk, type Node } from "../tree.js";
import { effects } from "./effects.js";

/** Whether only the function that holds the reference writes the variable, and each call of it has its own. */
function isOwn(reference: Reference | undefined): boolean {
  const variable = reference?.resolved;
  const home = variable?.scope.variableScope;
  if (!reference || !variable || home?.type != "function") return false;
  return (
    reference.from.variableScope == home &&
    variable.references.every((one) => !one.isWrite() || one.from.variableScope == home)
  );
}

/** Whether the right side needs no brackets behind an operator. */
const isTight = (node: Node): boolean => /^(Call|Member|This)Expression$|^Identifier$|^Literal$/.test(node.type);

/** @param code a program; a target that cannot be written twice is left for the gate to refuse */
export function writeBack(code: string): MagicString {
  const program = parseScript(code);
  const members = new Set<string>();
  walk(program, (node) => {
    setParents(node);
    collectMember(node, members);
  });
  const references = new Map<Node, Reference>();
  for (const scope of scopesOf(program).scopes) for (const one of scope.references) references.set(one.identifier, one);
  const text = new MagicString(code);
  walk(program, (node) => {
    if (node.type != "AssignmentExpression" || node.operator == "=") return;
    const { left, right } = node;
    const { calls, assigns } = effects(right, members);
    if (!assigns && !(calls && !isOwn(references.get(left)))) return;
    const target = effects(left, members);
    if (target.calls || target.assigns) return;
    const operator = left.end + code.slice(left.end).indexOf(node.operator);
    const open = isTight(right) ? "" : "(";
    const again = `=${code.slice(left.start, left.end)}${node.operator.slice(0, -1)}${open}`;
    text.update(operator, operator + node.operator.length, again);
    if (open) text.appendLeft(node.end, ")");
  });
  return text;
}

export function compoundsLast(): Plugin {
  return {
    name: "write-back",
    renderChunk(code) {
      const text = writeBack(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
