/** Walking a program's tree, and finding what is between two of its nodes. */

import type { AnyNode, Program } from "acorn";

export type Parents = Map<AnyNode, AnyNode>;

/** Calls `visit` for every node under `node`, parents first. */
export function walk(node: AnyNode, visit: (node: AnyNode) => void): void {
  visit(node);
  for (const child of children(node)) walk(child, visit);
}

export function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one && typeof (one as AnyNode).type === "string") yield one as AnyNode;
    }
  }
}

export function parentsOf(program: Program): Parents {
  const parents: Parents = new Map();
  walk(program, (node) => {
    for (const child of children(node)) parents.set(child, node);
  });
  return parents;
}

const FILLING = /(?:\s+|\/\/.*|\/\*[\s\S]*?\*\/|\))+/y;

/** Where the token begins that comes behind `at`, closing brackets and comments not counted. */
export function tokenBehind(source: string, at: number): number {
  FILLING.lastIndex = at;
  const filling = FILLING.exec(source);
  return filling ? at + filling[0].length : at;
}
