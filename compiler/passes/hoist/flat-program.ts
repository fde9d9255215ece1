/** A program on its way to being flat: its tree, what every name in it means, and which factories are hoisted. */

import { isFunction, usesOwn, walk, type Node } from "../../tree.js";
import { isTop, namesOf, parseUnique, type Entry, type Names, type Use } from "./names.js";
import { declaration, identifier } from "./nodes.js";
import { taggedOnce } from "./once-tags.js";
import { isStrict, Order } from "./order.js";

/** What a statement assigns to a variable. */
export interface Given {
  name: string;
  value: Node;
}

export class FlatProgram {
  readonly program: Node;
  /** The functions with the tag. */
  readonly once: Set<Node>;
  /** Those of them that are hoisted, and among these the ones that the owner of the module calls. */
  readonly hoisted = new Set<Node>();
  readonly owned = new Set<Node>();
  /** Variables that nothing can read before they have a value, as a `const`. */
  readonly bound = new Set<string>();
  /** Whether a function that is no method of a class reads its `this`. */
  readonly hasThis: boolean;
  names!: Names;
  order!: Order;

  /** @throws HoistError */
  constructor(code: string) {
    const { program, comments } = parseUnique(code);
    this.program = program;
    this.once = taggedOnce(program, comments, code);
    for (const one of program.body) this.bind(one);
    this.hasThis = hasThis(program);
    this.look();
  }

  /** Looks at the whole program again, after it has changed. */
  look(): void {
    this.names = namesOf(this.program);
    this.order = new Order(this.program, this.names, this.hoisted, this.owned);
  }

  /** Notes the variables that a statement declares with a value. */
  bind(statement: Node): void {
    if (statement.type != "VariableDeclaration" || statement.kind == "var") return;
    for (const one of statement.declarations) if (one.init) this.bound.add(one.id.name);
  }

  /** A name that nothing has yet. */
  fresh(base: string): string {
    let name = base;
    for (let n = 2; this.names.has(name); n++) name = `${base}$${n}`;
    this.names.set(name, undefined as unknown as Entry);
    return name;
  }

  /** Declares a variable of the program. */
  declare(name: string, init?: Node): void {
    this.program.body.unshift(declaration(name, init));
  }

  /** Takes a variable's declaration away. */
  undeclare(name: string): void {
    this.program.body = this.program.body.filter(
      (one: Node) =>
        one.type != "VariableDeclaration" || one.declarations.length != 1 || one.declarations[0].id.name != name,
    );
  }

  rename(entry: Entry, name: string): void {
    for (const use of entry.uses) use.node.name = name;
  }

  /** The only write of a variable, if it is in code that runs once. */
  writeOf(entry: Entry): Node | undefined {
    const parent = entry.writes.length == 1 ? entry.writes[0]!.path.at(-1)! : undefined;
    const plain =
      parent?.type == "VariableDeclarator" || (parent?.type == "AssignmentExpression" && parent.operator == "=");
    const position = plain && this.order.get(parent!);
    return position && !position.loop ? parent : undefined;
  }

  /** Whether a name of the program has, at a place and ever after, one value. */
  isSettled(name: string, place: Use): boolean {
    const entry = this.names.get(name);
    if (!entry || !isTop(entry)) return false;
    if (!entry.writes.length) return true;
    const write = entry.kind == "variable" && this.writeOf(entry);
    return !!write && (this.bound.has(name) || this.order.isAfter(write, place));
  }

  /**
   * Whether another name's uses may name this one instead.
   * @param place where the other one gets its value
   */
  canReplace(uses: Use[], name: string, place: Use): boolean {
    if (this.isSettled(name, place)) return true;
    const entry = this.names.get(name);
    return !!entry && isTop(entry) && entry.kind == "variable" && !!this.writeOf(entry) && uses.every(isStrict);
  }

  /** Makes a function literal a function of the program. @returns its name */
  lift(literal: Node, base: string): string {
    const name = this.fresh(base);
    const { loc, start, params } = literal;
    const block = {
      type: "BlockStatement",
      loc,
      body: [{ type: "ReturnStatement", argument: literal.body, loc: literal.body.loc }],
    };
    const body = literal.body.type == "BlockStatement" ? literal.body : block;
    this.program.body.push({ type: "FunctionDeclaration", id: identifier(name, literal), params, body, loc, start });
    return name;
  }

  /** The statements that run once, each with its block and the nodes around it. */
  *statements(): Generator<{ block: Node; statement: Node; path: Node[] }> {
    for (const holder of [this.program, ...this.hoisted]) {
      const block = isFunction(holder) ? holder.body : holder;
      const path = isFunction(holder) ? [this.program, holder, block] : [this.program];
      for (const statement of [...block.body]) yield { block, statement, path: [...path, statement] };
    }
  }

  /** What a statement assigns to a variable. */
  given(statement: Node): Given | undefined {
    const one =
      statement.type == "VariableDeclaration" && statement.declarations.length == 1 && statement.declarations[0];
    if (one && one.init) return { name: one.id.name, value: one.init };
    const { expression } = statement;
    if (statement.type != "ExpressionStatement" || expression.type != "AssignmentExpression") return undefined;
    if (expression.operator != "=" || expression.left.type != "Identifier") return undefined;
    return { name: expression.left.name, value: expression.right };
  }
}

function hasThis(program: Node): boolean {
  let found = false;
  walk(program, (node) => {
    if (/^Function/.test(node.type) && usesOwn(node, "this")) found = true;
    return !/^Class/.test(node.type);
  });
  return found;
}
