/** A program as a syntax tree in which every declared name is used for one thing only, so that code can be moved freely. */

import { parse } from "acorn";
import { analyze } from "eslint-scope";

import { walk } from "./tree.js";

/**
 * What stands behind a name.
 * @typedef {object} Entry
 * @property {string} name
 * @property {"function" | "class" | "param" | "variable" | "unknown"} kind unknown: a global of Espruino
 * @property {any} node what declares it
 * @property {any[]} path of the declaration: what it stands in, outermost first
 * @property {any} owner function that it belongs to; undefined at the top of the program
 * @property {boolean} block whether it belongs to a block, not to the whole function
 * @property {{ node: any, path: any[] }[]} uses all but the declaration
 * @property {number} writes
 */

const isFunction = (/** @type {any} */ node) => /Function/.test(node.type);

/** The innermost function of a path. @param {any[]} path */
export const functionOf = (path) => path.findLast(isFunction);

/**
 * @param {string} code a script
 * @returns {{ program: any, comments: any[] }} the tree, each declared name in it unique
 */
export function parseUnique(code) {
  /** @type {any[]} */
  const comments = [];
  const options = { ecmaVersion: /** @type {const} */ (2022), sourceType: /** @type {const} */ ("script") };
  const located = { locations: true, sourceFile: "chunk" };
  const program = parse(code, { ...options, ...located, ranges: true, onComment: comments });
  const manager = analyze(/** @type {any} */ (program), options);
  const scopes = manager.scopes.filter((scope) => scope.type != "class");
  const taken = new Set(manager.globalScope?.through.map((one) => one.identifier.name));
  for (const scope of manager.scopes) if (scope.type == "class") for (const one of scope.variables) taken.add(one.name);
  for (const variable of scopes.flatMap((scope) => scope.variables)) {
    if (!variable.defs.length || variable.defs[0].type == "ClassName") continue;
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

/** Whether an identifier stands for a variable, and is not the name of a member. @param {any} node @param {any} parent */
function isName(node, parent) {
  if (parent.type == "MemberExpression") return parent.object == node || parent.computed;
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type))
    return parent.value == node || parent.computed;
  return !/^(Labeled|Break|Continue)/.test(parent.type);
}

/** How an identifier's place declares it, or undefined. @param {any} node @param {any} parent @returns {Entry["kind"] | undefined} */
function declares(node, parent) {
  if (isFunction(parent) && parent.id == node) return "function";
  if (isFunction(parent) && parent.params.includes(node)) return "param";
  if (parent.type == "VariableDeclarator" && parent.id == node) return "variable";
  if (parent.type == "ClassDeclaration" && parent.id == node) return "class";
  if (parent.type == "CatchClause" && parent.param == node) return "variable";
  return undefined;
}

/** @param {any} node @param {any} parent */
function writes(node, parent) {
  if (parent.type == "AssignmentExpression") return parent.left == node;
  if (parent.type == "VariableDeclarator") return parent.id == node && !!parent.init;
  return parent.type == "UpdateExpression" || (/^For(In|Of)/.test(parent.type) && parent.left == node);
}

/** Visits each identifier that is a variable's name, with all that it stands in. */
function eachName(
  /** @type {any} */ node,
  /** @type {any[]} */ path,
  /** @type {(node: any, path: any[]) => void} */ visit,
) {
  if (node.type == "Identifier" && isName(node, path.at(-1))) visit(node, path);
  const inside = [...path, node];
  for (const child of Object.values(node).flat()) if (child?.type && child != node) eachName(child, inside, visit);
}

/** Every name of a tree that `parseUnique` gave, as it is now. @returns {Map<string, Entry>} */
export function namesOf(/** @type {any} */ program) {
  /** @type {Map<string, Entry>} */
  const names = new Map();
  eachName(program, [], (node, path) => {
    const parent = path.at(-1);
    let entry = names.get(node.name);
    if (!entry) {
      entry = {
        name: node.name,
        kind: "unknown",
        node: undefined,
        path: [],
        owner: undefined,
        block: false,
        uses: [],
        writes: 0,
      };
      names.set(node.name, entry);
    }
    const kind = declares(node, parent);
    if (writes(node, parent)) entry.writes++;
    if (!kind) return void entry.uses.push({ node, path });
    const outside = kind == "function" ? path.slice(0, -1) : path;
    const owner = functionOf(outside);
    const home =
      kind == "param" ? owner : outside.findLast((one) => /Program|BlockStatement|^For|Catch|Switch/.test(one.type));
    entry.kind = kind;
    entry.node = parent;
    entry.path = path;
    entry.owner = owner;
    entry.block = kind != "param" && home != (owner ? owner.body : program);
  });
  return names;
}

/** Whether a name means the same thing wherever it stands. @param {Entry | undefined} entry */
export const isTop = (entry) => !!entry && entry.kind != "unknown" && !entry.owner && !entry.block;

/** Whether a function needs nothing of the functions that it stands in. @param {any} fn @param {Map<string, Entry>} names */
export function isClosed(fn, names) {
  let closed = true;
  eachName(fn, [undefined], (node) => {
    const entry = names.get(node.name);
    if (entry && entry.kind != "unknown" && !isTop(entry) && !entry.path.includes(fn)) closed = false;
  });
  walk(fn, (node) => {
    if (node.type == "ThisExpression") closed = false;
  });
  return closed;
}

/** Puts a node in another's place. @param {any} parent @param {any} node @param {any} next */
export function replace(parent, node, next) {
  for (const [key, value] of Object.entries(parent)) {
    if (value == node) parent[key] = next;
    else if (Array.isArray(value) && value.includes(node)) value.splice(value.indexOf(node), 1, next);
  }
}

/** @param {string} name @param {any} [like] whose place in the source the new node takes */
export const identifier = (name, like) => ({ type: "Identifier", name, loc: like?.loc, start: like?.start });

/** The statement `name = value`. @param {string} name @param {any} value */
export const assignment = (name, value) => ({
  type: "ExpressionStatement",
  loc: value.loc,
  expression: {
    type: "AssignmentExpression",
    operator: "=",
    left: identifier(name, value),
    right: value,
    loc: value.loc,
  },
});

/** Takes a variable's declaration out of a program. @param {any} program @param {string} name */
export function undeclare(program, name) {
  program.body = program.body.filter(
    (/** @type {any} */ one) =>
      one.type != "VariableDeclaration" || one.declarations.length != 1 || one.declarations[0].id.name != name,
  );
}
