/**
 * Rewrites a program so that Node runs it as Espruino does where the two differ in silence: nothing is hoisted, the
 * stack is short, and an exhausted stack passes over `catch` and `finally`. Line numbers stay.
 */

import { parse, type AnyNode, type Program } from "acorn";
import MagicString from "magic-string";

/** Name of the stack counter that every realm defines. Long enough to collide with nobody. */
export const STACK = "$espruinoStack";

const ENTER = `if(${STACK}.n++>=${STACK}.most)${STACK}.overflow();try{`;
const LEAVE = `}finally{${STACK}.n--}`;

type Parents = Map<AnyNode, AnyNode>;

/** Calls `visit` for every node under `node`, parents first. */
function walk(node: AnyNode, visit: (node: AnyNode) => void): void {
  visit(node);
  for (const child of children(node)) walk(child, visit);
}

function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one && typeof (one as AnyNode).type === "string") yield one as AnyNode;
    }
  }
}

function parentsOf(program: Program): Parents {
  const parents: Parents = new Map();
  walk(program, (node) => {
    for (const child of children(node)) parents.set(child, node);
  });
  return parents;
}

/** Names that a function or program declares more than once; those stay as they are. */
function declaredTwice(names: string[]): Set<string> {
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

/** Names that one function declares, with parameters, without those of inner functions and of blocks. */
function declaredNames(scope: AnyNode): string[] {
  const names: string[] = [];
  const body = "params" in scope ? scope.body : scope;
  const visit = (node: AnyNode, parent: AnyNode): void => {
    if (node.type === "FunctionDeclaration" && node !== scope) names.push(node.id!.name);
    if (node.type === "VariableDeclaration" && (node.kind === "var" || parent === body)) {
      for (const { id } of node.declarations) if (id.type === "Identifier") names.push(id.name);
    }
    if (/Function/.test(node.type) && node !== scope) return;
    for (const child of children(node)) visit(child, node);
  };
  if ("params" in scope) for (const one of scope.params) if (one.type === "Identifier") names.push(one.name);
  visit(scope, scope);
  return names;
}

/** Wraps a function's body so that it counts as one call. */
function countCalls(text: MagicString, node: AnyNode): void {
  if (!("body" in node) || !/Function/.test(node.type)) return;
  const body = node.body as AnyNode;
  if (body.type === "BlockStatement") {
    text.appendLeft(body.start + 1, ENTER);
    text.prependRight(body.end - 1, LEAVE);
  } else {
    // An object as an arrow's value has parentheses that are no part of its node.
    const arrow = text.original.lastIndexOf("=>", body.start) + 2;
    text.appendLeft(arrow, `{${ENTER}return `);
    text.prependLeft(node.end, `${LEAVE}}`);
  }
}

/** Lets an exhausted stack through `catch` and past `finally`. */
function passOverflow(text: MagicString, node: AnyNode): void {
  if (node.type !== "TryStatement") return;
  if (node.handler?.param) {
    const name = text.original.slice(node.handler.param.start, node.handler.param.end);
    text.appendLeft(node.handler.body.start + 1, `if(${STACK}.dead)throw ${name};`);
  } else if (node.handler) {
    text.appendLeft(node.handler.body.start, "($espruinoError)");
    text.appendLeft(node.handler.body.start + 1, `if(${STACK}.dead)throw $espruinoError;`);
  }
  if (node.finalizer) {
    text.appendLeft(node.finalizer.start + 1, `if(!${STACK}.dead){`);
    text.prependRight(node.finalizer.end - 1, "}");
  }
}

/** `function f(){}` becomes a variable that has its value from there on. */
function bindFunction(text: MagicString, node: AnyNode, twice: Set<string>): void {
  if (node.type !== "FunctionDeclaration") return;
  const name = node.id!.name;
  text.appendRight(node.start, `${twice.has(name) ? "" : "let "}${name}=`);
  // Without its name: a function's own name inside itself could not be assigned.
  text.remove(node.id!.start, node.id!.end);
  text.appendLeft(node.end, ";");
}

/** A `var` does not exist before its statement ran: a `let` where that is the same, else a member of the global object. */
function bindVariable(text: MagicString, node: AnyNode, parent: AnyNode, global: boolean, twice: Set<string>): void {
  if (node.type !== "VariableDeclaration" || node.kind !== "var") return;
  const names = node.declarations.map((one) => (one.id.type === "Identifier" ? one.id.name : ""));
  const once = !names.some((name) => twice.has(name));
  if (once && /^(BlockStatement|Program)$/.test(parent.type)) {
    text.overwrite(node.start, node.start + 3, "let");
  } else if (global && !/^For/.test(parent.type)) {
    text.overwrite(node.start, node.start + 3, "");
    node.declarations.forEach((one, at) => {
      if (!one.init) text.appendLeft(one.end, `=globalThis.${names[at]}`);
    });
  }
}

/** The function that a node belongs to, or the program. */
function scopeOf(node: AnyNode, parents: Parents): AnyNode {
  let scope = parents.get(node)!;
  while (!/Function|^Program/.test(scope.type)) scope = parents.get(scope)!;
  return scope;
}

function rewriteScope(text: MagicString, scope: AnyNode, members: AnyNode[], parents: Parents, known: string[]): void {
  const global = scope.type === "Program";
  const twice = declaredTwice([...(global ? known : []), ...declaredNames(scope)]);
  for (const node of members) {
    const parent = parents.get(node)!;
    bindFunction(text, node, twice);
    // In a block inside a function it lives longer than the block.
    if (parent === scope || parents.get(parent) === scope) bindVariable(text, node, parent, global, twice);
  }
}

/**
 * A program that both the gate and acorn accept, made to behave as in Espruino.
 * @param known names that programs before it have left in the global scope
 */
export function instrument(source: string, known: string[] = []): string {
  const program = parse(source, { ecmaVersion: 2022, sourceType: "script" });
  const parents = parentsOf(program);
  const text = new MagicString(source);
  const scopes = new Map<AnyNode, AnyNode[]>();
  walk(program, (node) => {
    if ("directive" in node && node.directive) text.overwrite(node.start, node.end, '"";');
    if (/^(FunctionDeclaration|VariableDeclaration)$/.test(node.type)) {
      const scope = scopeOf(node, parents);
      scopes.set(scope, [...(scopes.get(scope) ?? []), node]);
    }
    countCalls(text, node);
    passOverflow(text, node);
  });
  for (const [scope, members] of scopes) rewriteScope(text, scope, members, parents, known);
  return text.toString();
}

/** Names that a program leaves in the global scope for those that run after it. */
export function globalNames(source: string): string[] {
  const program = parse(source, { ecmaVersion: 2022, sourceType: "script" });
  return program.body.flatMap((node) => {
    if (node.type === "VariableDeclaration") {
      return node.declarations.flatMap((one) => (one.id.type === "Identifier" ? [one.id.name] : []));
    }
    return node.type === "FunctionDeclaration" || node.type === "ClassDeclaration" ? [node.id.name] : [];
  });
}
