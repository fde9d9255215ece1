/** How the parameters of a function that is written where it is called get what it is called with. */

import { isFunction, type Node } from "../../tree.js";
import { steps, type Step } from "../effects.js";
import { functionOf, type Entry, type Names, type Use } from "./names.js";
import { declaration, isLiteral, replace, undefinedAt } from "./nodes.js";

/** A parameter, and its argument: to be put in its place, or into a variable of its own. */
interface Passed {
  entry: Entry;
  value: Node;
  put: boolean;
}

/** stable: has one value for good. pure: may have another later. acts: may change what others read. */
type Kind = "stable" | "pure" | "acts";

/** Literals up to this length may be there more than once. */
const SHORT = 3;

export class Arguments {
  private readonly passed: Passed[];
  /** The arguments that no parameter takes. */
  private readonly beyond: Node[];
  private readonly kinds: Kind[];
  private readonly inside: Step[];

  /**
   * @param body what the function evaluates
   * @param members that the program defines itself
   */
  constructor(
    private readonly fn: Node,
    call: Node,
    body: Node,
    private readonly names: Names,
    private readonly members: Set<string>,
  ) {
    const values: Node[] = fn.params.map((param: Node, i: number) => call.arguments[i] ?? undefinedAt(param));
    this.beyond = call.arguments.slice(fn.params.length);
    this.kinds = [...values, ...this.beyond].map((value) => this.kindOf(value));
    this.inside = steps(body, members);
    this.passed = values.map((value, i) => {
      const entry = names.get(fn.params[i].name)!;
      return { entry, value, put: !entry.writes.length && this.fits(entry.uses, value, i) };
    });
  }

  /** Whether all arguments can be put in the places of their parameters. */
  get plain(): boolean {
    return !this.beyond.length && this.passed.every(({ put }) => put);
  }

  /** Puts what can be put. @returns the statements that set the others */
  apply(): Node[] {
    const left = this.passed.filter(({ put }) => !put);
    for (const { entry, value, put } of this.passed)
      if (put) entry.uses.forEach(({ node, path }, i) => replace(path.at(-1)!, node, i ? { ...value } : value));
    return [
      ...left.map(({ entry, value }) => ({ ...declaration(entry.name, value), kind: "let" })),
      ...this.beyond.map((expression) => ({ type: "ExpressionStatement", expression, loc: expression.loc })),
    ];
  }

  private kindOf(value: Node): Kind {
    if (isLiteral(value) || value.type == "ThisExpression" || isFunction(value)) return "stable";
    if (value.type == "Identifier" && isConstant(this.names, value.name)) return "stable";
    return steps(value, this.members).some(({ kind, kept }) => kind == "act" && !kept) ? "acts" : "pure";
  }

  /** Whether an argument may be put where its parameter is used. */
  private fits(uses: Use[], value: Node, i: number): boolean {
    const kind = this.kinds[i]!;
    if (kind == "stable")
      return !uses.length || isSmall(value) || (uses.length == 1 && this.isMovable(value, uses[0]!));
    const others = this.kinds.filter((_, other) => other != i);
    if (kind == "acts") return uses.length == 1 && others.every((one) => one == "stable") && this.isFirst(uses[0]!);
    if (others.includes("acts")) return false;
    return !uses.length || this.isFrozen(value, uses) || this.isEarly(uses, value);
  }

  /** Whether a value that is no name means the same in its parameter's only place. */
  private isMovable(value: Node, { path }: Use): boolean {
    const inner = path.slice(path.indexOf(this.fn) + 1);
    if (value.type != "ThisExpression" && !isFunction(value)) return true;
    return !inner.some(({ type }) => /^(Function|For|While|DoWhile)/.test(type));
  }

  /** Whether a value is a variable that only the function around the call writes, and so not meanwhile. */
  private isFrozen(value: Node, uses: Use[]): boolean {
    const entry = value.type == "Identifier" ? this.names.get(value.name) : undefined;
    const home = entry?.owner;
    if (!entry || !home || uses.some(({ path }) => functionOf(path) != this.fn)) return false;
    return [...entry.writes, ...entry.uses.filter(({ node }) => node == value)].every(
      ({ path }) => functionOf(path) == home,
    );
  }

  /** Whether a value is still the same where it is used. */
  private isEarly(uses: Use[], value: Node): boolean {
    if (uses.length > 1 && value.type != "Identifier") return false;
    const at = this.inside.map(({ node }, i) => (uses.some((use) => use.node == node) ? i : -1));
    const last = Math.max(...at);
    if (this.inside.some(({ kept }, i) => kept && at[i]! >= 0)) return false;
    return this.inside.slice(0, last).every(({ kind, kept }) => kept || kind != "act");
  }

  /** Whether a value that has effects is used before all that may feel them. */
  private isFirst(use: Use): boolean {
    const last = this.inside.findIndex(({ node }) => node == use.node);
    const before = this.inside.slice(0, last).filter(({ kept }) => !kept);
    const sure = !this.inside[last]!.maybe && !this.inside[last]!.kept;
    return sure && before.every(({ kind, node }) => kind == "name" && isConstant(this.names, node.name));
  }
}

const isSmall = (value: Node): boolean =>
  value.type == "Identifier" ||
  (value.type == "Literal" && String(value.raw).length <= SHORT) ||
  (value.type == "UnaryExpression" && isLiteral(value));

/** Whether a name has one value wherever it can be used. */
export function isConstant(names: Names, name: string): boolean {
  const entry = names.get(name);
  if (!entry || entry.kind != "variable") return name != "arguments" && !entry?.writes.length;
  const [write, ...more] = entry.writes;
  const declared = write?.path.at(-1)?.type == "VariableDeclarator" && !more.length;
  return declared && (entry.owner !== undefined || write.path.at(-2)!.kind == "const");
}
