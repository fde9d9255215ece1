/** The gate as rules of ESLint, on the TypeScript of the device: the same checks, while you type. */

import { OWN_MODULES } from "./features.js";
import { callChecks, collectMember } from "../passes/calls.js";
import { boxChecks } from "./boxes.js";
import { classChecks } from "./classes.js";
import { finallyChecks } from "./finally.js";
import { literalChecks } from "./literals.js";
import { regexpChecks } from "./regexp.js";
import { checkScopes } from "./scopes.js";
import { checkType, syntaxChecks } from "./syntax.js";
import { walk } from "../passes/tree.js";

/** @typedef {import("eslint").Rule.RuleModule} RuleModule */
/** @typedef {import("./types.js").Visitors} Visitors */

/** What TypeScript turns into something that Espruino runs, at the target of tsconfig.json. */
const COMPILED_AWAY = new Set(["bare-field", "field-this", "logical-assignment", "optional-chaining", "syntax"]);

/** @param {import("eslint").Rule.RuleContext} context @returns {import("./types.js").Report} */
const reporter = (context) => (rule, node, message) => {
  if (!COMPILED_AWAY.has(rule)) context.report({ node, message: `${message} (${rule})` });
};

/**
 * A rule out of one table of checks.
 * @param {(program: import("./types.js").Program) => Visitors} table
 * @returns {RuleModule}
 */
function ruleOf(table) {
  return {
    meta: { type: "problem", schema: [] },
    create(context) {
      const program = { members: new Set(), modules: new Set(OWN_MODULES) };
      walk(context.sourceCode.ast, (node) => collectMember(node, program.members));
      const report = reporter(context);
      const checks = Object.entries(table(program));
      return Object.fromEntries(
        checks.map(([type, visit]) => [type, (/** @type {any} */ node) => visit(node, report)]),
      );
    },
  };
}

/** Object spread compiles to Object.assign. @param {any} node */
const isObjectSpread = (node) => node.type == "SpreadElement" && node.parent.type == "ObjectExpression";

/** @type {RuleModule} */
const nodes = {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    "*": (/** @type {any} */ node) => isObjectSpread(node) || checkType(node, reporter(context)),
  }),
};

/** @type {RuleModule} */
const scopes = {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    "Program:exit"() {
      const manager = context.sourceCode.scopeManager;
      checkScopes(/** @type {any} */ (manager), reporter(context), []);
    },
  }),
};

export default {
  rules: {
    nodes,
    scopes,
    syntax: ruleOf(() => syntaxChecks),
    classes: ruleOf(() => classChecks),
    literals: ruleOf(() => literalChecks),
    regexp: ruleOf(() => regexpChecks),
    calls: ruleOf(callChecks),
    finally: ruleOf(() => finallyChecks),
    boxes: ruleOf(() => boxChecks),
  },
};
