/** Checks of classes, the part of the language where Espruino differs most. */

import { walk, type Node } from "../tree.js";
import { ERRORS } from "./features.js";
import type { Report, Visitors } from "./types.js";

/** Words that Espruino's parser does not take for the name of a class member. In an object they are names. */
const KEYWORDS = new Set(
  `if else do while for in of new return break continue switch case default function var let const typeof class extends
  super static this null undefined true false try catch finally throw instanceof void delete debugger`.split(/\s+/),
);

/** Whether `this` in the tree means the `this` of its root. */
function usesThis(root: Node) {
  let found = false;
  walk(root, (node) => {
    if (node.type == "ThisExpression") found = true;
    return node.type != "FunctionExpression" && !node.type.startsWith("Class");
  });
  return found;
}

function checkKey(node: Node, report: Report) {
  if (node.computed || (node.key.type != "Identifier" && node.key.type != "PrivateIdentifier")) {
    report("class-key", node.key, "Espruino's class members have plain names: assign to the prototype afterwards");
  } else if (KEYWORDS.has(node.key.name)) {
    report("class-key", node.key, `Espruino reads a class member named ${node.key.name} as a keyword: rename it`);
  }
}

function enclosingFunction(node: Node) {
  let at = node.parent;
  while (at && !/^(FunctionExpression|FunctionDeclaration|ArrowFunctionExpression|PropertyDefinition)$/.test(at.type)) {
    at = at.parent;
  }
  return at;
}

/** The class that `super` at this place belongs to, where Espruino finds it. */
function classOfSuper(node: Node) {
  const at = enclosingFunction(node);
  return at?.parent?.type == "MethodDefinition" ? at.parent.parent.parent : undefined;
}

function checkClass(node: Node, report: Report) {
  const base = node.superClass;
  if (!base) return;
  if (base.type != "Identifier") {
    report("extends-expression", base, "Espruino's extends takes the name of a class only: give it one");
  } else if (ERRORS.has(base.name)) {
    report("extends-error", base, "Espruino cannot extend Error: make an Error and set its code");
  }
  checkStatics(node, report);
}

function programOf(node: Node) {
  let at = node;
  while (at.parent) at = at.parent;
  return at;
}

/** Static members that are read from a class that only its parent can have them from. */
function checkStatics(node: Node, report: Report): void {
  const own = new Set(["prototype"]);
  for (const member of node.body.body) if (member.static) own.add(member.key?.name);
  walk(programOf(node), (one) => {
    if (one.type != "MemberExpression" || one.computed || !node.id || one.object.name != node.id.name) return;
    if (one.parent.type == "AssignmentExpression" && one.parent.left == one) own.add(one.property.name);
    if (own.has(one.property.name)) return;
    report("static-inheritance", one, "Espruino's classes do not inherit static members: name the class that has it");
  });
}

export const classChecks: Visitors = {
  Identifier(node, report) {
    if (node.name == "arguments" && enclosingFunction(node)?.type == "ArrowFunctionExpression") {
      report("arrow-arguments", node, "Espruino's arrows have arguments of their own: use parameters");
    }
  },
  ClassDeclaration: checkClass,
  ClassExpression: checkClass,
  MethodDefinition: checkKey,

  PropertyDefinition(node, report) {
    if (node.declare) return;
    checkKey(node, report);
    if (!node.value) report("bare-field", node, "Espruino has no fields without a value: set it in the constructor");
    else if (usesThis(node.value)) {
      report("field-this", node, "Espruino's field initialisers have no this: set it in the constructor");
    }
  },
  Super(node, report) {
    const owner = classOfSuper(node);
    if (!owner) {
      report("super-place", node, "In Espruino super works in a method itself only: not in arrows, not in objects");
    } else if (node.parent.type == "MemberExpression" && isExtended(owner)) {
      report("super-depth", node, "Espruino looks super up from this: below a third class it calls itself for ever");
    }
  },
};

/** Whether another class of the program extends this one. */
function isExtended(owner: Node) {
  const name = owner.id?.name;
  let found = false;
  walk(programOf(owner), (node) => {
    if (name && /^Class(Decl|Expr)/.test(node.type) && node.superClass?.name == name) found = true;
  });
  return found;
}
