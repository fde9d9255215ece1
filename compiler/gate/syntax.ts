/** Checks of the grammar: node types that Espruino's parser has, and where it reads one otherwise than the standard. */

import { walk, type Node } from "../tree.js";
import { ERRORS } from "./features.js";
import type { Report, Visitors } from "./types.js";

/** Node types that both Linux builds of 2v29 run right, subject to the checks below. */
const SUPPORTED = new Set(
  `Program ExpressionStatement BlockStatement EmptyStatement ReturnStatement IfStatement SwitchStatement SwitchCase
  ThrowStatement TryStatement CatchClause WhileStatement DoWhileStatement ForStatement ForInStatement ForOfStatement
  BreakStatement ContinueStatement FunctionDeclaration VariableDeclaration VariableDeclarator ThisExpression
  ArrayExpression ObjectExpression Property FunctionExpression UnaryExpression UpdateExpression BinaryExpression
  AssignmentExpression LogicalExpression MemberExpression ConditionalExpression CallExpression NewExpression
  SequenceExpression ArrowFunctionExpression TemplateLiteral TemplateElement ClassDeclaration ClassExpression ClassBody
  MethodDefinition PropertyDefinition Super Identifier Literal`.split(/\s+/),
);

/** Rule and advice for the others. */
const UNSUPPORTED: Record<string, [rule: string, message: string]> = {
  ArrayPattern: ["destructuring", "Espruino has no destructuring: read the elements one by one"],
  ObjectPattern: ["destructuring", "Espruino has no destructuring: read the members one by one"],
  AssignmentPattern: ["default-parameter", "Espruino has no default parameters: test for undefined in the body"],
  RestElement: ["rest", "Espruino has no rest parameters: use arguments"],
  SpreadElement: ["spread", "Espruino has no spread: use apply, concat or Object.assign"],
  ChainExpression: ["optional-chaining", "Espruino has no ?. : test with && first"],
  YieldExpression: ["generator", "Espruino has no generators: use a callback"],
  AwaitExpression: ["async", "Espruino has no async functions: use a callback or then"],
  LabeledStatement: ["label", "Espruino has no labels: move the loop into a function and return"],
  WithStatement: ["with", "Espruino has no with"],
  DebuggerStatement: ["debugger", "debugger stops the device until somebody types at its console"],
  TaggedTemplateExpression: ["tagged-template", "Espruino has no tagged templates: call the function with a string"],
  MetaProperty: ["meta-property", "Espruino has neither new.target nor import.meta"],
  ImportExpression: ["dynamic-import", "Espruino has no import(): use require"],
  StaticBlock: ["static-block", "Espruino has no static blocks: assign after the class"],
  PrivateIdentifier: ["private-name", "Espruino has no #private members: name it _private, the build shortens that"],
};

/** Refuses every node type that is not known to run. */
export function checkType(node: Node, report: Report): void {
  if (SUPPORTED.has(node.type)) return;
  const [rule, message] = UNSUPPORTED[node.type] ?? ["syntax", `${node.type} is not known to run in Espruino`];
  report(rule, node, message);
}

function checkFunction(node: Node, report: Report) {
  if (node.async) report("async", node, "Espruino has no async functions: use a callback or then");
  if (node.generator) report("generator", node, "Espruino has no generators: use a callback");
}

function checkJump(node: Node, report: Report) {
  if (node.label) report("label", node, "Espruino has no labels: move the loop into a function and return");
}

/** Whether an expression can change a variable: it calls, or assigns. */
export function mayChange(node: Node): boolean {
  let found = false;
  walk(node, (one) => {
    if (/^(Call|New|Assignment|Update)Expression$/.test(one.type)) found = true;
    return !/Function/.test(one.type);
  });
  return found;
}

/** Whether a declaration in `parent` belongs to a whole function or program. */
const isFunctionBody = (parent: Node) => /^(Program|Export)/.test(parent.type) || /Function/.test(parent.parent?.type);

/** Whether anybody looks at the value of an expression. */
function isValueUsed(node: Node): boolean {
  const parent = node.parent;
  if (parent.type == "ExpressionStatement") return false;
  if (parent.type == "SequenceExpression") return parent.expressions.at(-1) == node && isValueUsed(parent);
  if (parent.type == "LogicalExpression") return parent.left == node || isValueUsed(parent);
  if (parent.type == "ConditionalExpression") return parent.test == node || isValueUsed(parent);
  return true;
}

/** Whether a function's text ends with the statement. */
function endsFunction(node: Node): boolean {
  const parent = node.parent;
  if (parent.type != "BlockStatement") return /^(If|For|While)/.test(parent.type) && endsFunction(parent);
  return parent.body.at(-1) == node && /Function/.test(parent.parent.type);
}

export const syntaxChecks: Visitors = {
  FunctionExpression: checkFunction,
  ArrowFunctionExpression: checkFunction,
  BreakStatement: checkJump,
  ContinueStatement: checkJump,

  ReturnStatement(node, report) {
    const bare = node.range[1] - node.range[0] == "return".length;
    if (bare && endsFunction(node)) {
      report("bare-return", node, "Espruino looks for a value behind a return that ends a function: write return;");
    }
  },
  FunctionDeclaration(node, report) {
    checkFunction(node, report);
    if (!isFunctionBody(node.parent)) {
      report(
        "inner-function",
        node,
        "In Espruino this function belongs to the whole function around it: use const f = …",
      );
    }
  },
  ClassDeclaration(node, report) {
    if (!isFunctionBody(node.parent)) {
      report("inner-class", node, "In Espruino this class belongs to the whole function around it: move it out");
    }
  },
  SwitchCase(node, report) {
    for (const one of node.consequent) {
      if (one.type != "VariableDeclaration" || one.kind == "var") continue;
      report("case-declaration", one, "Espruino's switch has no scope of its own: put the case into braces");
    }
    if (node.test && mayChange(node.test)) {
      report("case-value", node.test, "Espruino reads what it switches on at each case: compute the value before");
    }
  },
  DoWhileStatement(node, report) {
    if (isBareInCase(node))
      report("case-do", node, "Espruino goes on behind a do that a break has skipped: use while, or a function");
  },
  ArrayExpression(node, report) {
    if (node.elements.includes(null)) report("array-hole", node, "Espruino fails on holes in arrays: write undefined");
  },
  SwitchStatement(node, report) {
    const index = node.cases.findIndex((one: Node) => !one.test);
    if (index >= 0 && index < node.cases.length - 1) {
      report("default-not-last", node.cases[index], "Espruino throws on a case after default: move default to the end");
    }
  },
  Property(node, report) {
    if (node.computed) report("computed-key", node, "Espruino has no computed keys: assign object[key] afterwards");
  },
  MemberExpression(node, report) {
    if (node.computed && node.property.type == "SequenceExpression") {
      report("comma-index", node.property, "Espruino fails on a comma in []: compute the index before");
    }
  },
  AssignmentExpression(node, report) {
    const operator = node.operator;
    if (operator == "||=" || operator == "&&=" || operator == "??=") {
      report("logical-assignment", node, `Espruino has no ${operator} : use if`);
    }
    if (operator == "**=") report("exponent", node, "Espruino has no ** : multiply or shift");
    checkLengthTarget(node.left, report);
    if (operator != "=" && mayChange(node.left) && mayChange(node.right)) {
      report("compound-assignment", node, `Espruino reads the target after the right side of ${operator} : call first`);
    }
  },
  UpdateExpression(node, report) {
    checkLengthTarget(node.argument, report);
  },
  BinaryExpression(node, report) {
    if (node.operator == "**") report("exponent", node, "Espruino has no ** : multiply or shift");
    if (node.operator == "instanceof" && ERRORS.has(node.right.name)) {
      report("error-class", node, "Espruino's own errors are of no fixed class: give yours a code and test that");
    }
  },
  UnaryExpression(node, report) {
    if (node.operator == "delete" && isValueUsed(node)) {
      report("delete-value", node, "In Espruino delete returns false for a missing member: do not use its value");
    }
  },
};

/** Whether a case of a switch holds a statement with no braces between. */
function isBareInCase(node: Node): boolean {
  let at = node.parent;
  while (/Statement$/.test(at.type) && at.type != "BlockStatement") at = at.parent;
  return at.type == "SwitchCase";
}

function checkLengthTarget(target: Node, report: Report) {
  if (target.type == "MemberExpression" && !target.computed && target.property.name == "length") {
    report("length-assignment", target, "Espruino cannot set length: use splice, or a new array");
  }
}
