/** let and const become var where that changes nothing, and stay where it would. */

import { expect } from "chai";
import fc from "fast-check";

import { useVar } from "../../../compiler/passes/vars.js";

const CHANGED: [source: string, result: string][] = [
  ["const a = 1; let b;", "var a = 1; var b;"],
  ["function f() { if (1) { const o = 2; return o; } }", "function f() { if (1) { var o = 2; return o; } }"],
  ["for (const x of l) g(x);", "for (var x of l) g(x);"],
  ["for (let i = 0; i < 2; i++) { const j = i; g(j); }", "for (var i = 0; i < 2; i++) { var j = i; g(j); }"],
  ["const f = () => { const a = 1; return a; };", "var f = () => { var a = 1; return a; };"],
];

const KEPT: Record<string, string> = {
  "two variables of one name": "function f() { { const a = 1; g(a); } { const a = 2; g(a); } }",
  "a variable that it would hide": "function f() { { const o = 2; g(o); } return o; }",
  "a variable that a function inside reads": "function f() { { const o = 2; g(o); } return () => o; }",
  "a parameter": "function f(a) { { const a = 2; g(a); } return a; }",
  "one that is undefined again at each turn": "for (;;) { let x; x = g(x); }",
  "one that a function keeps at each turn": "for (;;) { const x = g(); h(() => x); }",
};

describe("gate: var for let and const", () => {
  for (const [source, result] of CHANGED) {
    it(`changes ${source}`, () => expect(useVar(source).toString()).to.equal(result));
  }
  for (const [what, source] of Object.entries(KEPT)) {
    it(`keeps ${what}`, () => expect(useVar(source).toString()).to.match(/\b(let|const) /));
  }

  /** Small programs of nested blocks, loops and closures over three names, which log all that they read. */
  const { statement } = fc.letrec<{ statement: string; list: string }>((tie) => {
    const name = fc.constantFrom("a", "b", "c");
    const word = fc.constantFrom("let", "const", "var");
    return {
      list: fc.array(tie("statement"), { maxLength: 4 }).map((all) => all.join("\n")),
      statement: fc.oneof(
        { maxDepth: 4 },
        fc.tuple(word, name, fc.nat(9)).map(([kind, id, value]) => `${kind} ${id} = ${value};`),
        name.map((id) => `log(typeof ${id} == "number" && ${id});`),
        name.map((id) => `later.push(() => log(${id}));`),
        tie("list").map((body) => `{ ${body} }`),
        tie("list").map((body) => `for (let i = 0; i < 2; i++) { ${body} }`),
        fc.constant("for (let i = 0; i < 2; i++) { const d = i; later.push(() => log(d)); }"),
        fc.constant("for (let i = 0; i < 2; i++) { let e; log(e); e = i; }"),
        tie("list").map((body) => `(function () { ${body} })();`),
      ),
    };
  });

  function run(body: string): string | undefined {
    const seen: unknown[] = [];
    const later: (() => void)[] = [];
    try {
      new Function("log", "later", body)((value: unknown) => seen.push(value), later);
      later.forEach((one) => one());
      return JSON.stringify(seen);
    } catch {
      return undefined;
    }
  }

  it("changes nothing that a program can see", () => {
    let compared = 0;
    const programs = fc.array(statement, { minLength: 2, maxLength: 8 }).map((all) => all.join("\n"));
    fc.assert(
      fc.property(programs, (body) => {
        const expected = run(`var a = 10, b = 11, c = 12; (function () { ${body} })();`);
        // A program that reads a variable before its statement, or declares it twice, is no program for the device.
        fc.pre(expected !== undefined);
        const source = `var a = 10, b = 11, c = 12; (function () { ${body} })();`;
        compared++;
        expect(run(useVar(source).toString())).to.equal(expected);
      }),
      { numRuns: 500 },
    );
    expect(compared).to.be.greaterThan(400);
  });
});
