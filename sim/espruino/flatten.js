/**
 * Takes the rooms of the device apart where they stand only once. A function that is tagged `@once` is a factory whose
 * closures are never there twice: its variables and functions become the program's own, its parameters what it is
 * called with, and the object that it gives the functions that stand in it. A closure takes an Espruino 4 to 8 JsVars
 * and a scope that all the others of its room share; a function at the top can be put on a page.
 */

import {
  assignment,
  functionOf,
  identifier,
  isClosed,
  isTop,
  namesOf,
  parseUnique,
  replace,
  undeclare,
} from "./program.js";
import { walk } from "./tree.js";
import { inlineNumbers, useBits } from "./values.js";

/** @typedef {import("./program.js").Entry} Entry */

/** Calls that use a function while they last. */
const PASSING = new Set(["map", "forEach", "filter", "some", "every", "sort", "reduce"]);

/** Whether a node is handed to a call that forgets it. @param {any} node @param {any} parent */
export const isPassing = (node, parent) =>
  parent.type == "CallExpression" && parent.arguments.includes(node) && PASSING.has(parent.callee.property?.name);

const isLiteral = (/** @type {any} */ node) =>
  node.type == "Literal" || (node.type == "UnaryExpression" && node.argument.type == "Literal");

/** Functions behind a comment that holds the tag. @param {any} program @param {any[]} comments @param {string} code */
function taggedOnce(program, comments, code) {
  const starts = new Set(
    comments.filter((one) => one.value.includes("@once")).map((one) => one.end + code.slice(one.end).search(/\S/)),
  );
  /** @type {Set<any>} */
  const found = new Set();
  walk(program, (node) => {
    if (node.type == "FunctionDeclaration" && starts.has(node.start)) found.add(node);
  });
  return found;
}

class Flattener {
  /** @param {string} code */
  constructor(code) {
    const { program, comments } = parseUnique(code);
    this.program = program;
    this.once = taggedOnce(program, comments, code);
    /** @type {Set<any>} */
    this.done = new Set();
    this.names = namesOf(program);
  }

  /** A name that nothing has yet. @param {string} base */
  fresh(base) {
    let name = base;
    for (let n = 2; this.names.has(name); n++) name = `${base}$${n}`;
    this.names.set(name, /** @type {any} */ (undefined));
    return name;
  }

  look() {
    this.names = namesOf(this.program);
  }

  /** Declares a variable of the program. @param {string} name @param {any} [init] */
  declare(name, init) {
    const declarator = { type: "VariableDeclarator", id: identifier(name, init), init: init ?? null, loc: init?.loc };
    this.program.body.unshift({ type: "VariableDeclaration", kind: "var", declarations: [declarator], loc: init?.loc });
  }

  /** @param {Entry} entry @param {string} name */
  rename(entry, name) {
    for (const use of entry.uses) use.node.name = name;
  }

  /**
   * Whether a name is of the program and means one thing: a function, or a variable that what runs once gives its value.
   * @param {string} name
   */
  isFixed(name) {
    const entry = this.names.get(name);
    if (!entry || !isTop(entry) || entry.writes > 1) return false;
    if (entry.kind == "function") return !entry.writes;
    const assigned = entry.uses.find(({ node, path }) => path.at(-1).left == node);
    const place = assigned && functionOf(assigned.path);
    return !place || this.done.has(place);
  }

  /** Makes a function literal a function of the program. @param {any} literal @param {string} base @returns {string} its name */
  lift(literal, base) {
    const name = this.fresh(base);
    const body =
      literal.body.type == "BlockStatement"
        ? literal.body
        : {
            type: "BlockStatement",
            body: [{ type: "ReturnStatement", argument: literal.body, loc: literal.body.loc }],
          };
    this.program.body.push({
      type: "FunctionDeclaration",
      id: identifier(name, literal),
      params: literal.params,
      body,
      loc: literal.loc,
      start: literal.start,
    });
    return name;
  }

  /** The only call of a function, from a place that runs once too. @param {any} fn */
  callOf(fn) {
    const uses = this.names.get(fn.id.name)?.uses ?? [];
    if (uses.length != 1) return undefined;
    const { node, path } = uses[0];
    const call = path.at(-1);
    return call.type == "CallExpression" && call.callee == node ? { call, path: path.slice(0, -1) } : undefined;
  }

  /** Takes one factory apart. @param {boolean} called one that the program itself calls */
  hoistOne(called) {
    for (const fn of this.once) {
      const entry = this.names.get(fn.id.name);
      if (this.done.has(fn) || !entry || entry.owner) continue;
      const found = this.callOf(fn);
      if (!found == called || (found && functionOf(found.path) && !this.done.has(functionOf(found.path)))) continue;
      this.done.add(fn);
      this.hoist(fn, found);
      return true;
    }
    return false;
  }

  hoistCalled() {
    return this.hoistOne(true);
  }

  /** What the owner calls; last, because more calls come to light on the way. */
  hoistOthers() {
    return this.hoistOne(false);
  }

  /** @param {any} fn @param {{ call: any, path: any[] } | undefined} found */
  hoist(fn, found) {
    const before = found ? this.takeArguments(fn, found.call) : [];
    if (!found) this.keepParameters(fn);
    this.takeBody(fn, !!found);
    const result = found && this.takeResult(fn);
    if (!found || (!before.length && !result)) return;
    const expressions = [...before.map((one) => one.expression), found.call];
    if (result) expressions.push(identifier(result, found.call));
    replace(found.path.at(-1), found.call, { type: "SequenceExpression", expressions, loc: found.call.loc });
  }

  /** Parameters become what is handed in. @param {any} fn @param {any} call @returns {any[]} assignments before the call */
  takeArguments(fn, call) {
    /** @type {any[]} */
    const before = [];
    fn.params.forEach((/** @type {any} */ param, /** @type {number} */ i) => {
      const entry = /** @type {Entry} */ (this.names.get(param.name));
      const value = call.arguments[i];
      const constant = !entry.writes;
      if (!value) this.declare(param.name);
      else if (constant && value.type == "Identifier" && this.isFixed(value.name)) this.rename(entry, value.name);
      else if (constant && isLiteral(value))
        entry.uses.forEach((use) => replace(use.path.at(-1), use.node, { ...value }));
      else if (constant && /Function/.test(value.type) && isClosed(value, this.names))
        this.rename(entry, this.lift(value, param.name));
      else {
        this.declare(param.name);
        before.push(assignment(param.name, value));
      }
    });
    fn.params = [];
    call.arguments = [];
    return before;
  }

  /** Of a function that its owner calls: parameters that closures keep are copied. @param {any} fn */
  keepParameters(fn) {
    fn.params = fn.params.map((/** @type {any} */ param) => {
      const entry = /** @type {Entry} */ (this.names.get(param.name));
      if (entry.uses.every((use) => functionOf(use.path) == fn)) return param;
      const name = this.fresh(param.name);
      this.declare(param.name);
      fn.body.body.unshift(assignment(param.name, identifier(name, param)));
      return identifier(name, param);
    });
  }

  /** Whether what a statement declares is needed when the function is over. @param {any} fn @param {any} statement */
  mustStay(fn, statement) {
    return statement.declarations.some((/** @type {any} */ one) => {
      const uses = this.names.get(one.id.name)?.uses ?? [];
      const room =
        one.init?.type == "CallExpression" && [...this.once].some((made) => made.id.name == one.init.callee.name);
      if (room || /Object|Function/.test(one.init?.type)) return true;
      return uses.some(({ path }) => functionOf(path) != fn || path.at(-1).type == "ReturnStatement");
    });
  }

  /** @param {any} fn @param {boolean} single whether it runs only once, so that first values can stand from the start */
  takeBody(fn, single) {
    fn.body.body = fn.body.body.flatMap((/** @type {any} */ statement) => {
      if (statement.type == "FunctionDeclaration") {
        this.program.body.push(statement);
        return [];
      }
      if (statement.type != "VariableDeclaration" || !this.mustStay(fn, statement)) return [statement];
      return statement.declarations.flatMap((/** @type {any} */ one) => {
        const fixed = single && one.init && isLiteral(one.init);
        this.declare(one.id.name, fixed ? one.init : undefined);
        return fixed || !one.init ? [] : [assignment(one.id.name, one.init)];
      });
    });
  }

  /** @param {any} fn @returns {string | undefined} the variable that holds what the function gave */
  takeResult(fn) {
    const last = fn.body.body.at(-1);
    let returns = 0;
    walk(fn.body, (node) => {
      if (/Function/.test(node.type)) return false;
      if (node.type == "ReturnStatement" && node.argument) returns++;
      return true;
    });
    if (last?.type != "ReturnStatement" || !last.argument || returns != 1) return undefined;
    fn.body.body.pop();
    if (last.argument.type == "Identifier") return last.argument.name;
    const name = this.fresh(`${fn.id.name}$given`);
    this.declare(name);
    fn.body.body.push(assignment(name, last.argument));
    return name;
  }

  /** Function literals in what runs only once, and that keep nothing. */
  liftLiterals() {
    let changed = false;
    const visit = (/** @type {any} */ node, /** @type {any} */ parent) => {
      if (node.type == "ClassDeclaration" || (node.type == "FunctionDeclaration" && !this.done.has(node))) return;
      if (/FunctionExpression$/.test(node.type)) {
        const plain = !node.id && !node.async && !node.generator && (parent.kind ?? "init") == "init";
        if (!plain || isPassing(node, parent) || parent.callee == node || !isClosed(node, this.names)) return;
        const hint = parent.type == "Property" ? (parent.key.name ?? "f") : "f";
        replace(parent, node, identifier(this.lift(node, hint), node));
        if (parent.type == "Property") parent.method = false;
        changed = true;
        return;
      }
      for (const child of Object.values(node).flat()) if (child?.type) visit(child, node);
    };
    for (const statement of [...this.program.body]) visit(statement, this.program);
    return changed;
  }

  /** `v = (a, b)` and `var v = (a, b)` as two statements. */
  splitSequences() {
    const split = (/** @type {any} */ holder, /** @type {string} */ key) => {
      const value = holder[key];
      if (value?.type != "SequenceExpression") return [];
      const rest = value.expressions.slice(0, -1);
      holder[key] = value.expressions.at(-1);
      return rest.map((/** @type {any} */ expression) => ({
        type: "ExpressionStatement",
        expression,
        loc: expression.loc,
      }));
    };
    const blocks = [this.program, ...[...this.done].map((fn) => fn.body)];
    for (const block of blocks) {
      block.body = block.body.flatMap((/** @type {any} */ statement) => {
        if (statement.type == "VariableDeclaration" && statement.declarations.length == 1)
          return [...split(statement.declarations[0], "init"), statement];
        if (statement.type != "ExpressionStatement") return [statement];
        const { expression } = statement;
        if (expression.type == "AssignmentExpression") return [...split(expression, "right"), statement];
        return expression.type == "SequenceExpression" ? [...split(statement, "expression"), statement] : [statement];
      });
    }
  }

  /** The statements that run once, each with the block it stands in. */
  *statements() {
    for (const block of [this.program, ...[...this.done].map((fn) => fn.body)])
      for (const statement of [...block.body]) yield { block, statement };
  }

  /** What a statement gives a variable. @param {any} statement @returns {{ name: string, value: any } | undefined} */
  given(statement) {
    const one =
      statement.type == "VariableDeclaration" && statement.declarations.length == 1 && statement.declarations[0];
    if (one && one.init) return { name: one.id.name, value: one.init };
    const { expression } = statement;
    if (
      statement.type == "ExpressionStatement" &&
      expression.type == "AssignmentExpression" &&
      expression.operator == "="
    )
      return expression.left.type == "Identifier" ? { name: expression.left.name, value: expression.right } : undefined;
    return undefined;
  }

  /** A second name for the same thing goes. */
  dropAlias() {
    for (const { block, statement } of this.statements()) {
      const given = this.given(statement);
      const entry = given && this.names.get(given.name);
      if (!entry || given.value.type != "Identifier" || !isTop(entry) || entry.writes != 1) continue;
      if (!this.isFixed(given.value.name)) continue;
      const left = statement.expression?.left;
      for (const use of entry.uses) if (use.node != left) use.node.name = given.value.name;
      block.body.splice(block.body.indexOf(statement), 1);
      undeclare(this.program, given.name);
      return true;
    }
    return false;
  }

  /** A parameter that is always the same thing goes. */
  dropParameter() {
    for (const fn of this.program.body) {
      if (fn.type != "FunctionDeclaration") continue;
      const uses = this.names.get(fn.id.name)?.uses ?? [];
      const calls = uses.map((use) => (use.path.at(-1).callee == use.node ? use.path.at(-1) : undefined));
      if (!calls.length || calls.some((call) => call?.type != "CallExpression")) continue;
      for (const [i, param] of fn.params.entries()) {
        const entry = this.names.get(param.name);
        const values = calls.map((call) => call.arguments[i]);
        const name = values.find((value) => value?.type == "Identifier" && value.name != param.name)?.name;
        if (!entry || entry.writes || !name || !this.isFixed(name)) continue;
        if (values.some((value) => value?.name != name && value?.name != param.name)) continue;
        this.rename(entry, name);
        fn.params.splice(i, 1);
        for (const call of calls) call.arguments.splice(i, 1);
        return true;
      }
    }
    return false;
  }

  /** An object of which only members are used becomes its members. */
  dropObject() {
    for (const { block, statement } of this.statements()) {
      const given = this.given(statement);
      const entry = given && this.names.get(given.name);
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
      this.split(given.name, uses, keys, block, statement);
      return true;
    }
    return false;
  }

  /** @param {string} object @param {Entry["uses"]} uses @param {Map<string, any>} keys @param {any} block @param {any} statement */
  split(object, uses, keys, block, statement) {
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
      const same = value.type == "Identifier" && !written.has(key) && this.isFixed(value.name);
      names.set(key, same ? value.name : this.fresh(`${object}$${key}`));
      if (same) continue;
      const first = block == this.program && isLiteral(value);
      this.declare(/** @type {string} */ (names.get(key)), first ? value : undefined);
      if (!first) statements.push(assignment(/** @type {string} */ (names.get(key)), value));
    }
    for (const use of uses) {
      const member = use.path.at(-1);
      replace(use.path.at(-2), member, identifier(/** @type {string} */ (names.get(member.property.name)), member));
    }
    block.body.splice(block.body.indexOf(statement), 1, ...statements);
    undeclare(this.program, object);
  }

  run() {
    inlineNumbers(this.program);
    const steps = ["hoistCalled", "liftLiterals", "dropAlias", "dropParameter", "dropObject", "hoistOthers"];
    this.look();
    for (let i = 0; i < steps.length; i++) {
      if (!(/** @type {any} */ (this)[/** @type {string} */ (steps[i])]())) continue;
      this.splitSequences();
      this.look();
      i = -1;
    }
    useBits(this.program);
    return this.program;
  }
}

/**
 * @param {string} code a script whose factories are tagged
 * @returns {any} the tree of an equal one
 */
export const flatten = (code) => new Flattener(code).run();
