/**
 * Makes a program of which every call, allocation and assignment can be the last thing that it does: each asks
 * `point` first, a function of the device, with the number of its place. In the device's own language, so that every engine runs it.
 */

import { parse, type AnyNode } from "acorn";
import MagicString from "magic-string";

/** What is a point of its own: what takes stack or memory, and what changes a variable. */
const POINTS =
  /^(Call|New|Assignment|Update|Object|Array|ArrowFunction|Function|Template)Expression$|^TemplateLiteral$/;

/**
 * What is evaluated first. The Storage file "points" says what is done: a number is counted down, and at 0 the stack is
 * exhausted, which passes over catch and finally in every engine, as a full memory does; "all" gathers the places in
 * `points`, and in `changes` how many there were at each change of the flash.
 */
export const HARNESS = `var wanted = require("Storage").read("points"), pointsLeft = +wanted || -1;
var points = wanted == "all" && [], changes = [];
function exhaust() { exhaust(); exhaust(); }
function point(at) {
  if (points) points.push(at);
  else if (pointsLeft > 0 && !--pointsLeft) exhaust();
}
["write", "erasePage"].forEach(function (name) {
  var Flash = require("Flash"), native = Flash[name];
  Flash[name] = function (a, b) {
    if (points) changes.push(points.length);
    return native.call(Flash, a, b);
  };
});
`;

function isPoint(node: AnyNode, parent: AnyNode | undefined): boolean {
  // A comma within brackets is not Espruino's.
  if (parent?.type === "MemberExpression" && parent.property === node) return false;
  if (node.type === "BinaryExpression") return node.operator === "+";
  if (!POINTS.test(node.type)) return false;
  // A method has no place of its own.
  if (parent?.type === "Property") return !parent.method && parent.value === node;
  return parent?.type !== "MethodDefinition";
}

/**
 * @param places takes the place of each point in the source, behind those of other programs: its offset and its text
 * @returns the program
 */
export function withPoints(source: string, places: string[]): string {
  const text = new MagicString(source);
  const visit = (node: AnyNode, parent: AnyNode | undefined): void => {
    if (isPoint(node, parent)) {
      text.appendLeft(node.start, `(point(${places.length}),`);
      text.prependRight(node.end, ")");
      places.push(`${node.start} ${source.slice(node.start, Math.min(node.end, node.start + 60))}`);
    }
    for (const value of Object.values(node) as unknown[]) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one && typeof (one as AnyNode).type === "string") visit(one as AnyNode, node);
      }
    }
  };
  visit(parse(source, { ecmaVersion: 2022, sourceType: "script" }), undefined);
  return text.toString();
}
