/**
 * Writes a number or truth value that is added to a text as a text: Terser 5.51.2 adds what stands behind a text as numbers
 * (`"a" + x + 1 + 2` becomes `"a" + x + 3`, and `"a" + -x + 1` becomes `"a" + (1 - x)`). It runs before Terser.
 */

import { runInNewContext } from "node:vm";

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { literal } from "../literal.js";
import { parseScript, scopesOf, type Reference } from "../parse.js";
import { childrenOf, isFunction, type Node } from "../tree.js";

type References = Map<Node, Reference>;

/** What Espruino, which writes 11 digits of a fraction, writes as Node does: words, whole numbers, short fractions. */
const SAME = /^([A-Za-z]+|-?\d{1,15}|-?\d{1,5}\.\d{1,5})$/;

const isSum = (node: Node): boolean => node.type == "BinaryExpression" && node.operator == "+";

/** The only value that a variable ever has, and so what Terser may put in its place. */
function valueOf(name: Node, references: References): Node | undefined {
  const variable = references.get(name)?.resolved;
  const [definition, ...more] = variable?.defs ?? [];
  const once = !more.length && variable?.references.every((one) => one.init || !one.isWrite());
  if (!once || !/^(Variable|FunctionName)$/.test(definition!.type)) return undefined;
  return definition!.type == "Variable" ? definition!.node.init : definition!.node;
}

/** What a function does nothing but return. */
function resultOf(fn: Node | undefined): Node | undefined {
  const [only, ...more] = (fn && isFunction(fn) && fn.body.body) || [];
  return only ? (more.length ? undefined : only.type == "ReturnStatement" && only.argument) : fn?.body;
}

class Texts {
  readonly text: MagicString;
  /** Functions whose results are looked for: one may call itself. */
  private readonly open = new Set<Node>();

  constructor(
    code: string,
    private readonly references: References,
  ) {
    this.text = new MagicString(code);
  }

  visit(node: Node): void {
    const added = isSum(node) && this.isText(node.left) && !this.isText(node.right) && this.constant(node.right);
    if (!added) return childrenOf(node).forEach((one) => this.visit(one));
    const text = runInNewContext(`String(${added})`) as string;
    if (!SAME.test(text)) throw new Error(`"" + ${added} is ${text} in Node only: add a text that says what is meant`);
    this.text.update(node.right.start, node.right.end, literal(text));
    this.visit(node.left);
  }

  /** Whether an expression is a text, as far as its words tell. */
  private isText(node: Node): boolean {
    if (node.type == "Identifier") {
      const value = valueOf(node, this.references);
      return !!value && !isFunction(value) && typeof value.value == "string";
    }
    if (isSum(node)) return this.isText(node.left) || this.isText(node.right);
    return node.type == "TemplateLiteral" || typeof node.value == "string" || node.operator == "typeof";
  }

  /** The code of an expression that needs nothing but itself; undefined for any other. */
  private constant(node: Node): string | undefined {
    const { type, operator } = node;
    if (type == "Literal") return node.regex ? undefined : node.raw;
    if (type == "Identifier") return this.named(node);
    if (type == "CallExpression" && node.callee.type == "Identifier" && !node.arguments.length)
      return this.result(valueOf(node.callee, this.references));
    if (type == "MemberExpression" && !node.computed && node.property.name == "length" && this.isText(node.object))
      return this.join([node.object], ([text]) => `${text}.length`);
    if (type == "SequenceExpression") return this.join(node.expressions, (parts) => parts.join(","));
    if (type == "UnaryExpression") return this.join([node.argument], ([value]) => `${operator} ${value}`);
    if (/^(Binary|Logical)Expression$/.test(type) && !/^in/.test(operator))
      return this.join([node.left, node.right], ([left, right]) => `${left} ${operator} ${right}`);
    if (type != "ConditionalExpression") return undefined;
    return this.join([node.test, node.consequent, node.alternate], ([test, yes, no]) => `${test} ? ${yes} : ${no}`);
  }

  private result(fn: Node | undefined): string | undefined {
    const result = fn && !this.open.has(fn) && resultOf(fn);
    if (!result) return undefined;
    this.open.add(fn);
    const found = this.constant(result);
    this.open.delete(fn);
    return found;
  }

  private named(node: Node): string | undefined {
    const value = valueOf(node, this.references);
    if (value) return isFunction(value) ? undefined : this.constant(value);
    return /^(undefined|NaN|Infinity)$/.test(node.name) && !this.references.get(node)?.resolved ? node.name : undefined;
  }

  private join(parts: Node[], how: (codes: string[]) => string): string | undefined {
    const codes = parts.map((one) => this.constant(one));
    return codes.includes(undefined) ? undefined : `(${how(codes as string[])})`;
  }
}

/** @param code a program */
export function useTexts(code: string): MagicString {
  const program = parseScript(code);
  const references: References = new Map();
  for (const scope of scopesOf(program).scopes) for (const one of scope.references) references.set(one.identifier, one);
  const texts = new Texts(code, references);
  texts.visit(program);
  return texts.text;
}

export function textSums(): Plugin {
  return {
    name: "text-sums",
    renderChunk(code) {
      const text = useTexts(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
