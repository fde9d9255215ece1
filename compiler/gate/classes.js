/** Checks of classes, the part of the language where Espruino differs most. */

import { ERRORS } from "./features.js";
import { walk } from "../passes/tree.js";

/** Whether `this` in the tree means the `this` of its root. @param {any} root */
function usesThis(root) {
  let found = false;
  walk(root, (node) => {
    if (node.type == "ThisExpression") found = true;
    return node.type != "FunctionExpression" && !node.type.startsWith("Class");
  });
  return found;
}

/** @type {import("./types.js").Check} */
function checkKey(node, report) {
  if (node.computed || (node.key.type != "Identifier" && node.key.type != "PrivateIdentifier")) {
    report("class-key", node.key, "Espruino's class members have plain names: assign to the prototype afterwards");
  } else if (node.key.name == "of" || node.key.name == "static") {
    report("class-key", node.key, `Espruino reads a class member named ${node.key.name} as a keyword: rename it`);
  }
}

/** @param {any} node */
function enclosingFunction(node) {
  let at = node.parent;
  while (at && !/^(FunctionExpression|FunctionDeclaration|ArrowFunctionExpression|PropertyDefinition)$/.test(at.type)) {
    at = at.parent;
  }
  return at;
}

/** The class that `super` at this place belongs to, where Espruino finds it. @param {any} node */
function classOfSuper(node) {
  const at = enclosingFunction(node);
  return at?.parent?.type == "MethodDefinition" ? at.parent.parent.parent : undefined;
}

/** @type {import("./types.js").Check} */
function checkClass(node, report) {
  const base = node.superClass;
  if (!base) return;
  if (base.type != "Identifier") {
    report("extends-expression", base, "Espruino's extends takes the name of a class only: give it one");
  } else if (ERRORS.has(base.name)) {
    report("extends-error", base, "Espruino cannot extend Error: make an Error and set its code");
  }
  checkStatics(node, report);
}

/** @param {any} node */
function programOf(node) {
  let at = node;
  while (at.parent) at = at.parent;
  return at;
}

/** Static members that are read from a class that only its parent can have them from. @type {import("./types.js").Check} */
function checkStatics(node, report) {
  const own = new Set(["prototype"]);
  for (const member of node.body.body) if (member.static) own.add(member.key?.name);
  walk(programOf(node), (one) => {
    if (one.type != "MemberExpression" || one.computed || !node.id || one.object.name != node.id.name) return;
    if (one.parent.type == "AssignmentExpression" && one.parent.left == one) own.add(one.property.name);
    if (own.has(one.property.name)) return;
    report("static-inheritance", one, "Espruino's classes do not inherit static members: name the class that has it");
  });
}

/** @type {import("./types.js").Visitors} */
export const classChecks = {
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

/** Whether another class of the program extends this one. @param {any} owner */
function isExtended(owner) {
  const name = owner.id?.name;
  let found = false;
  walk(programOf(owner), (node) => {
    if (name && /^Class(Decl|Expr)/.test(node.type) && node.superClass?.name == name) found = true;
  });
  return found;
}
