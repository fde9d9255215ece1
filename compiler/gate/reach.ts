/** Which functions of a program call which others, by their names: as far as the text tells. */

import { isFunction, walk, type Node } from "../tree.js";

/** Methods that call their argument before they return. */
const IMMEDIATE = /^(every|filter|find|findIndex|forEach|map|reduce|replace|some|sort)$/;

/** Whether a function runs where it is written. @param callbacks count those given to `map` and its like */
export function runsAtOnce(node: Node, callbacks: boolean): boolean {
  const parent = node.parent;
  if (parent?.type != "CallExpression") return false;
  if (parent.callee == node) return true;
  return callbacks && parent.callee.type == "MemberExpression" && IMMEDIATE.test(parent.callee.property.name ?? "");
}

/** A variable's name, or that of a member behind its dot. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type == "MemberExpression") return node.computed ? undefined : `.${node.property.name}`;
  return node?.name;
}

/** The name that a function is called by. */
function nameOfFunction({ id, parent }: Node): string | undefined {
  if (/^(Property|MethodDefinition)$/.test(parent?.type)) return `.${parent.key.name}`;
  return nameOf(id ?? parent?.id ?? parent?.left);
}

/** The function that a node is, or is run by. */
function runnerOf(node: Node | undefined): Node | undefined {
  let at = node;
  while (at && (!isFunction(at) || runsAtOnce(at, true))) at = at.parent;
  return at;
}

export class Reach {
  /** What the functions of a name call. */
  private readonly calls = new Map<string, string[]>();
  /** Where a name is called. */
  private readonly sites = new Map<string, Node[]>();

  /** @param program with its parents */
  constructor(program: Node) {
    walk(program, (node) => {
      if (node.type == "CallExpression") this.addCall(node);
      const [alias, value] =
        node.type == "VariableDeclarator"
          ? [nameOf(node.id), node.init]
          : node.type == "AssignmentExpression"
            ? [nameOf(node.left), node.right]
            : node.type == "Property"
              ? [`.${node.key.name}`, node.value]
              : [];
      if (alias && value?.type == "Identifier") add(this.calls, alias, value.name);
    });
  }

  /**
   * Whether code is at one of some places, or calls a function that is.
   * @param home the function whose variable it is about: each call of that has its own
   */
  does(code: Node, places: Node[], home?: Node): boolean {
    const [start, end] = code.range;
    if (places.some(({ range }) => range[0] >= start && range[1] <= end)) return true;
    const own = runnerOf(home);
    const runners = places.map(runnerOf).filter((fn) => fn && fn != own) as Node[];
    const targets = new Set(runners.map(nameOfFunction));
    const seen = new Set<string>();
    walk(code, (one) => {
      const name = one.type == "CallExpression" && nameOf(one.callee);
      if (name) seen.add(name);
      return !isFunction(one) || runsAtOnce(one, true);
    });
    for (const name of seen) {
      if (targets.has(name)) return true;
      for (const callee of this.calls.get(name) ?? []) seen.add(callee);
    }
    return false;
  }

  /** Where the value of a place is, as it is: there, and at the calls of the functions that return it. */
  valuesOf(place: Node, seen = new Set<Node>()): Node[] {
    let at = place;
    while (isPassedOn(at)) at = at.parent;
    const fn = /^(Return|Arrow)/.test(at.parent.type) && runnerOf(at);
    const name = fn && !seen.has(fn) && nameOfFunction(fn);
    if (fn) seen.add(fn);
    return [at, ...((name && this.sites.get(name)) || []).flatMap((call) => this.valuesOf(call, seen))];
  }

  private addCall(node: Node): void {
    const name = nameOf(node.callee);
    if (!name) return;
    add(this.sites, name, node);
    const fn = runnerOf(node);
    const caller = fn && nameOfFunction(fn);
    if (caller) add(this.calls, caller, name);
  }
}

function add<T>(map: Map<string, T[]>, name: string, value: T): void {
  const known = map.get(name);
  if (known) known.push(value);
  else map.set(name, [value]);
}

/** Whether a value becomes that of the expression around it. */
function isPassedOn(node: Node): boolean {
  const { type, test, expressions } = node.parent;
  if (type == "ConditionalExpression") return test != node;
  return type == "LogicalExpression" || (type == "SequenceExpression" && expressions.at(-1) == node);
}
