/** The tag `@once` of JSDoc comments: which functions have it, and what such a function may not hold. */

import type { Comment } from "acorn";

import { isFunction, usesOwn, walk, type Node } from "../../tree.js";
import { HoistError } from "./error.js";

/** A line of a JSDoc comment that begins with the tag; prose that mentions it does not. */
const TAG = /^\s*\*?\s*@once\b/m;

const isTag = ({ type, value }: Comment): boolean =>
  type == "Block" && value.startsWith("*") && TAG.test(value.slice(1));

/**
 * The functions behind a tagged comment.
 * @throws HoistError for a tag on anything else, and for a function that cannot be hoisted
 */
export function taggedOnce(program: Node, comments: Comment[], code: string): Set<Node> {
  const found = new Set<Node>();
  const tags = new Map(comments.filter(isTag).map((one) => [startBehind(one, comments, code), one]));
  walk(program, (node) => {
    if (node.type != "FunctionDeclaration" || !tags.delete(node.start)) return;
    found.add(node);
    refuseUnhoistable(node);
  });
  for (const { loc } of tags.values())
    throw new HoistError({ type: "Comment", loc: loc as Node["loc"] }, "@once belongs to a function declaration");
  return found;
}

/** Where the code behind a comment begins, other comments passed over. */
function startBehind(comment: Comment, comments: Comment[], code: string): number {
  let at = comment.end;
  for (;;) {
    at += code.slice(at).search(/\S|$/);
    const next = comments.find(({ start }) => start == at);
    if (!next) return at;
    at = next.end;
  }
}

function refuseUnhoistable(fn: Node): void {
  const refuse = (place: Node, what: string): never => {
    throw new HoistError(place, `${fn.id.name} is @once and cannot ${what}`);
  };
  if (fn.async || fn.generator) refuse(fn, "be async or a generator");
  for (const param of fn.params) if (param.type != "Identifier") refuse(param, "have other parameters than names");
  if (usesOwn(fn, "this")) refuse(fn, "use this: its functions are hoisted out of it");
  if (usesOwn(fn, "arguments")) refuse(fn, "use arguments: name its parameters");
  walk(fn.body, (node) => {
    if (node.type == "ClassDeclaration") refuse(node, "hold a class: declare it outside");
    return !isFunction(node);
  });
}
