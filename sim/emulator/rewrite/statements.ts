/** Rewrites statements that Espruino runs otherwise: loops over members and elements, `finally`, `arguments`. */

import type { AnyNode } from "acorn";
import type MagicString from "magic-string";

import { OPERATORS, wrap } from "./operators.js";
import { tokenBehind, type Parents } from "./tree.js";

/** Name of the realm's stack counter. */
export const STACK = "$espruinoStack";
const ARGUMENTS = "$espruinoArguments";

function rewriteLoop(text: MagicString, node: AnyNode): void {
  if (node.type !== "ForInStatement" && node.type !== "ForOfStatement") return;
  if (node.type === "ForInStatement") {
    const at = tokenBehind(text.original, node.left.end);
    text.update(at, at + 2, "of");
  }
  wrap(text, node.right, node.type === "ForInStatement" ? "forIn" : "forOf");
}

/** The function that a node is in; 0 outside of all. */
function functionAround(node: AnyNode, parents: Parents): number {
  for (let at = parents.get(node); at; at = parents.get(at)) if (/Function/.test(at.type)) return at.start;
  return 0;
}

/** What passes by `catch` and `finally`: an exhausted stack, and an error that has upset the parser. */
const passes = (place: number): string => `${STACK}.dead||${STACK}.escapes(${place})`;

function rewriteCatch(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "CatchClause") return;
  const name = node.param ? text.original.slice(node.param.start, node.param.end) : "$espruinoError";
  if (!node.param) text.appendLeft(node.body.start, `(${name})`);
  text.appendLeft(node.body.start + 1, `if(${passes(functionAround(node, parents))})throw ${name};`);
}

/**
 * An exhausted stack passes by `finally`, and an error in it is lost, unless one is on its way already: then it takes
 * its place.
 */
function rewriteFinally(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "TryStatement" || !node.finalizer) return;
  const pending = `$espruinoPending${node.start}`;
  const { finalizer } = node;
  text.appendRight(node.start, `{let ${pending}=false;try{`);
  const at = tokenBehind(text.original, (node.handler ?? node.block).end);
  text.appendRight(at, `}catch($espruinoError){${pending}=true;throw $espruinoError}`);
  text.appendLeft(finalizer.start + 1, `if(!(${passes(functionAround(node, parents))})){try{`);
  const lost = `if(${pending}||${STACK}.dead)throw $espruinoError;${OPERATORS}.lost($espruinoError)`;
  text.prependRight(finalizer.end - 1, `}catch($espruinoError){${lost}}}`);
  text.prependLeft(node.end, "}");
  // Alone it would be no statement any more.
  if (!node.handler) text.appendLeft(node.block.end, "finally{}");
}

type FunctionLike = Extract<AnyNode, { type: "FunctionDeclaration" | "FunctionExpression" }>;

/** The function that `arguments` belongs to. */
function ownerAround(node: AnyNode, parents: Parents): FunctionLike | undefined {
  for (let at = parents.get(node); at; at = parents.get(at)) {
    if (at.type === "FunctionDeclaration" || at.type === "FunctionExpression") return at;
  }
  return undefined;
}

/**
 * `arguments` is an array with at least the parameters, made when it is first asked for. It is a variable then, which
 * functions inside find before they make their own.
 */
function rewriteArguments(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "Identifier" || node.name !== "arguments") return;
  const parent = parents.get(node);
  const isMember = parent?.type === "MemberExpression" && parent.property === node && !parent.computed;
  const isKey = parent?.type === "Property" && parent.key === node && !parent.shorthand;
  const owner = ownerAround(node, parents);
  if (isMember || isKey || !owner) return;
  const names = owner.params.map((one) => text.original.slice(one.start, one.end));
  const known = [];
  for (let at: FunctionLike | undefined = owner; at; at = ownerAround(at, parents)) {
    declare(text, at);
    known.push(ARGUMENTS + at.start);
  }
  const make = `${known[0]}=${OPERATORS}.args([${names.join()}],arguments)`;
  text.update(node.start, node.end, `(${known.join("||")}||(${make}))`);
}

function declare(text: MagicString, owner: FunctionLike): void {
  if (!declared.has(owner)) text.appendLeft(owner.body.start + 1, `var ${ARGUMENTS}${owner.start};`);
  declared.add(owner);
}

const declared = new WeakSet<AnyNode>();

/** Whether an error in the expression is possible at all. */
const isSafe = (node: AnyNode): boolean => /^(Literal|Identifier|ThisExpression|.*FunctionExpression)$/.test(node.type);

/** Whether a `try` of the same function is around it. */
function isTried(node: AnyNode, parents: Parents): boolean {
  for (let at = parents.get(node); at && !/Function/.test(at.type); at = parents.get(at)) {
    if (at.type === "TryStatement") return true;
  }
  return false;
}

/** An error in a member that is not the last upsets Espruino's parser: no `catch` of the same function is found. */
function rewriteObject(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "ObjectExpression" || !isTried(node, parents)) return;
  const values = node.properties.flatMap((one) => (one.type === "Property" ? [one.value] : []));
  const last = values.pop();
  if (!last || values.every(isSafe)) return;
  text.appendRight(node.start, ` ${STACK}.literal(${functionAround(node, parents)},($espruinoLast)=>(`);
  if (!isSafe(last)) {
    text.appendRight(last.start, "($espruinoLast.on=true,");
    text.prependLeft(last.end, ")");
  }
  text.prependLeft(node.end, "))");
}

export function rewriteStatement(text: MagicString, node: AnyNode, parents: Parents): void {
  rewriteLoop(text, node);
  rewriteCatch(text, node, parents);
  rewriteFinally(text, node, parents);
  rewriteObject(text, node, parents);
  rewriteArguments(text, node, parents);
}
