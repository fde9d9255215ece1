/** Checks of names, strings, templates, numbers and keys. */

import { walk } from "../tree.js";
import type { Report, Visitors } from "./types.js";
import type { Node } from "../tree.js";

/** JSLEX_MAX_TOKEN_LENGTH of Espruino: longer names are cut, and collide. */
const NAME_LIMIT = 63;
/** The first whole number that Espruino's 64-bit integers cannot hold. */
const INTEGER_LIMIT = 2 ** 63;

function checkName(node: Node, report: Report) {
  const name = node.name;
  if (name.length > NAME_LIMIT)
    report("long-name", node, `Espruino cuts names at ${NAME_LIMIT} characters: shorten it`);
  if (/[^\x00-\x7f]/.test(name)) report("non-ascii", node, "Espruino's names are ASCII: rename it");
  if (name == "of" && !isMember(node)) report("of-name", node, "Espruino reads of as a keyword: rename it");
}

/** Whether an identifier is behind a dot or before a colon. */
function isMember(node: Node) {
  const parent = node.parent;
  if (parent.type == "MemberExpression") return parent.property == node && !parent.computed;
  return (
    /^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type) && parent.key == node && !parent.shorthand
  );
}

/**
 *
 * @param raw between the quotes, as written
 */
function checkText(node: Node, raw: string, value: string, report: Report) {
  if (/[^\x00-\x7f]/.test(raw)) report("non-ascii", node, "Espruino reads bytes, not characters: write \\xNN");
  else if (/[^\x00-\xff]/.test(value)) {
    report("non-ascii", node, "Espruino's strings are bytes: write UTF-8 as \\xNN, one for each byte");
  }
  if (/(^|[^\\])(\\\\)*\\u\{/.test(raw)) report("unicode-escape", node, "Espruino has no \\u{…}: write \\xNN");
}

/** Whether a string inside an expression of a template would end it early. */
function breaksTemplate(expression: Node) {
  let broken = false;
  walk(expression, (node) => {
    if (node.type == "Literal" && /[{}`]/.test(node.raw)) broken = true;
    if (node.type == "TemplateElement" && /[{}]/.test(node.value.raw)) broken = true;
  });
  return broken;
}

export const literalChecks: Visitors = {
  Identifier: checkName,

  Literal(node, report) {
    if (typeof node.value == "string") checkText(node, node.raw, node.value, report);
    if (node.bigint) report("bigint", node, "Espruino has no BigInt: use a number, exact up to 2^53");
    if (typeof node.value == "number" && node.value >= INTEGER_LIMIT && !/[.eE]/.test(node.raw)) {
      report("big-number", node, "Espruino wraps whole numbers at 2^63: write it with an exponent");
    }
  },
  TemplateElement(node, report) {
    checkText(node, node.value.raw, node.value.cooked ?? "", report);
    if (/\\\$/.test(node.value.raw)) report("template-escape", node, "Espruino does not know \\$ in templates: use +");
  },
  TemplateLiteral(node, report) {
    if (node.expressions.some(breaksTemplate)) {
      report("template-brace", node, "Espruino ends ${} at a brace in a string: compute the text before");
    }
  },
};
