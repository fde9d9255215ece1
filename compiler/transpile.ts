/** TypeScript to JavaScript file by file, without a look at the types: ten times as fast, for what is checked elsewhere. */

import { existsSync } from "node:fs";
import path from "node:path";

import ts from "typescript";
import type { Plugin } from "rollup";

/** @param file tsconfig.json */
function optionsOf(file: string) {
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, path.dirname(file)).options;
}

export function transpile(tsconfig: string): Plugin {
  const compilerOptions = { ...optionsOf(tsconfig), sourceMap: true };
  return {
    name: "transpile",
    resolveId(source, importer) {
      if (!importer || !/^\..*\.js$/.test(source)) return null;
      const file = path.resolve(path.dirname(importer), source.replace(/\.js$/, ".ts"));
      return existsSync(file) ? file : null;
    },
    transform(code, id) {
      if (!id.endsWith(".ts")) return null;
      const { outputText, sourceMapText } = ts.transpileModule(code, { compilerOptions, fileName: id });
      return { code: outputText, map: sourceMapText ?? null };
    },
  };
}
