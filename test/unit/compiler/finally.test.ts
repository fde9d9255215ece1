/** Jumps out of `finally`, which Espruino passes over. */

import { expect } from "chai";

import { check } from "../../../compiler/gate/gate.js";

const rulesOf = (source: string): string[] => check(source, { name: "test", kind: "script" }).map((one) => one.rule);

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

describe("gate: finally", () => {
  for (const source of REFUSED) it(`refuses ${source}`, () => expect(rulesOf(source)).to.deep.equal(["finally-jump"]));
  for (const source of ALLOWED) it(`allows ${source}`, () => expect(rulesOf(source)).to.deep.equal([]));
});
