/** A script as a tree, and the scopes of its names: acorn and eslint-scope, with the types of this compiler. */

import { parse, type Comment } from "acorn";
import { analyze } from "eslint-scope";

import type { Node } from "./tree.js";

/**
 * @param code a script
 * @param comments takes the comments, in their order
 * @throws SyntaxError of acorn, with `loc`
 */
export const parseScript = (code: string, comments: Comment[] = []): Node =>
  parse(code, {
    ecmaVersion: 2024,
    sourceType: "script",
    locations: true,
    ranges: true,
    sourceFile: "chunk",
    onComment: comments,
  }) as unknown as Node;

export interface Scope {
  type: string;
  block: Node;
  upper: Scope | null;
  variableScope: Scope;
  childScopes: Scope[];
  variables: Variable[];
  references: Reference[];
  /** References that this scope does not declare. */
  through: Reference[];
}

export interface Variable {
  name: string;
  scope: Scope;
  defs: { type: string; name: Node; node: Node; parent?: Node }[];
  identifiers: Node[];
  references: Reference[];
}

export interface Reference {
  identifier: Node;
  from: Scope;
  resolved: Variable | null;
  init?: boolean;
  /** False for a name of a type; undefined where the tree has none. */
  isValueReference?: boolean;
  isWrite(): boolean;
}

export interface Scopes {
  scopes: Scope[];
  getDeclaredVariables(node: Node): Variable[];
}

/** @param program a script */
export const scopesOf = (program: Node): Scopes =>
  analyze(program as never, { ecmaVersion: 2022, sourceType: "script" }) as unknown as Scopes;
