/** Writes functions as arrows where that changes nothing: they are shorter, and Espruino hoists neither. */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { parseScript, scopesOf, type Variable } from "../parse.js";
import { setParents, usesOwn, walk, type Node } from "../tree.js";

/** Whether something is made with the function, or it is a name for more than itself. */
const isMore = (variable: Variable): boolean =>
  variable.defs.length > 1 ||
  variable.references.some(
    ({ identifier }) =>
      identifier.parent.type == "NewExpression" ||
      identifier.parent.operator == "instanceof" ||
      identifier.parent.superClass == identifier ||
      (identifier.parent.type == "MemberExpression" && identifier.parent.object == identifier),
  );

const canBeArrow = (node: Node): boolean =>
  node.type == "FunctionDeclaration" &&
  !node.async &&
  !node.generator &&
  !usesOwn(node, "this") &&
  !usesOwn(node, "arguments");

/** @param code a program that the gate lets through */
export function useArrows(code: string): MagicString {
  const program = parseScript(code);
  walk(program, setParents);
  const scopes = scopesOf(program);
  const text = new MagicString(code);
  walk(program, (node) => {
    if (!canBeArrow(node)) return;
    if (scopes.getDeclaredVariables(node).some((one) => one.defs[0]?.type == "FunctionName" && isMore(one))) return;
    text.update(node.start, node.id.start, "var ");
    text.appendLeft(node.id.end, " = ");
    text.appendLeft(node.body.start, "=> ");
    text.appendLeft(node.end, ";");
  });
  return text;
}

export function arrows(): Plugin {
  return {
    name: "arrows",
    renderChunk(code) {
      const text = useArrows(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
