/**
 * The order in which the code of a program runs that runs once: its own statements, and the bodies of the factories that
 * are hoisted, at their calls. Code in other functions has no place in it.
 */

import { childrenOf, isFunction, type Node } from "../../tree.js";
import { functionOf, type Names, type Use } from "./names.js";

interface Position {
  /** What runs in one go: the program, or a hoisted function that the owner of the module calls (again, after a throw). */
  root: Node;
  index: number;
  /** Whether it may run more than once. */
  loop: boolean;
  /** Whether it runs whenever what is around it comes that far. */
  sure: boolean;
}

/** Node types whose first member always runs, and the others perhaps. */
const FIRST: Record<string, string> = {
  IfStatement: "test",
  ConditionalExpression: "test",
  LogicalExpression: "left",
  SwitchStatement: "discriminant",
};

export class Order {
  private readonly positions = new Map<Node, Position>();
  private index = 0;

  /**
   * @param hoisted functions that are hoisted
   * @param owned those of them that the owner calls
   */
  constructor(
    program: Node,
    private readonly names: Names,
    private readonly hoisted: Set<Node>,
    owned: Set<Node>,
  ) {
    this.visitAll(program.body, { root: program, loop: false, sure: true });
    for (const fn of owned) this.visitAll(fn.body.body, { root: fn, loop: false, sure: true });
  }

  get(node: Node): Position | undefined {
    return this.positions.get(node);
  }

  /** Whether a place comes behind the write wherever it runs: the write has run then, or never will. */
  isAfter(write: Node, { node, path }: Use, seen = new Set<Node>()): boolean {
    const outer = path.find((one) => isFunction(one) && !this.hoisted.has(one));
    if (!outer) return this.precedes(write, this.positions.get(node));
    if (seen.has(outer)) return true;
    seen.add(outer);
    if (outer.type != "FunctionDeclaration") return this.precedes(write, this.positions.get(outer));
    const uses = this.names.get(outer.id.name)?.uses ?? [];
    return uses.every((use) => this.isAfter(write, use, seen));
  }

  private precedes(write: Node, place: Position | undefined): boolean {
    const first = this.positions.get(write);
    if (!first || !place || first.loop) return false;
    if (first.root == place.root) return first.index < place.index;
    // What the owner calls runs after it was exported.
    const [exported] = place.root.id ? (this.names.get(place.root.id.name)?.uses ?? []) : [];
    return !!exported && this.precedes(write, this.positions.get(exported.node));
  }

  private visitAll(nodes: Node[], at: Omit<Position, "index">): void {
    let { sure } = at;
    for (const node of nodes) {
      this.visit(node, { ...at, sure });
      // Behind a statement that may end the function, nothing is sure.
      if (mayLeave(node)) sure = false;
    }
  }

  private visit(node: Node, at: Omit<Position, "index">): void {
    if (node.type == "FunctionDeclaration") return;
    if (isFunction(node) || /^Class/.test(node.type)) return this.place(node, at);
    if (node.type == "Identifier") this.place(node, at);
    else if (node.type == "BlockStatement") this.visitAll(node.body, at);
    else this.visitParts(node, at);
    const callee = node.type == "CallExpression" && this.names.get(node.callee.name);
    const fn = callee && callee.kind == "function" && callee.node;
    if (fn && this.hoisted.has(fn)) this.visitAll(fn.body.body, at);
    // A write takes effect when its value is known.
    this.place(node, at);
  }

  private visitParts(node: Node, at: Omit<Position, "index">): void {
    const loop = at.loop || /^(For|While|DoWhile)/.test(node.type);
    const first = FIRST[node.type];
    for (const child of childrenOf(node)) {
      const sure = at.sure && !loop && node.type != "TryStatement" && (!first || child == node[first]);
      this.visit(child, { ...at, loop, sure });
    }
  }

  private place(node: Node, at: Omit<Position, "index">): void {
    this.positions.set(node, { ...at, index: this.index++ });
  }
}

/** Whether a statement may end its function. */
function mayLeave(node: Node): boolean {
  if (node.type == "ReturnStatement" || node.type == "ThrowStatement") return true;
  return !isFunction(node) && !/^Class/.test(node.type) && childrenOf(node).some(mayLeave);
}

/** Whether a use throws where the variable has no value yet, so that no program relies on it: `v.x` and `v()`. */
export function isStrict({ node, path }: Use): boolean {
  const parent = path.at(-1)!;
  const needs = parent.callee == node || (parent.type == "MemberExpression" && parent.object == node);
  const inside = path.slice(path.findLastIndex(isFunction) + 1);
  return needs && !inside.some((one) => one.type == "TryStatement");
}

/** Whether a place runs in the code that runs once. */
export const isIn = (hoisted: Set<Node>, path: Node[]): boolean => {
  const fn = functionOf(path);
  return !fn || hoisted.has(fn);
};
