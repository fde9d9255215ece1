/** Types that the checks share. */

import type { Node } from "../tree.js";

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

export type Report = (rule: string, node: Node, message: string) => void;
export type Check = (node: Node, report: Report) => void;
export type Visitors = Record<string, Check>;

/** What is known about the program around a node. */
export interface Program {
  /** Names of all members that the program defines itself: they hide a method that Espruino lacks. */
  members: Set<string>;
  /** Modules that may be required besides the built-in ones. */
  modules: Set<string>;
}
