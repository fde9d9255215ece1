/** Types that the checks share. */

import type { Scope } from "eslint";

/** What the gate refuses, and where. */
export interface Finding {
  /** Stable name of the rule: `optional-chaining`, `hoisting`… */
  rule: string;
  /** Why, and what to write instead. */
  message: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
}

/** A node of ESTree with its parent. The checks read TypeScript's tree as well, whose nodes have the same names. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyNode = any;

export type Report = (rule: string, node: AnyNode, message: string) => void;
export type Check = (node: AnyNode, report: Report) => void;
export type Visitors = Record<string, Check>;

/** The part of a scope manager that the checks use: eslint-scope's and typescript-eslint's are alike in it. */
export interface Scopes {
  scopes: Scope.Scope[];
}

/** What is known about the program around a node. */
export interface Program {
  /** Names of all members that the program defines itself: they hide a method that Espruino lacks. */
  members: Set<string>;
  /** Modules that may be required besides the built-in ones. */
  modules: Set<string>;
}
