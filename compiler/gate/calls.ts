/** Checks of members and calls: what Espruino's objects lack, and the arguments that it passes over. */

import { ABSENT_METHODS, CONSTRUCTORS, MEMBERS, MODULES } from "./features.js";
import type { Program, Report, Visitors } from "./types.js";
import type { Node } from "../tree.js";

/** The name behind the dot, or between the brackets where it is plain text. */
function memberName(node: Node): string | undefined {
  if (node?.type != "MemberExpression") return undefined;
  if (!node.computed) return node.property.name;
  return typeof node.property.value == "string" ? node.property.value : undefined;
}

const isNothing = (node: Node) =>
  !node ||
  node.value === null ||
  node.name == "undefined" ||
  (node.type == "UnaryExpression" && node.operator == "void");

const isFunction = (node: Node) => /^(Arrow)?FunctionExpression$/.test(node?.type ?? "");

/** Names of all members that a program defines itself. */
export function collectMember(node: Node, members: Set<string>) {
  const key = /^(Property|MethodDefinition|PropertyDefinition)$/.test(node.type) ? node.key : undefined;
  const name = key ? (key.name ?? key.value) : node.type == "AssignmentExpression" && memberName(node.left);
  if (name) members.add(String(name));
}

/** `node` is a member of one of the built-in objects. */
function checkBuiltin(node: Node, report: Report): boolean {
  const name = memberName(node);
  const object = node.object.name;
  if (node.object.type != "Identifier" || !name || !(object in MEMBERS)) return false;
  if (!MEMBERS[object]?.has(name)) report("missing-member", node, adviseMember(object, name));
  else return false;
  return true;
}

/** What to write instead of a static member that Espruino lacks, where one word says it. */
const INSTEAD: Record<string, string> = {
  "Array.from": "a loop, or [].slice.call",
  "Array.of": "[…]",
  "Date.UTC": "the parts of a local Date",
  "Math.pow": "shift or multiply; Math.pow(2, 30) is 1073741823.999… in Espruino",
  "Math.trunc": "Math.floor, or | 0 below 2^31",
  "Number.isInteger": "Math.floor(x) == x",
  "Number.isNaN": "x != x",
  "Object.freeze": "nothing",
  "Object.hasOwn": "object.hasOwnProperty(name)",
  "Object.is": "===",
  "Promise.race": "a callback that fires once",
  "String.raw": "a plain string",
};

function adviseMember(object: string, name: string) {
  const instead = INSTEAD[`${object}.${name}`];
  return `Espruino has no usable ${object}.${name}: ${instead ? `write ${instead}` : "compute it another way"}`;
}

/** `Array.prototype.slice` is undefined when it is read. */
function checkPrototype(node: Node, report: Report): boolean {
  const holder = node.object;
  if (memberName(holder) != "prototype" || !CONSTRUCTORS.has(holder.object.name)) return false;
  const target = node.parent.type == "AssignmentExpression" && node.parent.left == node;
  const name = memberName(node);
  if (!target && !(holder.object.name == "Object" && name == "hasOwnProperty")) {
    const advice = `In Espruino ${holder.object.name}.prototype.${name} is undefined when read`;
    report("builtin-prototype", node, `${advice}: write [].${name}.call, or a method of the value`);
  }
  return true;
}

/** Error names are always undefined in Espruino. */
function checkErrorName(node: Node, report: Report) {
  // In TypeScript it is inside `(error as Error).name`.
  const object = node.object.expression ?? node.object;
  if (memberName(node) != "name" || object.type != "Identifier") return;
  for (let at = node.parent; at; at = at.parent) {
    if (at.type == "CatchClause" && at.param?.name == object.name) {
      report("error-name", node, "In Espruino an error's name is undefined: give it a code and test that");
    }
  }
}

/** Argument shapes that Espruino passes over without a word. */
const ARGUMENTS: Record<string, (args: Node[], node: Node, report: Report) => void> = {
  split(args, node, report) {
    if (args.length > 1) report("split-limit", node, "Espruino's split has no limit: slice the result");
  },
  parse(args, node, report) {
    if (node.callee.object.name == "JSON" && args.length > 1) {
      report("json-reviver", node, "Espruino's JSON.parse calls no reviver: change the result");
    }
  },
  stringify(args, node, report) {
    if (node.callee.object.name != "JSON") return;
    if (!isNothing(args[1])) {
      report("json-replacer", node, "Espruino's JSON.stringify calls no replacer: build the object that you want");
    }
    if (!isNothing(args[2])) report("json-indent", node, "Espruino indents JSON in its own way: write it on one line");
  },
  replace([pattern, replacement], node, report) {
    if (isFunction(replacement) && !pattern.regex) {
      report("replace-function", node, "Espruino writes the function's source: search with a regular expression");
    }
    if (typeof replacement?.value == "string" && /\$[$&`']/.test(replacement.value)) {
      report("replace-pattern", node, "Espruino knows $1 to $9 only in a replacement: use a function");
    }
  },
  match([pattern], node, report) {
    if (pattern?.regex?.flags.includes("g")) {
      report("match-global", node, "Espruino's match returns [] for no match with g: use exec in a loop, or test");
    }
  },
};

function checkMethod(node: Node, report: Report, program: Program) {
  const name = memberName(node.callee);
  if (!name) return;
  const instead = ABSENT_METHODS.get(name);
  const known = program.members.has(name) || MEMBERS[node.callee.object.name]?.has(name);
  if (instead && !known) report("missing-method", node.callee, `Espruino has no .${name}(): write ${instead}`);
  if (Object.hasOwn(ARGUMENTS, name)) ARGUMENTS[name]?.(node.arguments, node, report);
}

function checkRequire(node: Node, report: Report, program: Program) {
  if (node.callee.name != "require") return;
  const name = node.arguments[0]?.value;
  if (typeof name != "string") report("require", node, 'The name of a module is written out: require("net")');
  else if (!MODULES.has(name) && !program.modules.has(name)) {
    report("require", node, `No ESP32 build has the module ${name}: put it into Storage and name it to the gate`);
  }
}

export const callChecks = (program: Program): Visitors => ({
  MemberExpression(node, report) {
    if (!checkPrototype(node, report) && !checkBuiltin(node, report)) checkErrorName(node, report);
  },
  CallExpression(node, report) {
    checkMethod(node, report, program);
    checkRequire(node, report, program);
  },
});
