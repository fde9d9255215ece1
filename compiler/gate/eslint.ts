/** The gate as rules of ESLint, on the TypeScript of the device: the same checks, while you type. */

import type { Rule } from "eslint";

import type { Scopes } from "../parse.js";
import { walk, type Node } from "../tree.js";
import { callChecks, collectMember } from "./calls.js";
import { boxChecks } from "./boxes.js";
import { classChecks } from "./classes.js";
import { finallyChecks } from "./finally.js";
import { OWN_MODULES } from "./features.js";
import { literalChecks } from "./literals.js";
import { regexpChecks } from "./regexp.js";
import { checkScopes } from "./scopes.js";
import { checkType, syntaxChecks } from "./syntax.js";
import type { Program, Report, Visitors } from "./types.js";

type RuleModule = Rule.RuleModule;

/** What TypeScript turns into something that Espruino runs, at the target of tsconfig.json. */
const COMPILED_AWAY = new Set(["bare-field", "field-this", "logical-assignment", "optional-chaining", "syntax"]);

const reporter =
  (context: Rule.RuleContext): Report =>
  (rule, node, message) => {
    if (!COMPILED_AWAY.has(rule)) context.report({ node: node as never, message: `${message} (${rule})` });
  };

/** A rule out of one table of checks. */
function ruleOf(table: (program: Program) => Visitors): RuleModule {
  return {
    meta: { type: "problem", schema: [] },
    create(context) {
      const program: Program = { members: new Set(), modules: new Set(OWN_MODULES) };
      walk(context.sourceCode.ast as unknown as Node, (node) => collectMember(node, program.members));
      const report = reporter(context);
      const checks = Object.entries(table(program));
      return Object.fromEntries(checks.map(([type, visit]) => [type, (node: Node) => visit(node, report)]));
    },
  };
}

/** Object spread compiles to Object.assign. */
const isObjectSpread = (node: Node): boolean => node.type == "SpreadElement" && node.parent.type == "ObjectExpression";

const nodes: RuleModule = {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    "*"(node: Node) {
      if (!isObjectSpread(node)) checkType(node, reporter(context));
    },
  }),
};

const scopes: RuleModule = {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    "Program:exit"() {
      checkScopes(context.sourceCode.scopeManager as unknown as Scopes, reporter(context), []);
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
