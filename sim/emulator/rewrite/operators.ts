/** Rewrites operators that Espruino computes otherwise into calls of the realm's own. */

import type { AnyNode, MemberExpression } from "acorn";
import type MagicString from "magic-string";

import { literalValue } from "../language/numbers.js";
import { isConstant, isNumber, kindOf } from "./kinds.js";
import { tokenBehind, walk, type Parents } from "./tree.js";

/** Name of the realm's operators. Long enough to collide with no other. */
export const OPERATORS = "$espruinoOperators";

/** With a space before: a keyword may stand there. */
const call = (name: string): string => ` ${OPERATORS}.${name}(`;

const NAMES: Record<string, string> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "&": "and",
  "|": "or",
  "^": "xor",
  "<<": "shl",
  ">>": "shr",
  ">>>": "ushr",
  "==": "eq",
  "!=": "ne",
  "===": "same",
  "!==": "differ",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  in: "has",
  instanceof: "isA",
};

/** Whether V8 computes it as Espruino does. */
function isPlain(operator: string, left: AnyNode, right: AnyNode): boolean {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (/^[!=]==$/.test(operator)) return isConstant(left) || isConstant(right) || (a !== "unknown" && b !== "unknown");
  if (/^(?:[&|^]|<<|>>>?)$/.test(operator)) return a === "int" && b === "int";
  // A product may be a negative zero.
  if (isNumber(a) && isNumber(b)) return !/^(?:\*|in|instanceof)$/.test(operator);
  return a === "text" && b === "text" && /^(?:\+|[!=]=|[<>]=?)$/.test(operator);
}

function rewriteBinary(text: MagicString, node: AnyNode): void {
  if (node.type !== "BinaryExpression" || isPlain(node.operator, node.left, node.right)) return;
  const at = tokenBehind(text.original, node.left.end);
  text.appendRight(node.start, call(NAMES[node.operator]));
  text.update(at, at + node.operator.length, ",");
  text.prependLeft(node.end, ")");
}

/** Whether reading it twice is as good as once. */
export function isSimple(node: AnyNode): boolean {
  if (node.type === "ThisExpression") return true;
  if (node.type === "Identifier") return node.name !== "arguments";
  if (node.type !== "MemberExpression" || !isSimple(node.object)) return false;
  return !node.computed || node.property.type === "Literal" || isSimple(node.property);
}

/** Whether computing it may change something. */
function hasEffects(node: AnyNode): boolean {
  let found = false;
  walk(node, (one) => {
    if (/^(Call|New|Assignment|Update)Expression$/.test(one.type)) found = true;
    if (one.type === "UnaryExpression" && one.operator === "delete") found = true;
  });
  return found;
}

/** Turns `object.key` into `object,"key"`. */
function splitMember(text: MagicString, node: MemberExpression): void {
  const at = tokenBehind(text.original, node.object.end);
  if (node.computed) {
    text.update(at, at + 1, ",");
    text.remove(node.end - 1, node.end);
  } else {
    text.update(at, node.property.end, `,"${text.original.slice(node.property.start, node.property.end)}"`);
  }
}

/** `a += b`: Espruino computes b, and then reads a. */
function rewriteAssignment(text: MagicString, node: AnyNode): void {
  if (node.type !== "AssignmentExpression" || node.operator === "=") return;
  const operator = node.operator.slice(0, -1);
  const { left, right } = node;
  const name = NAMES[operator];
  const at = tokenBehind(text.original, left.end);
  if (isSimple(left) && !(left.type === "MemberExpression" && hasEffects(right))) {
    text.update(at, at + node.operator.length, `=${call(`${name}To`)}`);
    text.prependLeft(node.end, `,${text.original.slice(left.start, left.end)})`);
  } else if (left.type === "MemberExpression") {
    text.appendRight(node.start, call("put"));
    splitMember(text, left);
    text.update(at, at + node.operator.length, ",()=>(");
    text.prependLeft(node.end, `),"${name}To")`);
  }
}

/** `a.b = c()`: Espruino finds the member, calls, and then writes to what it has found. */
function rewriteMemberAssignment(text: MagicString, node: AnyNode): void {
  if (node.type !== "AssignmentExpression" || node.operator !== "=") return;
  const { left, right } = node;
  if (left.type !== "MemberExpression" || left.object.type === "Super" || !hasEffects(right)) return;
  if (!left.computed && left.property.type === "Identifier" && left.property.name === "name") return;
  text.appendRight(node.start, call("put"));
  splitMember(text, left);
  const at = tokenBehind(text.original, left.end);
  text.update(at, at + 1, ",()=>(");
  text.prependLeft(node.end, "))");
}

/** `++a` adds as `+` does: to a text it appends. Where nothing looks at its value, `a++` makes a number first. */
function rewriteUpdate(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "UpdateExpression" || !isSimple(node.argument)) return;
  const { start, end } = node.argument;
  const target = text.original.slice(start, end);
  if (node.prefix && node.operator === "++") {
    text.update(node.start, start, "(");
    text.prependLeft(node.end, `=${call("add")}${target},1))`);
  } else if (!node.prefix && parents.get(node)?.type === "ExpressionStatement") {
    text.update(end, node.end, `=${call("pos")}${target})${node.operator[0]}1`);
  }
}

/** A function that is missing is missed before its arguments are computed. */
function rewriteCall(text: MagicString, node: AnyNode): void {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression" || node.callee.computed) return;
  if (!isSimple(node.callee) || !node.arguments.some(hasEffects)) return;
  const { callee } = node;
  const name = text.original.slice(callee.property.start, callee.property.end);
  const path = text.original.slice(callee.start, callee.end);
  text.appendRight(node.start, `(typeof ${path}==="function"||${call("missing").trim()}"${name}"),`);
  text.prependLeft(node.end, ")");
}

const UNARY: Record<string, string> = { "-": "neg", "+": "pos", "~": "not" };

function rewriteUnary(text: MagicString, node: AnyNode): void {
  if (node.type !== "UnaryExpression" || !(node.operator in UNARY)) return;
  const kind = kindOf(node.argument);
  // There is no negative zero.
  if (node.operator === "-" && node.argument.type === "Literal" && node.argument.value === 0) {
    text.update(node.start, node.start + 1, "+");
  }
  if (node.operator === "~" ? kind === "int" : isNumber(kind)) return;
  text.update(node.start, node.start + 1, call(UNARY[node.operator]));
  text.prependLeft(node.end, ")");
}

/** Wraps an expression in a call: it is one argument, with commas or without. */
export function wrap(text: MagicString, node: AnyNode, name: string): void {
  const list = node.type === "SequenceExpression";
  text.appendRight(node.start, call(name) + (list ? "(" : ""));
  text.prependLeft(node.end, list ? "))" : ")");
}

/** A member by a name that is computed, and the parts of a template. */
function rewriteTexts(text: MagicString, node: AnyNode): void {
  if (node.type === "TemplateLiteral") {
    for (const one of node.expressions) if (kindOf(one) !== "text") wrap(text, one, "text");
  }
  if (node.type === "MemberExpression" && node.computed && kindOf(node.property) === "unknown")
    wrap(text, node.property, "key");
}

/** A number has the value that Espruino reads. */
function rewriteLiteral(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "Literal" || typeof node.value !== "number" || !node.raw) return;
  const parent = parents.get(node);
  if (parent && "key" in parent && parent.key === node) return;
  const value = literalValue(node.raw);
  if (value !== node.value && Number.isFinite(value))
    text.update(node.start, node.end, value < 0 ? `(${value})` : ` ${value}`);
}

/** `(o.f)()` calls without an object. */
function rewriteBracketed(text: MagicString, node: AnyNode): void {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
  if (node.callee.start > node.start) text.appendRight(node.callee.start, "0,");
}

/** Functions have no name in Espruino, and may be given one. */
function rewriteName(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "MemberExpression" || node.computed || node.object.type === "Super") return;
  if (node.property.type !== "Identifier" || node.property.name !== "name") return;
  const parent = parents.get(node)!;
  if (parent.type === "AssignmentExpression" && parent.left === node && parent.operator === "=") {
    text.appendRight(parent.start, call("setName"));
    text.update(tokenBehind(text.original, node.object.end), parent.right.start, ",(");
    text.prependLeft(parent.end, "))");
    return;
  }
  const target =
    (parent.type === "AssignmentExpression" && parent.left === node) ||
    (parent.type === "CallExpression" && parent.callee === node) ||
    (parent.type === "UnaryExpression" && parent.operator === "delete") ||
    parent.type === "UpdateExpression" ||
    (/^For(In|Of)/.test(parent.type) && (parent as { left?: AnyNode }).left === node);
  if (target) return;
  text.appendRight(node.start, call("nameOf"));
  text.update(tokenBehind(text.original, node.object.end), node.end, ")");
}

export function rewriteExpression(text: MagicString, node: AnyNode, parents: Parents): void {
  rewriteBinary(text, node);
  rewriteCall(text, node);
  rewriteAssignment(text, node);
  rewriteMemberAssignment(text, node);
  rewriteUpdate(text, node, parents);
  rewriteUnary(text, node);
  rewriteTexts(text, node);
  rewriteLiteral(text, node, parents);
  rewriteName(text, node, parents);
  rewriteBracketed(text, node);
}
