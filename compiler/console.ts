/** The console's page: one script, another for the camera, one style sheet, and the causes of docs/status-codes.md built in. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import type { Plugin, RollupOptions } from "rollup";

import { transpile } from "./transpile.js";

const CODES = "virtual:status-codes";

/** A row of a table with code, message, cause and what to look at. */
const ROW = /^\|\s*(\d+)\s*\|([^|]*)\|([^|]*)\|([^|]*)\|\s*$/;

/** The status codes of the document that describes them, without its marks of code. */
export function statusCodes(markdown: string): Record<string, { message: string; cause: string; look: string }> {
  const rows = markdown.split("\n").flatMap((line) => {
    const [, code, ...cells] = ROW.exec(line) ?? [];
    if (!code) return [];
    const [message, cause, look] = cells.map((cell) => cell.trim().replaceAll("`", ""));
    return [[code, { message, cause, look }] as const];
  });
  return Object.fromEntries(rows);
}

function codesOf(document: string): Plugin {
  return {
    name: "status-codes",
    resolveId: (source) => (source === CODES ? `\0${CODES}` : null),
    load(id) {
      if (id !== `\0${CODES}`) return null;
      this.addWatchFile(document);
      return `export default ${JSON.stringify(statusCodes(readFileSync(document, "utf8")))};`;
    },
  };
}

/** What the app's code takes from Node, as far as it runs in a browser. */
const SHIMS: Record<string, string> = {
  "node:crypto": "crypto",
  "node:stream": "stream",
  "node:zlib": "zlib",
  "node:timers/promises": "timers",
  "node:net": "none",
  "node:dgram": "none",
  "node:os": "none",
};

function shims(): Plugin {
  return {
    name: "shims",
    resolveId: (source) => (source in SHIMS ? path.resolve(`console/shims/${SHIMS[source]}.ts`) : null),
  };
}

/** The files of the page that are no script; style sheets in the order of their names make one. */
function files(): Plugin {
  return {
    name: "page",
    generateBundle() {
      const own = readdirSync("console/styles").sort();
      const sheets = ["node_modules/uplot/dist/uPlot.min.css", ...own.map((name) => `console/styles/${name}`)];
      const css = sheets.map((path) => readFileSync(path, "utf8")).join("");
      this.emitFile({ type: "asset", fileName: "app.css", source: css });
      for (const name of ["index.html", "icon.svg"]) {
        this.emitFile({ type: "asset", fileName: name, source: readFileSync(`console/${name}`, "utf8") });
      }
    },
  };
}

export const page: RollupOptions = {
  input: "console/main.tsx",
  plugins: [
    codesOf("docs/status-codes.md"),
    shims(),
    transpile("tsconfig.console.json"),
    resolve({ browser: true }),
    commonjs(),
    files(),
  ],
  output: {
    ...{ dir: "build/console", entryFileNames: "app.js", chunkFileNames: "[name].js" },
    // Terser's `evaluate` and `collapse_vars` change what a program does: passes/minify.ts, passes/text-sums.ts.
    ...{
      format: "es",
      plugins: [terser({ module: true, ecma: 2020, compress: { evaluate: false, collapse_vars: false } })],
    },
  },
};
