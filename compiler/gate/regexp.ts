/** Checks of regular expressions. Espruino has classes, greedy * and + on one atom, and flat groups; the rest it misreads. */

import { RegExpParser, visitRegExpAST } from "@eslint-community/regexpp";
import type { Alternative, Assertion, Character, Pattern, Quantifier } from "@eslint-community/regexpp/ast";
import type { Visitors } from "./types.js";

/** Espruino's match writes past its end from the tenth group on. */
const MOST_GROUPS = 9;

/**
 * What Espruino does not read as the standard does.
 * @param source between the slashes
 */
export function checkRegExp(source: string, flags: string): [rule: string, message: string][] {
  const found: [string, string][] = [];
  const refuse = (rule: string, message: string) => found.push([rule, message]);
  if (/[^gi]/.test(flags)) refuse("regexp-flag", "Espruino knows the flags g and i only");
  if (/[^\x00-\x7f]/.test(source)) refuse("non-ascii", "Espruino reads bytes, not characters: write \\xNN");
  let pattern;
  try {
    pattern = new RegExpParser({ ecmaVersion: 2022 }).parsePattern(source);
  } catch (error) {
    refuse("regexp-syntax", String(error instanceof Error ? error.message : error));
    return found;
  }
  visit(pattern, refuse);
  return found;
}

function visit(pattern: Pattern, refuse: (rule: string, message: string) => void) {
  let groups = 0;
  visitRegExpAST(pattern, {
    onAlternativeEnter(node) {
      if (node.parent.alternatives.length > 1) checkAlternative(node, pattern, refuse);
    },
    onAssertionEnter(node) {
      if (node.kind == "word") refuse("regexp-boundary", "Espruino has no \\b and \\B: match the characters around it");
      else if (node.kind.startsWith("look")) refuse("regexp-look", "Espruino has no lookahead and lookbehind");
      else if (!atEdge(node, pattern)) refuse("regexp-anchor", "In Espruino ^ comes first and $ last");
    },
    onBackreferenceEnter: () => refuse("regexp-backreference", "Espruino has no backreferences"),
    onCapturingGroupEnter(node) {
      if (++groups > MOST_GROUPS) refuse("regexp-groups", `Espruino has at most ${MOST_GROUPS} groups`);
      if (node.name) refuse("regexp-named-group", "Espruino has no named groups: number them");
      if (node.parent.parent.type != "Pattern") refuse("regexp-nested-group", "Espruino's groups cannot nest");
    },
    onGroupEnter: () => refuse("regexp-group", "Espruino has no (?:…): capture, or write it out"),
    onQuantifierEnter: (node) => checkQuantifier(node, refuse),
    onCharacterEnter: (node) => checkCharacter(node, refuse),
    onCharacterSetEnter(node) {
      if (node.kind == "any") refuse("regexp-dot", "Espruino's . matches a line's end too: write [^\\n] or [^]");
      if (node.kind == "property") refuse("regexp-escape", "Espruino has no \\p{…}: list the characters");
    },
  });
}

function checkAlternative(node: Alternative, pattern: Pattern, refuse: (rule: string, message: string) => void) {
  const plain = node.elements.every((one) => one.type != "Assertion" && one.type != "CapturingGroup");
  if (node.parent != pattern || !plain) {
    refuse("regexp-alternation", "Espruino's | works without groups and anchors only: use two expressions");
  }
}

function atEdge(node: Assertion, pattern: Pattern) {
  return node.kind == "start" ? node.start == pattern.start : node.end == pattern.end;
}

function checkQuantifier(node: Quantifier, refuse: (rule: string, message: string) => void) {
  if (!/[*+]$/.test(node.raw)) {
    refuse("regexp-quantifier", "Espruino has no ?, {n} and lazy *? +? : write it out, or use * and +");
  } else if (!/^Character/.test(node.element.type)) {
    refuse("regexp-quantified-group", "Espruino repeats one character or class, not a group");
  }
}

function checkCharacter(node: Character, refuse: (rule: string, message: string) => void) {
  const raw = node.raw;
  if (/^\\[ucb]/.test(raw)) refuse("regexp-escape", `Espruino does not know ${raw}: write \\xNN`);
  const inClass = node.parent.type == "CharacterClass" || node.parent.type == "CharacterClassRange";
  if (inClass && raw == "/") refuse("regexp-slash", "Espruino ends the expression at / even in []: write \\/");
  if (inClass && raw == "[") refuse("regexp-bracket", "Espruino fails on [ in []: write \\[");
}

export const regexpChecks: Visitors = {
  Literal(node, report) {
    if (!node.regex) return;
    for (const [rule, message] of checkRegExp(node.regex.pattern, node.regex.flags)) report(rule, node, message);
  },
  NewExpression(node, report) {
    const [source, flags] = node.arguments;
    if (node.callee.name != "RegExp" || typeof source?.value != "string") return;
    for (const [rule, message] of checkRegExp(source.value, String(flags?.value ?? ""))) report(rule, node, message);
  },
};
