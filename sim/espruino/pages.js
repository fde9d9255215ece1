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

/** Whether the thing is only called, or made with `new`. @param {Entry} entry */
const isOnlyCalled = (entry) =>
  entry.uses.every(({ node, path }) => path.at(-1).callee == node || isPassing(node, path.at(-1)));

const isPlain = (/** @type {any} */ node) =>
  node?.type == "Literal" ||
  (node?.type == "ArrayExpression" && node.elements.every(isPlain)) ||
  (node?.type == "ObjectExpression" && node.properties.every((/** @type {any} */ one) => isPlain(one.value)));

/** Whether a statement declares something that is never made of anything else. @param {any} statement */
const isConstant = (statement) =>
  statement.type == "VariableDeclaration" &&
  statement.declarations.length == 1 &&
  isPlain(statement.declarations[0].init);

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
 * @param {any} program of `flatten`; changed
 * @param {(position: number) => string | undefined} pageAt the page of a place in the source
 */
export function paginate(program, pageAt) {
  const names = namesOf(program);
  /** @type {Map<string, any[]>} */
  const pages = new Map();
  /** @type {Map<string, string>} */
  const homes = new Map();
  const movable = program.body.filter((/** @type {any} */ one) => /^(Function|Class)Declaration$/.test(one.type));
  for (const one of movable) {
    const page = pageAt(one.start);
    const entry = names.get(one.id.name);
    if (!page || !entry || !isTop(entry) || !isOnlyCalled(entry)) continue;
    pages.set(page, [...(pages.get(page) ?? []), one]);
    homes.set(one.id.name, page);
  }
  const onlyPage = (/** @type {Entry} */ entry) => {
    const found = new Set(entry.uses.map(({ path }) => homes.get(path[1]?.id?.name)));
    return found.size == 1 ? [...found][0] : undefined;
  };
  for (const one of program.body.filter(isConstant)) {
    const entry = names.get(one.declarations[0].id.name);
    const page = entry && entry.writes == 1 ? onlyPage(entry) : undefined;
    if (page) pages.get(page)?.unshift(one);
  }
  /** @type {Map<string, Set<string>>} */
  const exported = new Map([...pages.keys()].map((page) => [page, new Set()]));
  for (const [name, page] of homes) {
    for (const { node, path } of /** @type {Entry} */ (names.get(name)).uses) {
      const from = path.map((one) => homes.get(one.id?.name)).find(Boolean);
      if (from == page && path.some((one) => homes.get(one.id?.name) == page && movable.includes(one))) continue;
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
  const moved = new Set([...pages.values()].flat());
  const rest = program.body.filter((/** @type {any} */ one) => !moved.has(one));
  const is = (/** @type {RegExp} */ types) => rest.filter((/** @type {any} */ one) => types.test(one.type));
  const plain = rest.filter(
    (/** @type {any} */ one) =>
      one.type == "VariableDeclaration" &&
      one.declarations.every((/** @type {any} */ d) => !d.init || d.init.type == "Literal"),
  );
  const functions = is(/^FunctionDeclaration$/);
  const others = rest.filter((/** @type {any} */ one) => !plain.includes(one) && !functions.includes(one));
  const loaders = [...pages].flatMap(([page, things]) =>
    pageOf(
      page,
      things.sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type)),
      [...(exported.get(page) ?? [])],
    ),
  );
  program.body = [
    ...plain,
    ...(pages.size ? parse(keeper([...pages.keys()]), { ecmaVersion: 2022 }).body : []),
    ...functions,
    ...loaders,
    ...others,
  ];
}
