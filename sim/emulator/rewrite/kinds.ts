/** What kind of value an expression certainly has, so that operators on plain numbers and texts stay as they are. */

import type { AnyNode } from "acorn";

/** `int`: a whole number of at most 32 bits and its sign, or NaN. */
export type Kind = "int" | "number" | "text" | "other" | "unknown";

const BITS = /^(?:[&|^]|<<|>>>?)$/;
const ARITHMETIC = /^[-*/%]$/;
const COMPARISON = /^(?:[<>]=?|[!=]==?|in|instanceof)$/;
const INT_METHODS = /^(?:charCodeAt|indexOf|lastIndexOf|getUint8|getUint16|getInt8|getInt16)$/;
const TEXT_METHODS =
  /^(?:charAt|fromCharCode|join|padEnd|padStart|repeat|replaceAll|substr|substring|toFixed|toLowerCase|toUpperCase|trim)$/;
const BIGGEST_INT = 2 ** 53;

function kindOfLiteral(value: unknown): Kind {
  if (typeof value === "number") return Number.isInteger(value) && value < BIGGEST_INT ? "int" : "number";
  return typeof value === "string" ? "text" : "other";
}

function kindOfBinary(node: AnyNode & { type: "BinaryExpression" }): Kind {
  const { operator } = node;
  if (BITS.test(operator)) return "int";
  if (ARITHMETIC.test(operator)) return "number";
  if (COMPARISON.test(operator)) return "other";
  const [left, right] = [kindOf(node.left), kindOf(node.right)];
  if (left === "text" || right === "text") return "text";
  return isNumber(left) && isNumber(right) ? "number" : "unknown";
}

function kindOfCall(node: AnyNode & { type: "CallExpression" }): Kind {
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return "unknown";
  const { name } = callee.property;
  if (INT_METHODS.test(name)) return "int";
  if (callee.object.type === "Identifier" && callee.object.name === "Math") return "number";
  return TEXT_METHODS.test(name) ? "text" : "unknown";
}

export function kindOf(node: AnyNode): Kind {
  switch (node.type) {
    case "Literal":
      return "regex" in node && node.regex ? "other" : kindOfLiteral(node.value);
    case "TemplateLiteral":
      return "text";
    case "BinaryExpression":
      return kindOfBinary(node);
    case "UnaryExpression":
      if (node.operator === "~") return "int";
      if (node.operator === "-") return kindOf(node.argument) === "int" ? "int" : "number";
      return node.operator === "+" ? "number" : node.operator === "typeof" ? "text" : "other";
    case "MemberExpression":
      return !node.computed && node.property.type === "Identifier" && node.property.name === "length"
        ? "int"
        : "unknown";
    case "CallExpression":
      return kindOfCall(node);
    default:
      return "unknown";
  }
}

export const isNumber = (kind: Kind): boolean => kind === "int" || kind === "number";

/** Nothing but itself is equal to it. */
export function isConstant(node: AnyNode): boolean {
  if (node.type === "UnaryExpression")
    return /^(?:void|typeof)$/.test(node.operator) || (node.operator !== "!" && isConstant(node.argument));
  return node.type === "Literal" || (node.type === "Identifier" && node.name === "undefined");
}
