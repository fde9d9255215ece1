/** Functions become arrows where that changes nothing, and stay where it would. */

import { expect } from "chai";

import { useArrows } from "../../../compiler/passes/arrows.js";
import { findInterpreter, runAll } from "./interpreter.js";

const CHANGED: [source: string, result: string][] = [
  ["function f(a) { return a; }", "var f = (a) => { return a; };"],
  ["function f() { function g() {} return g; }", "var f = () => { var g = () => {}; return g; };"],
  ["function f() { return function () { return this; }; }", "var f = () => { return function () { return this; }; };"],
  ["function f() {} list.map(f);", "var f = () => {}; list.map(f);"],
];

const KEPT: Record<string, string> = {
  "one that reads this": "function f() { return this.a; }",
  "one whose arrow reads this": "function f() { return () => this.a; }",
  "one that reads its arguments": "function f() { return arguments.length; }",
  "one that objects are made with": "function F() {} g(new F());",
  "one that has a prototype": "function F() {} F.prototype.a = 1;",
  "one of two of a name": "function f() { return 1; } function f() { return 2; }",
  "a generator": "function* f() {}",
};

/** Programs that say the same before and after. */
const SAME = [
  "function f(a, b) { return a + b; } return f(1, 2);",
  "function f() { for (var i = 0; i < 9; i++) if (i > 3) return i; } return f();",
  "function f() { return { a: 1 }; } return f().a;",
  "function f(a) { function g(b) { return a * b; } return g; } return [1, 2].map(f(3));",
  "function f() { return this.x; } return { x: 4, f: f }.f();",
  "function f() {} return String(f());",
];

describe("gate: arrows for functions", () => {
  const binary = findInterpreter();
  for (const [source, result] of CHANGED) {
    it(`changes ${source}`, () => expect(useArrows(source).toString()).to.equal(result));
  }
  for (const [what, source] of Object.entries(KEPT)) {
    it(`keeps ${what}`, () => expect(useArrows(source).toString()).to.equal(source));
  }

  it("changes nothing that a program can see", () => {
    for (const body of SAME) {
      const run = (text: string): unknown => new Function(text)();
      const arrows = useArrows(`(function () { ${body} })`).toString();
      expect(arrows).to.include(body.includes("this") ? "function f" : "var f = ");
      expect(run(`return ${arrows}()`)).to.deep.equal(run(body));
    }
  });

  it("nor in the real interpreter", async function () {
    if (!binary) return this.skip();
    const bodies = SAME.flatMap((body) => [body, useArrows(`(function () { ${body} })`).toString().slice(15, -3)]);
    const results = await runAll(binary, bodies);
    SAME.forEach((body, at) => expect(results[2 * at + 1], body).to.deep.equal(results[2 * at]));
  });
});
