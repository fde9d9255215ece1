/** `npm run docs`: docs/api.md, from the docstrings of what applications use. */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { format, resolveConfig } from "prettier";
import ts from "typescript";

export const API_FILE = "docs/api.md";

/** Modules of the package by their name on the device. */
const MODULES: [name: string, entry: string][] = [
  ["WifiBinding", "src/index.ts"],
  ["WifiBindingBle", "src/ble/index.ts"],
  ["WifiBindingData", "src/data/index.ts"],
  ["WifiBindingMdns", "src/mdns/index.ts"],
  ["WifiBindingProof", "src/proof/index.ts"],
  ["WifiBindingOta", "src/ota/index.ts"],
];
/** Types whose members an application writes or reads. */
const TYPES: [name: string, file: string][] = [
  ["Options", "src/options.ts"],
  ["Events", "src/events.ts"],
  ["OtaEvents", "src/ota/events.ts"],
  ["Task", "src/ota/events.ts"],
  ["Data", "src/data/index.ts"],
  ["DataOptions", "src/data/index.ts"],
  ["QueueOptions", "src/data/queue.ts"],
  ["ReportOptions", "src/data/index.ts"],
];

const HEAD = `# The API

Made by \`npm run docs\` from the docstrings; a test holds it up to date. \`require("WifiBinding")\` on the device; in
TypeScript \`import * as WifiBinding from "espruino-wifi-binding"\` has the types.
`;

/** Prose of a docstring, with its lines joined; tags become a line each. */
function proseOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\n(?!\n)/g, " ");
  const tags = symbol.getJsDocTags(checker).map(({ name, text }) => {
    const line = ts.displayPartsToString(text).replace(/\s+/g, " ");
    const words = name === "param" ? line.replace(/^\S+/, "`$&`") : line;
    return name === "once" ? "" : `- *${name}*: ${words}`;
  });
  return [text, tags.filter(Boolean).join("\n")].filter(Boolean).join("\n\n");
}

function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.Node): string {
  const type = checker.getTypeOfSymbolAtLocation(symbol, node);
  const [call] = type.getCallSignatures();
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  return `${symbol.name}${call ? checker.signatureToString(call, node, flags) : `: ${checker.typeToString(type)}`}`;
}

/** The functions that a module exports. */
function functionsOf(checker: ts.TypeChecker, file: ts.SourceFile): string[] {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!);
  return symbols
    .filter((symbol) => symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable))
    .map((symbol) => {
      const heading = `### ${symbol.name}\n\n\`\`\`ts\n${signatureOf(checker, symbol, file)}\n\`\`\``;
      return [heading, proseOf(checker, symbol)].join("\n\n");
    });
}

/** The members of an interface as a table. */
function membersOf(checker: ts.TypeChecker, file: ts.SourceFile, name: string): string {
  const declared = file.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
  const members = checker.getTypeAtLocation(declared!).getProperties();
  const rows = members.map((member) => {
    const declaration = member.valueDeclaration as ts.PropertySignature;
    const type = declaration.type!.getText().replace(/\|/g, "\\|");
    return `| \`${member.name}${declaration.questionToken ? "?" : ""}\` | \`${type}\` | ${proseOf(checker, member)} |`;
  });
  return [`## ${name}`, "", "| name | type | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The text of docs/api.md. */
export async function apiDocs(): Promise<string> {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => readFileSync(path, "utf8"));
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  const source = (path: string): ts.SourceFile => program.getSourceFile(path)!;
  const text = [
    HEAD,
    ...MODULES.flatMap(([name, entry]) => [`## ${name}`, ...functionsOf(checker, source(entry))]),
    ...TYPES.map(([name, file]) => membersOf(checker, source(file), name)),
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(API_FILE)), parser: "markdown" });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(API_FILE, await apiDocs());
}
