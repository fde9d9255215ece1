/** Writes a variable without a value for each `void 0`, which Terser makes of `undefined`. It runs behind Terser. */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { parseScript } from "../parse.js";
import { walk, type Node } from "../tree.js";
import { NAMES, reservedNames } from "./short-names.js";

const VOID = "void 0";
/** The shortest name that nothing in the program has. */
function freeName(program: Node): string | undefined {
  const taken = reservedNames();
  walk(program, ({ type, name }) => {
    if (type == "Identifier") taken.add(name);
  });
  return NAMES.find((name) => !taken.has(name));
}

/** @param code a program of Terser's; one that does not declare variables first of all stays as it is */
export function nameUndefined(code: string): MagicString {
  const program = parseScript(code);
  const text = new MagicString(code);
  const uses: Node[] = [];
  walk(program, (node) => {
    if (node.operator == "void" && node.argument.value === 0) uses.push(node);
  });
  const first = program.body.find(({ type }: Node) => type != "FunctionDeclaration") as Node | undefined;
  const name = freeName(program);
  if (first?.kind != "var" || !name) return text;
  const saved = uses.length * (VOID.length - name.length) - `${name},`.length;
  if (saved <= 0) return text;
  for (const { start, end } of uses) text.update(start, end, name);
  text.appendRight(first.declarations[0].start, `${name},`);
  return text;
}

export function shortUndefined(): Plugin {
  return {
    name: "short-undefined",
    renderChunk(code, _chunk, { format }) {
      // A variable around a function of its own would be everybody's.
      if (format == "iife") return null;
      const text = nameUndefined(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
