/**
 * Declares first what is used most: Espruino looks for a global through all of them, in the order of their making. It runs
 * behind Terser, and moves only what no code can see: the functions and literals that the program begins with.
 */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { parseScript, scopesOf } from "../parse.js";
import type { Node } from "../tree.js";

const LITERAL = /^(Literal|ArrowFunctionExpression|FunctionExpression)$/;

/**
 * Classes that Espruino looks for among the globals at each `.length` and each method of a text or an array, and makes
 * there when they are not found: naming them is enough.
 */
export const CLASSES = "String,Array,Object;";

/** Whether a variable's first value is the same whenever it is made. */
const isFixed = ({ init }: Node): boolean =>
  !init ||
  LITERAL.test(init.type) ||
  (init.type == "UnaryExpression" && init.operator != "delete" && LITERAL.test(init.argument.type));

/** @param code a program of Terser's; one that does not declare variables first of all stays as it is */
export function sortByUse(code: string): MagicString {
  const program = parseScript(code);
  const text = new MagicString(code);
  const first = program.body.find(({ type }: Node) => type != "FunctionDeclaration") as Node | undefined;
  const all: Node[] = first?.kind == "var" ? first.declarations : [];
  const count = all.findIndex((one) => !isFixed(one));
  const fixed = all.slice(0, count < 0 ? -1 : count);
  const next = all[fixed.length]?.start as number;
  const uses = new Map(scopesOf(program).scopes[0]!.variables.map((one) => [one.name, one.references.length]));
  const weight = ({ id }: Node): number => uses.get(id.name as string)!;
  fixed.forEach(({ end }, index) => text.remove(end, all[index + 1]!.start).appendLeft(end, ","));
  for (const { start, end } of fixed.toSorted((a, b) => weight(b) - weight(a))) text.move(start, end, next);
  return text;
}

export function hotFirst(): Plugin {
  return {
    name: "hot-first",
    renderChunk(code, _chunk, { format }) {
      if (format == "iife") return null;
      const text = sortByUse(code);
      // What a module declares is found in its function first.
      if (format == "es") text.prepend(CLASSES);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
