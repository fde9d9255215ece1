/** Checks of names in their scopes: Espruino neither hoists nor gives each turn of a loop its own variable. */

import { GLOBALS } from "./features.js";
import { walk } from "../passes/tree.js";

/** @typedef {import("./types.js").Report} Report */
/** @typedef {import("eslint").Scope.Scope} Scope */
/** @typedef {import("eslint").Scope.Variable} Variable */
/** @typedef {import("eslint").Scope.Reference} Reference */

/** Methods that call their argument before they return. */
const IMMEDIATE = /^(every|filter|find|findIndex|forEach|map|reduce|replace|some|sort)$/;

/** @param {any} node @returns {[number, number]} */
const span = (node) => node.range ?? [node.start, node.end];

/** @param {any} inner @param {any} outer */
const isInside = (inner, outer) => span(inner)[0] >= span(outer)[0] && span(inner)[1] <= span(outer)[1];

/** A function that runs where it stands. @param {any} node @param {boolean} callbacks count those given to `map` and its like */
function runsAtOnce(node, callbacks) {
  const parent = node.parent;
  if (parent?.type != "CallExpression") return false;
  if (parent.callee == node) return true;
  return callbacks && parent.callee.type == "MemberExpression" && IMMEDIATE.test(parent.callee.property.name ?? "");
}

/**
 * The function that a scope's code runs as a part of.
 * @param {Scope} from
 * @param {boolean} callbacks
 * @returns {Scope}
 */
function runner(from, callbacks) {
  const scope = from.variableScope;
  return scope.type == "function" && scope.upper && runsAtOnce(scope.block, callbacks)
    ? runner(scope.upper, callbacks)
    : scope;
}

/** The statement list that a `var` stands in: outside it, its statement may not have run. @param {any} declaration */
function regionOf(declaration) {
  let node = declaration;
  const parent = node.parent;
  if (/^For/.test(parent.type) && parent.body != node) node = parent;
  // The body of do runs at least once.
  if (node.parent.parent?.type == "DoWhileStatement") node = node.parent.parent;
  return node.parent;
}

/** Types have names too, but none at run time. @param {any} reference */
const isValue = (reference) => reference.isValueReference !== false;

/** @param {Variable} variable @param {Report} report */
function checkHoisting(variable, report) {
  const definition = variable.defs.find((one) => /^(Variable|FunctionName|ClassName)$/.test(one.type));
  if (!definition || !definition.name || isInnerName(variable)) return;
  const start = span(definition.name)[0];
  for (const reference of variable.references) {
    if (!isValue(reference) || span(reference.identifier)[0] >= start) continue;
    if (runner(reference.from, true) != runner(variable.scope, true)) continue;
    const message = `Espruino does not hoist: ${variable.name} is used before its statement, move it up`;
    report("hoisting", reference.identifier, message);
  }
  if (definition.type == "Variable" && definition.parent?.kind == "var") checkRegion(variable, report);
}

/** The name that a function or class expression has inside itself. @param {Variable} variable */
const isInnerName = (variable) => variable.scope.type == "function-expression-name" || variable.scope.type == "class";

/** @param {Variable} variable @param {Report} report */
function checkRegion(variable, report) {
  const regions = variable.defs.flatMap((one) => (one.type == "Variable" ? [regionOf(one.parent)] : [undefined]));
  if (regions.includes(undefined)) return;
  for (const reference of variable.references) {
    if (regions.some((region) => isInside(reference.identifier, region))) continue;
    const message = `In Espruino ${variable.name} does not exist unless its statement ran: declare it outside the block`;
    report("var-in-block", reference.identifier, message);
  }
}

/** @param {Variable} variable @param {Report} report */
function checkLoop(variable, report) {
  if (variable.scope.type != "for") return;
  for (const reference of variable.references) {
    if (runner(reference.from, true) == runner(variable.scope, true)) continue;
    const message = `Espruino has one ${variable.name} for all turns of the loop: copy it with const in the body`;
    report("loop-closure", reference.identifier, message);
  }
}

/** `a += g()` reads `a` after the call in Espruino: wrong where `g` writes it. @param {Variable} variable @param {Report} report */
function checkCompound(variable, report) {
  const writers = variable.references
    .filter((one) => one.isWrite() && !one.init)
    .map((one) => nameOfFunction(one.from));
  for (const reference of variable.references) {
    const node = /** @type {any} */ (reference.identifier).parent;
    if (node?.type != "AssignmentExpression" || node.operator == "=" || node.left != reference.identifier) continue;
    if (!callees(node.right).some((name) => writers.includes(name))) continue;
    report("compound-assignment", node, `Espruino reads ${variable.name} after the call: call first, then add`);
  }
}

/** The name that the function around a scope is called by. @param {Scope} from @returns {string | undefined} */
function nameOfFunction(from) {
  const node = /** @type {any} */ (from.variableScope.block);
  return node.id?.name ?? node.parent?.id?.name;
}

/** Names of the functions that an expression calls. @param {any} node @returns {string[]} */
function callees(node) {
  /** @type {string[]} */
  const names = [];
  walk(node, (one) => {
    if (one.type == "CallExpression" && one.callee.name) names.push(one.callee.name);
    return !/Function/.test(one.type);
  });
  return names;
}

/** @param {Reference} reference @param {Report} report @param {string[]} more */
function checkGlobal(reference, report, more) {
  const node = /** @type {any} */ (reference.identifier);
  if (!isValue(reference) || GLOBALS.has(node.name) || more.includes(node.name)) return;
  if (node.parent?.type == "UnaryExpression" && node.parent.operator == "typeof") return;
  report("missing-global", node, `Espruino for ESP32 has no ${node.name}`);
}

/**
 * @param {import("./types.js").Scopes} manager
 * @param {Report} report
 * @param {string[]} globals that this program may name besides Espruino's
 */
export function checkScopes(manager, report, globals) {
  for (const scope of manager.scopes) {
    for (const variable of scope.variables) {
      checkHoisting(variable, report);
      checkLoop(variable, report);
      checkCompound(variable, report);
    }
  }
  for (const reference of globalReferences(manager.scopes[0])) checkGlobal(reference, report, globals);
}

/** References to names that the program does not declare. @param {Scope | undefined} scope the outermost one */
function globalReferences(scope) {
  if (!scope) return [];
  const known = scope.variables.filter((one) => !one.defs.length).flatMap((one) => one.references);
  return scope.through.concat(known);
}
