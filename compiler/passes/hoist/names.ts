/** A program as a tree in which every declared name is used for one thing only, so that code can be moved freely. */

import type { Comment } from "acorn";

import { parseScript, scopesOf } from "../../parse.js";
import { childrenOf, isFunction, walk, type Node } from "../../tree.js";

export interface Use {
  node: Node;
  /** The nodes around it, outermost first. */
  path: Node[];
}

/** What a name means. */
export interface Entry {
  name: string;
  /** unknown: a global of Espruino. */
  kind: "function" | "class" | "param" | "variable" | "unknown";
  /** What declares it, and the nodes around that. */
  node: Node | undefined;
  path: Node[];
  /** The function that it belongs to; undefined at the top of the program. */
  owner: Node | undefined;
  /** Whether it belongs to a block, not to the whole function. */
  block: boolean;
  /** All but the declaration. */
  uses: Use[];
  /** Where it is written: the declaration if that has a value, assignments and all else that changes it. */
  writes: Use[];
}

export type Names = Map<string, Entry>;

/** The innermost function of a path. */
export const functionOf = (path: Node[]): Node | undefined => path.findLast(isFunction);

/** @param code a script; @returns its tree, each declared name in it unique, and its comments */
export function parseUnique(code: string): { program: Node; comments: Comment[] } {
  const comments: Comment[] = [];
  const program = parseScript(code, comments);
  const { scopes } = scopesOf(program);
  const taken = new Set(scopes[0]!.through.map((one) => one.identifier.name as string));
  for (const scope of scopes) if (scope.type == "class") for (const one of scope.variables) taken.add(one.name);
  for (const variable of scopes.filter(({ type }) => type != "class").flatMap((scope) => scope.variables)) {
    if (!variable.defs.length || variable.defs[0]!.type == "ClassName") continue;
    let name = variable.name;
    for (let n = 2; taken.has(name); n++) name = `${variable.name}$${n}`;
    // A global is its own name, and the first to have one keeps it.
    taken.add(name);
    for (const one of variable.identifiers) one.name = name;
    for (const one of variable.references) one.identifier.name = name;
  }
  walk(program, (node) => {
    if (node.type == "Property") node.shorthand = false;
  });
  return { program, comments };
}

/** Whether an identifier is a variable's, and not the name of a member. */
function isName(node: Node, parent: Node): boolean {
  if (parent.type == "MemberExpression") return parent.object == node || parent.computed;
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type))
    return parent.value == node || parent.computed;
  return !/^(Labeled|Break|Continue)/.test(parent.type);
}

/** How an identifier's place declares it, or undefined. */
function declares(node: Node, parent: Node): Entry["kind"] | undefined {
  if (isFunction(parent) && parent.id == node) return "function";
  if (isFunction(parent) && parent.params.includes(node)) return "param";
  if (parent.type == "VariableDeclarator" && parent.id == node) return "variable";
  if (parent.type == "ClassDeclaration" && parent.id == node) return "class";
  if (parent.type == "CatchClause" && parent.param == node) return "variable";
  return undefined;
}

function writes(node: Node, path: Node[]): boolean {
  const parent = path.at(-1)!;
  if (parent.type == "AssignmentExpression") return parent.left == node;
  if (parent.type == "VariableDeclarator")
    return parent.id == node && (!!parent.init || /^For(In|Of)/.test(path.at(-3)?.type ?? ""));
  return parent.type == "UpdateExpression" || (/^For(In|Of)/.test(parent.type) && parent.left == node);
}

type Visit = (node: Node, path: Node[]) => void;

/** Visits each identifier that is a variable's name, with the nodes around it: `path`, which is used again. */
function eachName(node: Node, path: Node[], visit: Visit): void {
  if (node.type == "Identifier") {
    if (isName(node, path.at(-1)!)) visit(node, path);
    return;
  }
  path.push(node);
  for (const child of childrenOf(node)) eachName(child, path, visit);
  path.pop();
}

const emptyEntry = (name: string): Entry => ({
  name,
  kind: "unknown",
  node: undefined,
  path: [],
  owner: undefined,
  block: false,
  uses: [],
  writes: [],
});

/** Every name of a tree of `parseUnique`, with all its uses. */
export function namesOf(program: Node): Names {
  const names: Names = new Map();
  eachName(program, [], (node, around) => {
    const path = around.slice();
    let entry = names.get(node.name);
    if (!entry) names.set(node.name, (entry = emptyEntry(node.name)));
    const kind = declares(node, path.at(-1)!);
    if (writes(node, path)) entry.writes.push({ node, path });
    if (!kind) return void entry.uses.push({ node, path });
    const outside = kind == "function" ? path.slice(0, -1) : path;
    const owner = functionOf(outside);
    const home = outside.findLast((one) => /Program|BlockStatement|^For|Catch|Switch/.test(one.type));
    const block = kind != "param" && home != (owner ? owner.body : program);
    Object.assign(entry, { kind, node: path.at(-1), path, owner: kind == "param" ? functionOf(path) : owner, block });
  });
  return names;
}

/** Whether a name means the same thing everywhere in the program. */
export const isTop = (entry: Entry | undefined): boolean =>
  entry !== undefined && entry.kind != "unknown" && !entry.owner && !entry.block;

/** Whether a function needs nothing of the functions around it. */
export function isClosed(fn: Node, names: Names): boolean {
  let closed = true;
  eachName(fn, [{ type: "Program" }], (node) => {
    const entry = names.get(node.name);
    if (entry && entry.kind != "unknown" && !isTop(entry) && !entry.path.includes(fn)) closed = false;
  });
  walk(fn, (node) => {
    if (node.type == "ThisExpression") closed = false;
  });
  return closed;
}
