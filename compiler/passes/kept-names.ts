/** Names of members that the minifier keeps: those of the language, of Espruino, and of what the package promises. */

import { readFileSync } from "node:fs";

import ts from "typescript";

/** Objects whose members are the language's. Two of Espruino's differ: its declarations have them. */
const LANGUAGE = [
  Array,
  ArrayBuffer,
  DataView,
  Date,
  Error,
  Function,
  JSON,
  Math,
  Number,
  Object,
  Promise,
  RegExp,
  String,
  Uint8Array,
  Object.getPrototypeOf(Uint8Array),
];

/** Members of instances that no prototype has. */
const OF_INSTANCES = ["index", "input", "lastIndex", "message", "stack", "exports"];

/** The names of members that a declaration promises, and of what a file exports. */
function namesIn(node: ts.Node): string[] {
  const found: string[] = [];
  const visit = (one: ts.Node): void => {
    const member = ts.isPropertySignature(one) || ts.isMethodSignature(one);
    if (member && (ts.isIdentifier(one.name) || ts.isStringLiteral(one.name))) found.push(one.name.text);
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  !!ts.getModifiers(statement)?.some(({ kind }) => kind == ts.SyntaxKind.ExportKeyword);

/** The names of the functions and variables that a file exports. */
function exportsOf(file: ts.SourceFile): string[] {
  return file.statements.filter(isExported).flatMap((one) => {
    if (ts.isFunctionDeclaration(one)) return one.name?.text ?? [];
    if (!ts.isVariableStatement(one)) return [];
    return one.declarationList.declarations.map(({ name }) => name.getText(file));
  });
}

const isType = (node: ts.Node): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);

/**
 * @param modules files whose exported names are kept
 * @param declarations types whose members are kept, by file; no names mean all that the file declares
 */
export function keptNames(modules: string[], declarations: Record<string, string[]>): string[] {
  const language = LANGUAGE.flatMap((one) => [one, one.prototype ?? {}]).flatMap((one) =>
    Object.getOwnPropertyNames(one),
  );
  const read = (file: string): ts.SourceFile =>
    ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2015);
  const members = Object.entries(declarations).flatMap(([file, types]) => {
    const { statements } = read(file);
    const missing = types.filter((name) => !statements.some((one) => isType(one) && one.name.text == name));
    if (missing.length) throw new Error(`${file} declares no ${missing.join(", ")}`);
    return statements.filter((one) => !types.length || (isType(one) && types.includes(one.name.text))).flatMap(namesIn);
  });
  return [...new Set([...language, ...OF_INSTANCES, ...modules.map(read).flatMap(exportsOf), ...members])].filter(
    (name) => !name.startsWith("_"),
  );
}
