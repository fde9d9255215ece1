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

/** Lets an exhausted stack through `catch`. */
function rewriteCatch(text: MagicString, node: AnyNode): void {
  if (node.type !== "CatchClause") return;
  const name = node.param ? text.original.slice(node.param.start, node.param.end) : "$espruinoError";
  if (!node.param) text.appendLeft(node.body.start, `(${name})`);
  text.appendLeft(node.body.start + 1, `if(${STACK}.dead)throw ${name};`);
}

/**
 * An exhausted stack passes by `finally`, and an error in it is lost, unless one is on its way already: then it takes
 * its place.
 */
function rewriteFinally(text: MagicString, node: AnyNode): void {
  if (node.type !== "TryStatement" || !node.finalizer) return;
  const pending = `$espruinoPending${node.start}`;
  const { finalizer } = node;
  text.appendRight(node.start, `{let ${pending}=false;try{`);
  const at = tokenBehind(text.original, (node.handler ?? node.block).end);
  text.appendRight(at, `}catch($espruinoError){${pending}=true;throw $espruinoError}`);
  text.appendLeft(finalizer.start + 1, `if(!${STACK}.dead){try{`);
  const lost = `if(${pending}||${STACK}.dead)throw $espruinoError;${OPERATORS}.lost($espruinoError)`;
  text.prependRight(finalizer.end - 1, `}catch($espruinoError){${lost}}}`);
  text.prependLeft(node.end, "}");
  // Alone it would be no statement any more.
  if (!node.handler) text.appendLeft(node.block.end, "finally{}");
}

type FunctionLike = Extract<AnyNode, { type: "FunctionDeclaration" | "FunctionExpression" }>;

/** The names of a function's parameters, where `arguments` means this function's. */
function parametersAround(node: AnyNode, parents: Parents): FunctionLike | undefined {
  for (let at = parents.get(node); at; at = parents.get(at)) {
    if (at.type === "FunctionDeclaration" || at.type === "FunctionExpression") return at;
  }
  return undefined;
}

/** `arguments` is an array with at least the parameters, made when it is first asked for. */
function rewriteArguments(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "Identifier" || node.name !== "arguments") return;
  const parent = parents.get(node);
  const isMember = parent?.type === "MemberExpression" && parent.property === node && !parent.computed;
  const isKey = parent?.type === "Property" && parent.key === node && !parent.shorthand;
  const owner = parametersAround(node, parents);
  if (isMember || isKey || !owner) return;
  const names = owner.params.map((one) => text.original.slice(one.start, one.end));
  const make = `${OPERATORS}.args([${names.join()}],arguments)`;
  text.update(node.start, node.end, `(${ARGUMENTS}||(${ARGUMENTS}=${make}))`);
  if (!declared.has(owner)) text.appendLeft(owner.body.start + 1, `var ${ARGUMENTS};`);
  declared.add(owner);
}

const declared = new WeakSet<AnyNode>();

export function rewriteStatement(text: MagicString, node: AnyNode, parents: Parents): void {
  rewriteLoop(text, node);
  rewriteCatch(text, node);
  rewriteFinally(text, node);
  rewriteArguments(text, node, parents);
}
