/**
 * Gives the names that are used most the fewest characters: Terser hands names out in the order of their declarations.
 * It runs behind Terser, and behind all that declares a variable.
 */

import MagicString from "magic-string";
import type { Plugin } from "rollup";

import { SHORT_GLOBALS } from "../gate/features.js";
import { parseScript, scopesOf, type Scope, type Variable } from "../parse.js";
import { setParents, walk, type Node } from "../tree.js";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"];
const KEYWORDS = ["do", "if", "in", "of"];

/** One letter, then two. */
export const NAMES = [...LETTERS, ...LETTERS.flatMap((one) => LETTERS.map((other) => one + other))];

/** Names that no variable may have. @param more those that the program uses and does not declare */
export const reservedNames = (more: string[] = []): Set<string> => new Set([...KEYWORDS, ...SHORT_GLOBALS, ...more]);

interface Named {
  scope: Scope;
  /** Where it can be seen and is used: from its own scope down to those that name it. */
  scopes: Set<Scope>;
  /** Its places in the text. */
  places: Node[];
}

/** The innermost scope that a place is in. @param scopes each behind those around it */
const scopeAt = ({ start }: Node, scopes: Scope[]): Scope =>
  scopes.findLast(({ block }) => block.start <= start && start < block.end)!;

function namedOf(variable: Variable, all: Scope[]): Named {
  // What a head declares (catch, for) is not declared again in its block, and `var` not where a block has that name.
  const { scope, identifiers } = variable;
  const scopes = new Set([scope, ...(/^(catch|for)$/.test(scope.type) ? scope.childScopes : [])]);
  const users = [...variable.references.map(({ from }) => from), ...identifiers.map((one) => scopeAt(one, all))];
  for (const user of users) for (let at: Scope | null = user; at && !scopes.has(at); at = at.upper) scopes.add(at);
  const nodes = [...identifiers, ...variable.references.map(({ identifier }) => identifier)];
  return { scope, scopes, places: [...new Set(nodes)] };
}

/** Whether one of two variables would hide the other where that is used, if they had the same name. */
const clash = (one: Named, other: Named): boolean => one.scopes.has(other.scope) || other.scopes.has(one.scope);

/** The short form of a property has the name of its variable. */
const isShort = ({ parent }: Node): boolean => parent.type == "Property" && parent.shorthand;

/** @param code a program of Terser's, without classes: what they declare keeps its name */
export function shortenNames(code: string): MagicString {
  const program = parseScript(code);
  walk(program, setParents);
  const { scopes } = scopesOf(program);
  const text = new MagicString(code);
  const variables = scopes.flatMap((scope) => scope.variables).filter(({ defs }) => defs.length);
  const [kept, free] = [true, false].map((fixed) =>
    variables.filter(({ defs, scope }) => (scope.type == "class" || defs[0]!.type == "ClassName") == fixed),
  ) as [Variable[], Variable[]];
  const unknown = scopes.flatMap(({ references }) => references).filter(({ resolved }) => !resolved);
  const reserved = reservedNames([...kept.map(({ name }) => name), ...unknown.map((one) => one.identifier.name)]);
  const byName = new Map(NAMES.filter((name) => !reserved.has(name)).map((name) => [name, [] as Named[]]));
  // The sort is stable: variables that are used as often keep their order.
  for (const named of free.map((one) => namedOf(one, scopes)).sort((a, b) => b.places.length - a.places.length)) {
    const found = [...byName].find(([, others]) => !others.some((other) => clash(named, other)));
    if (!found) return new MagicString(code);
    found[1].push(named);
    for (const place of named.places) {
      const key = isShort(place) && place.name != found[0] ? `${place.name}:` : "";
      if (key || place.name != found[0]) text.update(place.start, place.end, key + found[0]);
    }
  }
  return text;
}

export function shortNames(): Plugin {
  return {
    name: "short-names",
    renderChunk(code, _chunk, { format }) {
      // An application is evaluated where the variables of a function of its own are.
      if (format == "iife") return null;
      const text = shortenNames(code);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
}
