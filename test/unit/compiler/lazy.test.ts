/** A file in one function: what it declares is made anew at each call. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { rollup } from "rollup";

import { inOneFunction } from "../../../compiler/lazy.js";

const FILE = `
let count = 0;
function next(step) { count += step; return count; }
export function counter(from, step) {
  count = from;
  return () => next(step);
}
`;

describe("a file in one function", () => {
  const folder = mkdtempSync(join(tmpdir(), "lazy-"));
  after(() => rmSync(folder, { recursive: true }));

  async function built(source: string): Promise<string> {
    const file = join(folder, "counter.ts");
    writeFileSync(file, source);
    const bundled = await rollup({ input: file, plugins: [inOneFunction("counter.ts")] });
    const { output } = await bundled.generate({ format: "cjs" });
    return output[0].code;
  }

  it("takes the arguments of its export, and keeps nothing between two calls", async () => {
    const exports: { counter?: (from: number, step: number) => () => number } = {};
    new Function("exports", await built(FILE))(exports);
    const [one, two] = [exports.counter!(10, 1), exports.counter!(20, 5)];
    expect([one(), one(), two(), one()]).to.deep.equal([11, 12, 25, 13]);
  });

  it("is refused when its export is not the last in it", async () => {
    const error = await built(`${FILE}count = 1;\n`).catch((reason: Error) => reason.message);
    expect(error).to.match(/counter must be the last in its file/);
  });
});
