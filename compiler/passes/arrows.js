/** Writes functions as arrows where that changes nothing: they are shorter, and Espruino hoists neither. */

import { parse } from "acorn";
import { analyze } from "eslint-scope";
import MagicString from "magic-string";

import { setParents, walk } from "./tree.js";

/** Whether a function has a use for a `this` or for arguments of its own. @param {any} fn */
function needsItself(fn) {
  let needs = false;
  walk(fn.body, (node) => {
    if (node.type == "ThisExpression" || (node.type == "Identifier" && node.name == "arguments")) needs = true;
    return !/^Function/.test(node.type);
  });
  return needs;
}

/** Whether something is made with the function, or it is a name for more than itself. @param {any} variable */
const isMore = (variable) =>
  variable.defs.length > 1 ||
  variable.references.some(
    (/** @type {any} */ { identifier }) =>
      identifier.parent.type == "NewExpression" ||
      (identifier.parent.type == "MemberExpression" && identifier.parent.object == identifier),
  );

/**
 * @param {string} code a program that the gate lets through
 * @returns {MagicString}
 */
export function useArrows(code) {
  const program = parse(code, { ecmaVersion: 2022, sourceType: "script", ranges: true });
  walk(program, setParents);
  const manager = analyze(/** @type {any} */ (program), { ecmaVersion: 2022, sourceType: "script" });
  const text = new MagicString(code);
  walk(program, (node) => {
    if (node.type != "FunctionDeclaration" || node.async || node.generator || needsItself(node)) return;
    if (manager.getDeclaredVariables(node).some((one) => one.defs[0]?.type == "FunctionName" && isMore(one))) return;
    text.update(node.start, node.id.start, "var ");
    text.appendLeft(node.id.end, " = ");
    text.appendLeft(node.body.start, "=> ");
    text.appendLeft(node.end, ";");
  });
  return text;
}

/** @returns {import("rollup").Plugin} */
export function arrows() {
  return {
    name: "arrows",
    renderChunk(code) {
      const text = useArrows(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
