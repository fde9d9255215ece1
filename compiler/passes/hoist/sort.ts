/** The order of a flat program's statements: Espruino hoists nothing, so what others need comes first. */

import type { Node } from "../../tree.js";
import { namesOf } from "./names.js";

const isPlainVariable = (one: Node): boolean =>
  one.type == "VariableDeclaration" &&
  one.declarations.every(({ init }: Node) => !init || (init.type == "Literal" && !init.regex));

const isFunction = (one: Node): boolean => one.type == "FunctionDeclaration";

/** Callees before their callers, as far as they do not call each other: Terser inlines only what it has read before. */
function calleesFirst(program: Node): Node[] {
  const functions = (program.body as Node[]).filter(isFunction);
  const callees = new Map<Node, Node[]>(functions.map((fn) => [fn, []]));
  const names = namesOf(program);
  for (const fn of functions) for (const { path } of names.get(fn.id.name)?.uses ?? []) callees.get(path[1]!)?.push(fn);
  const sorted = new Set<Node>();
  const open = new Set<Node>();
  const visit = (fn: Node): void => {
    if (open.has(fn)) return;
    open.add(fn);
    callees.get(fn)!.forEach(visit);
    sorted.add(fn);
  };
  functions.forEach(visit);
  return [...sorted];
}

/** Plain variables, then functions, then what runs. */
export function sort(program: Node): void {
  const body = program.body as Node[];
  const variables = body.filter(isPlainVariable);
  const rest = body.filter((one) => !isPlainVariable(one) && !isFunction(one));
  program.body = [...variables, ...calleesFirst(program), ...rest];
}
