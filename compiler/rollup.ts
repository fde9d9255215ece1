/** Rollup's part of the checks: a device file that Espruino misreads, or that is too large, fails the build. */

import path from "node:path";

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { NormalizedOutputOptions, OutputBundle, OutputChunk, Plugin } from "rollup";

import { check } from "./gate/gate.js";
import type { Finding } from "./gate/types.js";
import { hoistErrors, hoistFactories } from "./passes/hoist/hoist.js";
import { measure, overBudget, table } from "./size.js";

/**
 * The finding as one line that names the file of the source.
 * @param directory of the chunk, which the map's sources are relative to
 */
function locate(finding: Finding, chunk: OutputChunk, directory: string): string {
  const trace = chunk.map && new TraceMap(chunk.map as never);
  const needle = { line: finding.line, column: finding.column - 1 };
  const found = trace ? originalPositionFor(trace, needle) : undefined;
  const place = found?.source
    ? `${path.relative(".", path.resolve(directory, found.source))}:${found.line}:${found.column + 1}`
    : `${chunk.fileName}:${finding.line}:${finding.column}`;
  return `${place} ${finding.message} (${finding.rule}, in ${chunk.fileName})`;
}

/** The findings in the chunks of a bundle, one a line. */
function findingsIn(
  options: NormalizedOutputOptions,
  bundle: OutputBundle,
  find: (chunk: OutputChunk) => Finding[],
): string[] {
  return Object.values(bundle).flatMap((chunk) => {
    if (chunk.type != "chunk") return [];
    const directory = path.dirname(path.resolve(options.file ?? chunk.fileName));
    return find(chunk).map((one) => locate(one, chunk, directory));
  });
}

/** Runs the gate on each chunk as it will be flashed. */
export function espruinoGate(): Plugin {
  return {
    name: "espruino-gate",
    generateBundle(options, bundle) {
      const kind = options.format == "cjs" ? "module" : "script";
      const lines = findingsIn(options, bundle, ({ code, fileName }) => check(code, { name: fileName, kind }));
      if (lines.length) this.error(`Espruino cannot run this:\n${lines.join("\n")}`);
    },
  };
}

/** Hoisting the factories of a minified output; the readable one, whose source map has every place, tells why not. */
export function onceFactories(): { hoist: Plugin; readable: Plugin; check: Plugin } {
  let failed = false;
  let complain = (): string[] => [];
  return {
    hoist: hoistFactories(() => (failed = true)),
    readable: {
      name: "once-places",
      generateBundle(options, bundle) {
        complain = () => findingsIn(options, bundle, ({ code }) => hoistErrors(code));
      },
    },
    check: {
      name: "once-check",
      closeBundle(error) {
        if (!error && failed) this.error(`These functions cannot be hoisted:\n${complain().join("\n")}`);
      },
    },
  };
}

/** Prints what the device files weigh, after all of them are written. @param done called when none weighs too much */
export function sizeBudgets(done: () => void): Plugin {
  return {
    name: "size-budgets",
    closeBundle(error) {
      if (error) return;
      const sizes = measure("build");
      console.log(table(sizes).join("\n"));
      const over = overBudget(sizes);
      if (over.length) this.error(over.join("\n"));
      done();
    },
  };
}
