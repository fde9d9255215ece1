/**
 * Puts functions of the program on pages: functions around them, which make them when one of them is called and forget
 * them a second later. What always has to be there stays: whatever is handed to somebody who keeps it.
 */

import { parse } from "acorn";

import { assignment, identifier, isTop, namesOf, replace } from "./program.js";
import { isPassing } from "./rooms.js";

/** Nothing is hoisted: what others need comes first. */
const ORDER = ["VariableDeclaration", "FunctionDeclaration", "ClassDeclaration"];

/** How the names of the functions begin that make a page. */
export const MAKE = "make$";

/** Milliseconds that a page stays. */
const STAY = 1000;

/** @typedef {import("./program.js").Entry} Entry */
/** @typedef {Map<string, Entry>} Names */
/** @typedef {Map<string, any[]>} Pages what stands on each page */
/** @typedef {Map<string, string>} Homes the page of each function and class that has one */

/** Whether the thing is only called, or made with `new`. @param {Entry} entry */
const isOnlyCalled = (entry) =>
  entry.uses.every(({ node, path }) => path.at(-1).callee == node || isPassing(node, path.at(-1)));

const isPlain = (/** @type {any} */ node) =>
  node?.type == "Literal" ||
  (node?.type == "ArrayExpression" && node.elements.every(isPlain)) ||
  (node?.type == "ObjectExpression" && node.properties.every((/** @type {any} */ one) => isPlain(one.value)));

/** Methods that change what they are called on. */
const CHANGING = new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill"]);

/**
 * Whether a thing is changed where its name stands: one that is handed on is taken to stay as it is.
 * @param {any[]} path
 */
function isChanged(path) {
  const [outer, member] = [path.at(-2), path.at(-1)];
  if (member.type != "MemberExpression") return false;
  if (outer.type == "CallExpression") return outer.callee == member && CHANGING.has(member.property.name);
  if (outer.type == "AssignmentExpression") return outer.left == member;
  return outer.type == "UpdateExpression" || outer.operator == "delete";
}

/** Whether a statement declares what is written out, and never changes. @param {any} statement @param {Names} names */
function isConstant(statement, names) {
  if (statement.type != "VariableDeclaration" || statement.declarations.length != 1) return false;
  const { id, init } = statement.declarations[0];
  const entry = names.get(id.name);
  return isPlain(init) && entry?.writes == 1 && !entry.uses.some(({ path }) => isChanged(path));
}

const call = (/** @type {string} */ name) => ({
  type: "CallExpression",
  callee: identifier(name),
  arguments: [],
  optional: false,
});

const ret = (/** @type {any} */ argument) => ({ type: "ReturnStatement", argument });

const declaration = (/** @type {string} */ name, /** @type {any[]} */ body) => ({
  type: "FunctionDeclaration",
  id: identifier(name),
  params: [],
  body: { type: "BlockStatement", body },
});

/** `function make() { …; keep(); return page = { … } }` and `function page() { return page || make() }` */
function pageOf(/** @type {string} */ name, /** @type {any[]} */ things, /** @type {string[]} */ exported) {
  const properties = exported.map((one) => ({
    type: "Property",
    kind: "init",
    method: false,
    shorthand: false,
    computed: false,
    key: identifier(`_${one}`),
    value: identifier(one),
  }));
  const body = [
    ...things,
    { type: "ExpressionStatement", expression: call("keepPages") },
    ret(assignment(name, { type: "ObjectExpression", properties }).expression),
  ];
  const made = { type: "LogicalExpression", operator: "||", left: identifier(name), right: call(`${MAKE}${name}`) };
  return [declaration(`${MAKE}${name}`, body), declaration(`${name}Page`, [ret(made)])];
}

/** What forgets all pages, as text: it is the same for every program. @param {string[]} names */
const keeper = (names) => `
var pagesTimer;
function dropPages() { ${[...names, "pagesTimer"].map((name) => `${name} = undefined;`).join(" ")} }
function keepPages() { if (!pagesTimer) pagesTimer = setTimeout(dropPages, ${STAY}); }
${names.map((name) => `var ${name};`).join("\n")}`;

/**
 * Which functions and classes go to which page.
 * @param {any} program
 * @param {Names} names
 * @param {(position: number) => string | undefined} pageAt
 * @returns {Homes}
 */
function homesOf(program, names, pageAt) {
  const homes = new Map();
  for (const one of program.body) {
    if (!/^(Function|Class)Declaration$/.test(one.type)) continue;
    const page = pageAt(one.start);
    const entry = names.get(one.id.name);
    if (page && entry && isTop(entry) && isOnlyCalled(entry)) homes.set(one.id.name, page);
  }
  return homes;
}

/** The page that a name is used on, if there is one for all its uses. @param {Entry} entry @param {Homes} homes */
function onlyPage(entry, homes) {
  const found = new Set(entry.uses.map(({ path }) => homes.get(path[1]?.id?.name)));
  return found.size == 1 ? [...found][0] : undefined;
}

/**
 * Functions, classes, and the constants that only they need.
 * @param {any} program
 * @param {Names} names
 * @param {Homes} homes
 * @returns {Pages}
 */
function contentsOf(program, names, homes) {
  const pages = new Map();
  for (const one of program.body) {
    const name = (one.id ?? one.declarations?.[0].id)?.name;
    const constant = isConstant(one, names);
    const page = constant ? onlyPage(/** @type {Entry} */ (names.get(name)), homes) : one.id && homes.get(name);
    const others = pages.get(page) ?? [];
    if (page) pages.set(page, constant ? [one, ...others] : [...others, one]);
  }
  return pages;
}

/**
 * Asks for the page wherever its things are used elsewhere.
 * @param {Names} names
 * @param {Homes} homes
 * @returns {Map<string, Set<string>>} what each page gives
 */
function link(names, homes) {
  const exported = new Map([...homes.values()].map((page) => [page, new Set()]));
  for (const [name, page] of homes) {
    for (const { node, path } of /** @type {Entry} */ (names.get(name)).uses) {
      if (homes.get(path[1]?.id?.name) == page) continue;
      exported.get(page)?.add(name);
      replace(path.at(-1), node, {
        type: "MemberExpression",
        computed: false,
        optional: false,
        object: call(`${page}Page`),
        property: identifier(`_${name}`),
        loc: node.loc,
      });
    }
  }
  return exported;
}

const isPlainVariable = (/** @type {any} */ one) =>
  one.type == "VariableDeclaration" &&
  one.declarations.every((/** @type {any} */ { init }) => !init || init.type == "Literal");

/**
 * @param {any} program of `flatten`; changed
 * @param {(position: number) => string | undefined} pageAt the page of a place in the source
 */
export function paginate(program, pageAt) {
  const names = namesOf(program);
  const homes = homesOf(program, names, pageAt);
  const pages = contentsOf(program, names, homes);
  const exported = link(names, homes);
  const moved = new Set([...pages.values()].flat());
  const rest = program.body.filter((/** @type {any} */ one) => !moved.has(one));
  const variables = rest.filter(isPlainVariable);
  const functions = rest.filter((/** @type {any} */ one) => one.type == "FunctionDeclaration");
  const others = rest.filter((/** @type {any} */ one) => !variables.includes(one) && !functions.includes(one));
  const loaders = [...pages].flatMap(([page, things]) => {
    const sorted = things.sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
    return pageOf(page, sorted, [...(exported.get(page) ?? [])]);
  });
  const keeping = pages.size ? parse(keeper([...pages.keys()]), { ecmaVersion: 2022 }).body : [];
  program.body = [...variables, ...keeping, ...functions, ...loaders, ...others];
}
