/**
 * Functions that are called in one place are written there. Terser writes them as `((a) => {...})(b)`, which is longer,
 * makes a function at each call, and takes a level of the stack.
 */

import { collectMember } from "../../gate/calls.js";
import { childrenOf, isFunction, walk, type Node } from "../../tree.js";
import { Arguments } from "./arguments.js";
import { namesOf, type Names } from "./names.js";
import { replace } from "./nodes.js";
import { bodyAt, isFirst, placeOf, siteAt, siteOf, type Site } from "./places.js";
import { block, onlyReturn } from "./returns.js";

function hasVariables(root: Node): boolean {
  let found = false;
  walk(root, (node) => {
    if (node.type == "VariableDeclaration") found = true;
    return !isFunction(node);
  });
  return found;
}

const isCalledArrow = ({ type, callee }: Node): boolean =>
  type == "CallExpression" && callee.type == "ArrowFunctionExpression";

/** Arrows that are called where they are made get statements: before the names are looked up, whose places they change. */
function addStatements(program: Node): void {
  walk(program, (node) => {
    if (!isCalledArrow(node) || node.callee.body.type == "BlockStatement") return;
    const only = { type: "ReturnStatement", argument: node.callee.body, loc: node.callee.body.loc };
    Object.assign(node.callee, { body: block([only]), expression: false });
  });
}

/** Arrows that are called where they are made, with the nodes around them. */
function calledArrows(node: Node, path: Node[], names: Names, found: Site[] = []): Site[] {
  if (isCalledArrow(node)) {
    const site = siteAt(node.callee, node, path.slice(), true);
    if (site) found.push(site);
  }
  path.push(node);
  for (const child of childrenOf(node)) calledArrows(child, path, names, found);
  path.pop();
  return found;
}

class Inliner {
  private readonly names: Names;
  /** Statements of the program that have changed since the names were looked up. */
  private readonly touched = new Set<Node>();

  constructor(
    private readonly program: Node,
    private readonly members: Set<string>,
  ) {
    addStatements(program);
    this.names = namesOf(program);
  }

  /** @returns whether anything has changed */
  run(): boolean {
    const { body } = this.program;
    for (const fn of [...body].filter(({ type }: Node) => type == "FunctionDeclaration")) {
      const { uses, writes } = this.names.get(fn.id.name)!;
      const site = uses.length ? siteOf(fn, this.names) : undefined;
      const unused = !uses.length && !writes.length && this.touched.add(fn);
      if (unused || (site && this.inline(site))) body.splice(body.indexOf(fn), 1);
    }
    for (const site of calledArrows(this.program, [], this.names)) this.inline(site);
    return this.touched.size > 0;
  }

  private inline(site: Site): boolean {
    const home = site.path[1] ?? site.call;
    if (this.touched.has(site.fn) || this.touched.has(home)) return false;
    if (!this.asExpression(site) && !this.asStatements(site)) return false;
    this.touched.add(site.fn).add(home);
    return true;
  }

  private asExpression({ fn, call, path }: Site): boolean {
    const [only, ...more] = fn.body.body as Node[];
    if (more.length || only?.type != "ReturnStatement" || !only.argument) return false;
    const given = new Arguments(fn, call, only.argument, this.names, this.members);
    if (!given.plain) return false;
    given.apply();
    replace(path.at(-1)!, call, only.argument);
    return true;
  }

  private asStatements(site: Site): boolean {
    const { fn, call, path } = site;
    const place = placeOf(path);
    if (!place) return false;
    const given = new Arguments(fn, call, fn.body, this.names, this.members);
    // Variables of the program stay for ever.
    if (!path.some(isFunction) && (!given.plain || hasVariables(fn.body))) return false;
    const last = onlyReturn(fn.body.body);
    const alone = bodyAt(site, place.statement) !== undefined;
    if (!alone && !(last && isFirst(place.statement, call, this.names, this.members))) return false;
    const set = given.apply();
    place.put([...set, ...(alone ? bodyAt(site, place.statement)! : before(site, place.statement))]);
    return true;
  }
}

/** A function that returns at its end only, before a statement that needs its result first of all. */
function before({ fn, call, path }: Site, statement: Node): Node[] {
  const body = fn.body.body as Node[];
  replace(path.at(-1)!, call, body.at(-1)!.argument);
  return [...body.slice(0, -1), statement];
}

/** @param program a tree of `parseUnique` */
export function inlineCalls(program: Node): void {
  const members = new Set<string>();
  walk(program, (node) => collectMember(node, members));
  while (new Inliner(program, members).run());
}
