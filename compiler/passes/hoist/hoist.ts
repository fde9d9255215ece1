/**
 * Hoists the factories of a device program. A function that is tagged `@once` is called exactly once: its variables and
 * functions become the program's own, its parameters what it is called with, and calls on the object that it returns
 * direct calls. A closure takes an Espruino 4 to 8 JsVars, and a scope that all closures of its factory share.
 */

import { minify } from "terser";
import type { Plugin } from "rollup";

import type { Finding } from "../../gate/types.js";
import { childrenOf, type Location, type Node } from "../../tree.js";
import { dropAlias, dropGetter, dropObject, dropParameter } from "./collapse.js";
import { HoistError } from "./error.js";
import { hoistCalled, hoistExported } from "./factories.js";
import { FlatProgram } from "./flat-program.js";
import { inlineCalls } from "./inline.js";
import { liftLiterals, splitSequences } from "./literals.js";
import { sort } from "./sort.js";
import { dropTests, inlineNumbers, useBits } from "./values.js";

/** Each tells whether it has changed anything. Exported functions are last: more calls come to light on the way. */
const STEPS = [hoistCalled, liftLiterals, dropAlias, dropGetter, dropParameter, dropObject, hoistExported];

/** Why a tagged function has not been hoisted, at its own place and at each of its uses. */
function complaints(flat: FlatProgram): HoistError[] {
  const left = [...flat.once].filter((fn) => !flat.hoisted.has(fn));
  return left.flatMap((fn) => {
    const uses = flat.names.get(fn.id.name)?.uses ?? [];
    const called = uses.every(({ node, path }) => path.at(-1)!.callee == node);
    const times =
      uses.length == 0 ? "is never called" : uses.length == 1 ? onlyUse(called) : `is used ${uses.length} times`;
    const message = `${fn.id.name} is @once, so it is called exactly once, by code that runs once: it ${times}`;
    return [new HoistError(fn, message), ...uses.map(({ node }) => new HoistError(node, `here ${fn.id.name} is used`))];
  });
}

const onlyUse = (called: boolean): string =>
  called ? "is called where code may run again" : "is handed on, where nothing counts its calls";

/**
 * @param code a script whose factories are tagged
 * @returns the tree of an equal one
 * @throws HoistError
 */
export function hoist(code: string): Node {
  const flat = new FlatProgram(code);
  inlineNumbers(flat.program, (name) => flat.undeclare(name));
  flat.look();
  while (STEPS.some((step) => step(flat))) {
    splitSequences(flat);
    flat.look();
  }
  const [first, ...more] = complaints(flat);
  if (first) throw first.with(more);
  dropTests(flat.program);
  inlineCalls(flat.program);
  useBits(flat.program);
  sort(flat.program);
  return flat.program;
}

/** Why a program cannot be hoisted; empty when it can. */
export function hoistErrors(code: string): Finding[] {
  try {
    hoist(code);
    return [];
  } catch (error) {
    if (error instanceof HoistError) return error.findings;
    throw error;
  }
}

/** A node without a place has that of the node that it is in: each printed character has a place in the source. */
function locate(node: Node, loc: Location | undefined): void {
  node.loc = node.loc?.source ? node.loc : loc;
  for (const child of childrenOf(node)) locate(child, node.loc);
}

/** The tree as text, with a source map. */
export async function print(program: Node): Promise<{ code: string; map: string }> {
  locate(program, program.loc);
  const printed = await minify(program as never, {
    parse: { spidermonkey: true } as object,
    compress: false,
    mangle: false,
    format: { beautify: true, ascii_only: true },
    sourceMap: true,
  });
  return { code: printed.code ?? "", map: printed.map as string };
}

/** Hoists a chunk. @param failed told of one that cannot be hoisted, and is left alone */
export function hoistFactories(failed: () => void): Plugin {
  return {
    name: "hoist-factories",
    renderChunk(code) {
      try {
        return print(hoist(code));
      } catch (error) {
        if (!(error instanceof HoistError)) throw error;
        failed();
        return null;
      }
    },
  };
}
