/** The returns of a function that is written where it is called: what becomes of them there. */

import { isFunction, walk, type Node } from "../../tree.js";

/** What replaces `return value`. */
export type Sink = (value: Node | null) => Node[];

/** Whether one of the returns of these statements is such. */
export function returns(body: Node[], such: (value: Node | null) => unknown): boolean {
  let found = false;
  for (const one of body)
    walk(one, (node) => {
      if (node.type == "ReturnStatement" && such(node.argument ?? null)) found = true;
      return !isFunction(node);
    });
  return found;
}

/** The last of some statements, if it is their only return, and of a value. */
export function onlyReturn(body: Node[]): Node | undefined {
  const last = body.at(-1);
  const fit = last?.type == "ReturnStatement" && last.argument && !returns(body.slice(0, -1), () => true);
  return fit ? last : undefined;
}

const listOf = (node: Node | null): Node[] => (!node ? [] : node.type == "BlockStatement" ? node.body : [node]);

export const block = (body: Node[]): Node => ({ type: "BlockStatement", body });

/** Whether nothing behind a statement is reached. */
export function isEnd(node: Node | null | undefined): boolean {
  if (!node) return false;
  if (node.type == "BlockStatement") return node.body.some(isEnd);
  if (node.type == "IfStatement") return isEnd(node.consequent) && isEnd(node.alternate);
  return node.type == "ReturnStatement" || node.type == "ThrowStatement";
}

/**
 * Statements that come to their end without a return.
 * @returns undefined where that takes more than branches
 */
export function withoutReturns(body: Node[], sink: Sink): Node[] | undefined {
  const at = body.findIndex((one) => returns([one], () => true));
  if (at < 0) return body;
  const one = body[at]!;
  const rest = body.slice(at + 1);
  const done = body.slice(0, at);
  if (one.type == "ReturnStatement") return [...done, ...sink(one.argument)];
  if (one.type == "BlockStatement") {
    const inner = withoutReturns([...one.body, ...rest], sink);
    return inner && [...done, block(inner)];
  }
  if (one.type != "IfStatement") return undefined;
  const [first, second] = [isEnd(one.consequent), isEnd(one.alternate)];
  // Otherwise both would go on with the rest.
  if (!first && !second && rest.length) return undefined;
  const consequent = withoutReturns([...listOf(one.consequent), ...(first ? [] : rest)], sink);
  const alternate = withoutReturns([...listOf(one.alternate), ...(second ? [] : rest)], sink);
  if (!consequent || !alternate) return undefined;
  return [...done, branch(one, consequent, alternate)];
}

/** An `if` like another, without an empty branch. */
function branch(like: Node, consequent: Node[], alternate: Node[]): Node {
  const not = { type: "UnaryExpression", operator: "!", prefix: true, argument: like.test, loc: like.test.loc };
  return consequent.length
    ? { ...like, consequent: block(consequent), alternate: alternate.length ? block(alternate) : null }
    : { ...like, test: not, consequent: block(alternate), alternate: null };
}
