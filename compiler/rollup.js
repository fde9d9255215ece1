/** Rollup's part of the gate: a device file that Espruino misreads, or that is too large, fails the build. */

import path from "node:path";

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

import { check } from "./gate/gate.js";
import { measure, overBudget, table } from "./size.js";

/** @typedef {import("rollup").OutputChunk} OutputChunk */
/** @typedef {import("./gate/types.js").Finding} Finding */

/**
 * The finding as one line that names the file of the source.
 * @param {Finding} finding
 * @param {OutputChunk} chunk
 * @param {string} directory of the chunk, which the map's sources are relative to
 */
function locate(finding, chunk, directory) {
  const trace = chunk.map && new TraceMap(/** @type {any} */ (chunk.map));
  const needle = { line: finding.line, column: finding.column - 1 };
  const found = trace ? originalPositionFor(trace, needle) : undefined;
  const place = found?.source
    ? `${path.relative(".", path.resolve(directory, found.source))}:${found.line}:${found.column + 1}`
    : `${chunk.fileName}:${finding.line}:${finding.column}`;
  return `${place} ${finding.message} (${finding.rule}, in ${chunk.fileName})`;
}

/** Runs the gate on each chunk as it will be flashed. @returns {import("rollup").Plugin} */
export function espruinoGate() {
  return {
    name: "espruino-gate",
    generateBundle(options, bundle) {
      const kind = options.format == "cjs" ? "module" : "script";
      const lines = Object.values(bundle).flatMap((chunk) => {
        if (chunk.type != "chunk") return [];
        const directory = path.dirname(path.resolve(options.file ?? chunk.fileName));
        return check(chunk.code, { name: chunk.fileName, kind }).map((one) => locate(one, chunk, directory));
      });
      if (lines.length) this.error(`Espruino cannot run this:\n${lines.join("\n")}`);
    },
  };
}

/** Prints what the device files weigh, after all of them are written. @returns {import("rollup").Plugin} */
export function sizeBudgets() {
  return {
    name: "size-budgets",
    closeBundle(error) {
      if (error) return;
      const sizes = measure("build");
      console.log(table(sizes).join("\n"));
      const over = overBudget(sizes);
      if (over.length) this.error(over.join("\n"));
    },
  };
}
