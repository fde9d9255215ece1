/** JSON that people write: a name that an object has twice is a mistake, of which JSON.parse keeps the last without a word. */

import { UsageError } from "./errors.js";

/** Texts, in pieces as long as can be, and brackets; what else valid JSON has is of no interest here. */
const TOKENS = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/g;

/** The first name that an object of valid JSON has twice. */
function repeatedName(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string;
      const names = open.at(-1)!;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}

/**
 * The value of a text.
 * @param where it is from, for the message
 * @throws SyntaxError, which may quote the text; UsageError for a name twice in one object
 */
export function readJson(text: string, where: string): unknown {
  const value: unknown = JSON.parse(text);
  const name = repeatedName(text);
  if (name === undefined) return value;
  throw new UsageError(`${where} has ${JSON.stringify(name.slice(0, 40))} twice in one object: remove one of them`);
}
