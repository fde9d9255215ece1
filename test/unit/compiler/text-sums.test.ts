/** What is added to a text is a text before Terser sees it, which adds numbers there that are not to be added. */

import vm from "node:vm";

import { expect } from "chai";
import { minify } from "terser";

import { terserOptions } from "../../../compiler/passes/minify.js";
import { useTexts } from "../../../compiler/passes/text-sums.js";

/** What a program prints. */
function run(code: string): unknown[] {
  const printed: unknown[] = [];
  vm.runInNewContext(code, { print: (value: unknown) => printed.push(value), x: 4, y: "b", f: () => 7 });
  return printed;
}

const PROGRAMS = [
  'print("a" + x + 1 + 2);',
  'print("a" + f() + 1 + 2);',
  'print("a" + -x + 1);',
  'print("a" + x++ + 1 + 2);',
  'print("" + x + -1 + -2);',
  'print("a" + x + true + 1);',
  'print("a" + undefined + 1);',
  'print("a" + x + null + NaN + Infinity);',
  'print("a" + x + 5 + 6 + "b");',
  'print("a" + x + (1 + 1) + (y ? 2 : 2));',
  'print("a" + -x + (2 + "b"));',
  "print(typeof x + 1 + 2);",
  "print(`${x}` + 1 + 2);",
  'print("ab".length + "a" + x + "b".length + "c".length);',
  'const P = 80, Q = 1; print("a:" + x + P + Q);',
  'const q = "z"; print(q + x + 1 + 2);',
  'const k = () => 1; print("a" + x + k() + k());',
  'function k() { return 1; } print("a" + x + k() + 2);',
  'function k() { return x ? 1 : k(); } print("a" + x + k() + 2);',
  'let n = 1; n++; print("a" + x + n + 2);',
  'print("a" + x + y + (x + 1) + f());',
];

describe("numbers behind a text", () => {
  for (const program of PROGRAMS) {
    it(program, async () => {
      // Terser puts variables of a function in their places, and some of those of a program.
      for (const code of [program, `(function () {\n${program}\n})();`]) {
        const { code: output } = await minify(useTexts(code).toString(), terserOptions(["print"]));
        expect(run(output!), output).to.deep.equal(run(code));
      }
    });
  }

  it("refuses what Espruino writes with other digits than Node", () => {
    for (const value of ["1 / 3", "1e21", "(0.1 + 0.2)", "123456789012345678"])
      expect(() => useTexts(`print("a" + x + ${value});`), value).to.throw(/in Node only/);
    expect(useTexts('print("a" + x + 1 / 4);').toString()).to.equal('print("a" + x + "0.25");');
  });

  it("leaves numbers that are added to numbers, and what has no value yet", () => {
    for (const code of ['print(x + 1 + 2 + "a");', "print(1 + x);", 'print("a" + x);', 'let n; n = 5; print("a" + n);'])
      expect(useTexts(code).toString()).to.equal(code);
  });
});
