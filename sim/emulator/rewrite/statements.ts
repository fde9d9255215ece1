/** Rewrites statements that Espruino runs otherwise: loops over members and elements, `finally`, `arguments`. */

import type { AnyNode } from "acorn";
import type MagicString from "magic-string";

import { isSimple, OPERATORS, wrap } from "./operators.js";
import { tokenBehind, walk, type Parents } from "./tree.js";

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

/** How many calls a node is an argument of, in its function. */
function callsAround(node: AnyNode, parents: Parents): number {
  let calls = 0;
  for (let at = parents.get(node); at && !/Function/.test(at.type); at = parents.get(at)) {
    if (at.type === "CallExpression") calls++;
  }
  return calls;
}

/**
 * A native function's arguments: behind an error in one of them Espruino skips the comma and the token that follows, and
 * each call around it one more. When the bracket of an object literal is among them, no `catch` of the same function is
 * found.
 */
function rewriteBehind(text: MagicString, node: AnyNode, parents: Parents): void {
  if (node.type !== "CallExpression" || !isSimple(node.callee) || !isTried(node, parents)) return;
  const callee = text.original.slice(node.callee.start, node.callee.end);
  node.arguments.forEach((before, at) => {
    const next = node.arguments[at + 1];
    if (!next || text.original[next.start] !== "{" || before.type === "SpreadElement" || isSafe(before)) return;
    const brackets = text.original.slice(before.end, next.start).split("(").length - 1;
    if (brackets > callsAround(node, parents)) return;
    text.appendRight(before.start, ` ${STACK}.behind(${functionAround(node, parents)},${callee},()=>(`);
    text.prependLeft(before.end, "))");
  });
}

/** The function whose `this` a node has; undefined at the top. */
function thisOwner(node: AnyNode, parents: Parents): AnyNode | undefined {
  for (let at = parents.get(node); at; at = parents.get(at)) {
    if (at.type === "FunctionDeclaration" || at.type === "FunctionExpression") return at;
  }
  return undefined;
}

/** `this` without an object is the global one in classes, too; a number or a text stays what it is. */
function rewriteThis(text: MagicString, node: AnyNode, parents: Parents): void {
  const owner = node.type === "ThisExpression" ? thisOwner(node, parents) : undefined;
  const member = owner && parents.get(owner);
  if (!owner || (member?.type === "MethodDefinition" && member.kind === "constructor")) return;
  text.update(node.start, node.end, ` ${OPERATORS}.self(this)`);
}

/** The members of a class are seen by `for (k in o)`. */
function rewriteClass(text: MagicString, node: AnyNode): void {
  if (node.type === "ClassDeclaration") text.appendLeft(node.end, `;${OPERATORS}.shown(${node.id!.name});`);
  if (node.type !== "ClassExpression") return;
  text.appendRight(node.start, ` ${OPERATORS}.shown(`);
  text.prependLeft(node.end, ")");
}

/** What a function that is called by `new` returns takes the place of the new object, even if it is none. */
function rewriteReturn(text: MagicString, node: AnyNode, parents: Parents, made: Set<string>): void {
  if (node.type !== "ReturnStatement" || !node.argument) return;
  const owner = parents.get(node) && functionOf(node, parents);
  const member = owner && parents.get(owner);
  const constructor = member?.type === "MethodDefinition" && member.kind === "constructor";
  if (!owner || !(constructor || ("id" in owner && owner.id && made.has((owner.id as { name: string }).name)))) return;
  text.appendRight(node.argument.start, ` ${OPERATORS}.made(new.target,(`);
  text.prependLeft(node.argument.end, "))");
}

function functionOf(node: AnyNode, parents: Parents): AnyNode | undefined {
  for (let at = parents.get(node); at; at = parents.get(at)) if (/Function/.test(at.type)) return at;
  return undefined;
}

/** Names that stand behind `new`. */
export function madeNames(program: AnyNode): Set<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    if (node.type === "NewExpression" && node.callee.type === "Identifier") names.add(node.callee.name);
  });
  return names;
}

export function rewriteStatement(text: MagicString, node: AnyNode, parents: Parents, made: Set<string>): void {
  rewriteThis(text, node, parents);
  rewriteClass(text, node);
  rewriteReturn(text, node, parents, made);
  rewriteLoop(text, node);
  rewriteCatch(text, node, parents);
  rewriteFinally(text, node, parents);
  rewriteObject(text, node, parents);
  rewriteBehind(text, node, parents);
  rewriteArguments(text, node, parents);
}
