/** Takes away what a flat program has no need of: second names, parameters that are always the same, objects of rooms. */

import { assignment, identifier, isTop, replace, undeclare } from "./program.js";
import { isLiteral } from "./rooms.js";

/** @typedef {import("./program.js").Entry} Entry */
/** @typedef {import("./flat.js").Flat} Flat */

/** A second name for the same thing goes. @param {Flat} flat */
export function dropAlias(flat) {
  for (const { block, statement } of flat.statements()) {
    const given = flat.given(statement);
    const entry = given && flat.names.get(given.name);
    if (!entry || given.value.type != "Identifier" || !isTop(entry) || entry.writes != 1) continue;
    if (!flat.isFixed(given.value.name)) continue;
    const left = statement.expression?.left;
    for (const use of entry.uses) if (use.node != left) use.node.name = given.value.name;
    block.body.splice(block.body.indexOf(statement), 1);
    undeclare(flat.program, given.name);
    return true;
  }
  return false;
}

/** A parameter that is always the same thing goes. @param {Flat} flat */
export function dropParameter(flat) {
  for (const fn of flat.program.body) {
    if (fn.type != "FunctionDeclaration") continue;
    const uses = flat.names.get(fn.id.name)?.uses ?? [];
    const calls = uses.map((use) => (use.path.at(-1).callee == use.node ? use.path.at(-1) : undefined));
    if (!calls.length || calls.some((call) => call?.type != "CallExpression")) continue;
    for (const [i, param] of fn.params.entries()) {
      const entry = flat.names.get(param.name);
      const values = calls.map((call) => call.arguments[i]);
      const name = values.find((value) => value?.type == "Identifier" && value.name != param.name)?.name;
      if (!entry || entry.writes || !name || !flat.isFixed(name)) continue;
      if (values.some((value) => value?.name != name && value?.name != param.name)) continue;
      flat.rename(entry, name);
      fn.params.splice(i, 1);
      for (const call of calls) call.arguments.splice(i, 1);
      return true;
    }
  }
  return false;
}

/** An object of which only members are used becomes its members. @param {Flat} flat */
export function dropObject(flat) {
  for (const { block, statement } of flat.statements()) {
    const given = flat.given(statement);
    const entry = given && flat.names.get(given.name);
    if (!entry || given.value.type != "ObjectExpression" || !isTop(entry) || entry.writes != 1) continue;
    const left = statement.expression?.left;
    const uses = entry.uses.filter((use) => use.node != left);
    const properties = given.value.properties;
    const keys = new Map(
      properties.map((/** @type {any} */ one) => [one.computed ? undefined : one.key?.name, one.value]),
    );
    const plain = properties.every(
      (/** @type {any} */ one) => one.type == "Property" && one.kind == "init" && !/Function/.test(one.value.type),
    );
    const members = uses.map((use) => use.path.at(-1));
    const apart = members.every(
      (one, i) =>
        one.type == "MemberExpression" && !one.computed && one.object == uses[i].node && keys.has(one.property.name),
    );
    if (!plain || !apart) continue;
    split(flat, given.name, uses, keys, block, statement);
    return true;
  }
  return false;
}

/**
 * @param {Flat} flat
 * @param {string} object
 * @param {Entry["uses"]} uses
 * @param {Map<string, any>} keys
 * @param {any} block
 * @param {any} statement
 */
function split(flat, object, uses, keys, block, statement) {
  const written = new Set(
    uses
      .filter((use) => /Assignment|Update/.test(use.path.at(-2).type) && use.path.at(-2).right != use.path.at(-1))
      .map((use) => use.path.at(-1).property.name),
  );
  /** @type {any[]} */
  const statements = [];
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const [key, value] of keys) {
    const same = value.type == "Identifier" && !written.has(key) && flat.isFixed(value.name);
    names.set(key, same ? value.name : flat.fresh(`${object}$${key}`));
    if (same) continue;
    const first = block == flat.program && isLiteral(value);
    flat.declare(/** @type {string} */ (names.get(key)), first ? value : undefined);
    if (!first) statements.push(assignment(/** @type {string} */ (names.get(key)), value));
  }
  for (const use of uses) {
    const member = use.path.at(-1);
    replace(use.path.at(-2), member, identifier(/** @type {string} */ (names.get(member.property.name)), member));
  }
  block.body.splice(block.body.indexOf(statement), 1, ...statements);
  undeclare(flat.program, object);
}
