/** Jumps out of `finally`, which Espruino passes over, and errors that begin or end in it. */

import vm from "node:vm";

import { expect } from "chai";

import { check } from "../../../compiler/gate/gate.js";
import { findInterpreter, runAll } from "./interpreter.js";

const rulesOf = (source: string, globals: string[] = []): string[] =>
  check(source, { name: "test", kind: "script", globals }).map((one) => one.rule);

const REFUSED = [
  "(function () { try { print(1); } finally { return 2; } })();",
  "for (;;) { try { print(1); } finally { break; } }",
  "for (;;) { try { print(1); } finally { if (1) continue; } }",
  "(function () { try { print(1); } catch (e) { print(e); } finally { if (1) { return; } } })();",
  "switch (1) { case 1: try { print(1); } finally { break; } }",
  "for (;;) { try { print(1); } finally { switch (1) { case 1: continue; } } }",
];

const ALLOWED = [
  "try { print(1); } finally { print(2); }",
  "try { print(1); } finally { for (let i = 0; i < 3; i++) { if (i) break; else continue; } }",
  "try { print(1); } finally { switch (1) { case 1: print(1); break; } }",
  "try { print(1); } finally { [1].forEach(function () { return 1; }); }",
  "(function () { try { return 1; } catch (e) { return 2; } finally { print(3); } })();",
];

/** What they do in Node, and in Espruino. */
const ERRORS: [rules: string[], source: string][] = [
  [["finally-throw"], `try { try { r.push(1); } finally { throw 2; } } catch (e) { r.push(e); } r.push(3);`],
  [
    ["finally-throw"],
    `try { try { r.push(1); } catch (e) { r.push(e); } finally { throw 2; } } catch (e) { r.push(e); }`,
  ],
  [
    ["finally-catch"],
    `try { try { throw 1; } finally { try { r.push(2); } catch (e) { r.push(e); } } } catch (e) { r.push(e); }`,
  ],
  [[], `try { try { throw 1; } finally { try { r.push(2); } finally { r.push(3); } } } catch (e) { r.push(e); }`],
  [[], `try { try { throw 1; } catch (e) { throw 2; } finally { r.push(3); } } catch (e) { r.push(e); }`],
  [[], `try { r.push(1); } finally { [2].forEach(function (v) { r.push(() => { throw v; }); }); } r.pop();`],
  [
    ["finally-catch"],
    `try { try { throw 1; } finally { (() => { try { r.push(2); } catch (e) { r.push(e); } })(); } } catch (e) { r.push(e); }`,
  ],
  [
    ["finally-throw"],
    `try { try { r.push(1); } finally { [2].forEach((v) => { throw v; }); } } catch (e) { r.push(e); }`,
  ],
];

describe("gate: finally", () => {
  for (const source of REFUSED) it(`refuses ${source}`, () => expect(rulesOf(source)).to.deep.equal(["finally-jump"]));
  for (const source of ALLOWED) it(`allows ${source}`, () => expect(rulesOf(source)).to.deep.equal([]));

  for (const [rules, source] of ERRORS)
    it(`${rules[0] ?? "allows"}: ${source}`, () => expect(rulesOf(source, ["r"])).to.deep.equal(rules));

  it("what is refused is otherwise in the real interpreter, what is allowed is the same", async function () {
    const binary = findInterpreter();
    if (!binary) return this.skip();
    const bodies = ERRORS.map(([, source]) => `const r = []; ${source} return r.join();`);
    const results = await runAll(binary, bodies);
    const inNode = bodies.map((body) => vm.runInNewContext(`(function () { ${body} })()`) as string);
    const same = results.map((one, i) => one?.value === inNode[i]);
    expect(same).to.deep.equal(ERRORS.map(([rules]) => !rules.length));
  });
});
