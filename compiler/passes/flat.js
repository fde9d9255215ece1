/** A program on its way to being flat: its tree, what every name in it is, and which functions have been taken apart. */

import { functionOf, identifier, isTop, namesOf, parseUnique } from "./program.js";
import { walk } from "./tree.js";

/** @typedef {import("./program.js").Entry} Entry */

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

export class Flat {
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
}
