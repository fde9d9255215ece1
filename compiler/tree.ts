/** Syntax trees: the node that every part of the compiler reads, and how to walk it. */

/** A place in the text: lines from 1, columns from 0. */
export interface Location {
  source?: string | null;
  start: { line: number; column: number };
  end: { line: number; column: number };
}

/** A node of ESTree, acorn's or TypeScript's: both have the same types and names. Its members depend on its type. */
export interface Node {
  type: string;
  loc?: Location;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [member: string]: any;
}

/** Members of a node that hold no nodes, or one that is not below it. */
const NO_CHILDREN = new Set(["type", "start", "end", "range", "loc", "parent", "name", "raw", "operator", "kind"]);

/** The children of a node, in their order. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (const key in node) {
    if (NO_CHILDREN.has(key)) continue;
    const value = node[key];
    if (Array.isArray(value)) {
      for (const child of value) if (typeof child?.type == "string") children.push(child);
    } else if (typeof value?.type == "string") children.push(value);
  }
  return children;
}

/** Runs `visit` on every node below `node`, stopping below nodes for which it returns false. */
export function walk(node: Node, visit: (node: Node) => boolean | void): void {
  if (visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** Sets in each child of a node a hidden member `parent`, so that a walk does not follow it. */
export function setParents(node: Node): void {
  for (const child of childrenOf(node)) Object.defineProperty(child, "parent", { value: node });
}

export const isFunction = (node: Node | undefined): boolean =>
  /^(Function(Declaration|Expression)|ArrowFunctionExpression)$/.test(node?.type ?? "");

/** Whether a function reads its own `this` or, where it has one, its own `arguments`. Arrows inside share both. */
export function usesOwn(fn: Node, what: "this" | "arguments"): boolean {
  let found = false;
  const visit = (node: Node): boolean => {
    if (what == "this" ? node.type == "ThisExpression" || node.type == "Super" : isArguments(node)) found = true;
    return !/^Function/.test(node.type) && !node.type.startsWith("Class");
  };
  for (const child of [...(fn.params ?? []), fn.body]) walk(child, visit);
  return found;
}

const isArguments = (node: Node): boolean => node.type == "Identifier" && node.name == "arguments";
