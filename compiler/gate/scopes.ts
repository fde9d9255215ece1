/** Checks of names in their scopes: Espruino neither hoists nor makes a variable for each turn of a loop. */

import type { Reference, Scope, Scopes, Variable } from "../parse.js";
import { isFunction, type Node } from "../tree.js";
import { GLOBALS } from "./features.js";
import { checkOrder } from "./order.js";
import { runsAtOnce } from "./reach.js";
import type { Report } from "./types.js";

const span = (node: Node): [number, number] => node.range ?? [node.start, node.end];

const isInside = (inner: Node, outer: Node) => span(inner)[0] >= span(outer)[0] && span(inner)[1] <= span(outer)[1];

/** The function that a scope's code runs as a part of. */
function runner(from: Scope, callbacks: boolean): Scope {
  const scope = from.variableScope;
  return scope.type == "function" && scope.upper && runsAtOnce(scope.block, callbacks)
    ? runner(scope.upper, callbacks)
    : scope;
}

/** The statement list of a `var`: outside it, its statement may not have run. */
function regionOf(declaration: Node) {
  let node = declaration;
  const parent = node.parent;
  if (/^For/.test(parent.type) && parent.body != node) node = parent;
  // The body of do runs at least once.
  if (node.parent.parent?.type == "DoWhileStatement") node = node.parent.parent;
  return node.parent;
}

/** Types have names too, but none at run time. */
const isValue = (reference: Reference) => reference.isValueReference !== false;

function checkHoisting(variable: Variable, report: Report) {
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

/** The name that a function or class expression has inside itself. */
const isInnerName = (variable: Variable) =>
  variable.scope.type == "function-expression-name" || variable.scope.type == "class";

function checkRegion(variable: Variable, report: Report) {
  const regions = variable.defs.flatMap((one) => (one.type == "Variable" ? [regionOf(one.parent!)] : [undefined]));
  if (regions.includes(undefined)) return;
  for (const reference of variable.references) {
    if (regions.some((region) => isInside(reference.identifier, region))) continue;
    const message = `In Espruino ${variable.name} does not exist unless its statement ran: declare it outside the block`;
    report("var-in-block", reference.identifier, message);
  }
}

function checkLoop(variable: Variable, report: Report) {
  if (variable.scope.type != "for") return;
  for (const reference of variable.references) {
    if (runner(reference.from, true) == runner(variable.scope, true)) continue;
    const message = `Espruino has one ${variable.name} for all turns of the loop: copy it with const in the body`;
    report("loop-closure", reference.identifier, message);
  }
}

/** A closure keeps the scopes that exist when it is made: a block's begins with its first let or const. */
function checkBlock(scope: Scope, report: Report): void {
  if (scope.type != "block") return;
  const lexical = scope.block.body.filter(
    (one: Node) => one.type == "VariableDeclaration" && one.kind != "var",
  ) as Node[];
  const first = lexical.length ? span(lexical[0]!)[0] : 0;
  for (const variable of scope.variables) {
    for (const { identifier, from } of variable.references) {
      const maker = outermostFunction(from, scope);
      if (!maker || span(maker)[0] >= first) continue;
      const message = `In Espruino the block of ${variable.name} begins with its first let or const: declare it before the function`;
      report("block-closure", identifier, message);
    }
  }
}

/** The outermost function between two scopes. */
function outermostFunction(from: Scope, until: Scope): Node | undefined {
  let found: Node | undefined;
  for (let at: Scope | null = from; at && at != until; at = at.upper) if (isFunction(at.block)) found = at.block;
  return found;
}

function checkGlobal(reference: Reference, report: Report, more: string[]) {
  const node = reference.identifier;
  if (!isValue(reference) || GLOBALS.has(node.name) || more.includes(node.name)) return;
  if (node.parent?.type == "UnaryExpression" && node.parent.operator == "typeof") return;
  report("missing-global", node, `Espruino for ESP32 has no ${node.name}`);
}

/** @param globals that this program may name besides Espruino's */
export function checkScopes(manager: Scopes, report: Report, globals: string[]) {
  for (const scope of manager.scopes) {
    for (const variable of scope.variables) {
      checkHoisting(variable, report);
      checkLoop(variable, report);
    }
    checkBlock(scope, report);
  }
  checkOrder(manager, report);
  for (const reference of globalReferences(manager.scopes[0])) checkGlobal(reference, report, globals);
}

/** References to names that the program does not declare. @param scope the outermost one */
function globalReferences(scope: Scope | undefined) {
  if (!scope) return [];
  const known = scope.variables.filter((one) => !one.defs.length).flatMap((one) => one.references);
  return scope.through.concat(known);
}
