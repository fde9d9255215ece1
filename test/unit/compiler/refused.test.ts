/** What the gate refuses: for each rule, programs that Espruino cannot read or reads otherwise. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { check } from "../../../compiler/gate/gate.js";

const REFUSED: Record<string, string[]> = {
  parse: ["var a = ;", "import x from 'y';", "export var a;", "await f();", "a.b = 1 2"],
  // Grammar
  destructuring: ["var { a } = o;", "var [a] = [1];", "[o.a, o.b] = [1, 2];", "(function ({ a }) {})({});"],
  "default-parameter": ["(function (a = 1) {})();", "((a = 1) => a)();"],
  rest: ["(function (...a) {})();", "((a, ...b) => b)();"],
  spread: ["Math.max(...[1, 2]);", "print([...[1]]);", "print({ ...process.env });"],
  "optional-chaining": ["process?.env;", "print(process.env?.[1]);", "print?.();"],
  "logical-assignment": ["var a = 0; a ||= 1;", "var a = 0; a &&= 1;", "var a = null; a ??= 1;"],
  exponent: ["print(2 ** 3);", "var a = 2; a **= 3;"],
  generator: ["function* f() {}", "print({ *f() {} });", "(function* () { yield 1; })();"],
  async: ["async function f() {}", "(async () => 1)();", "print({ async f() {} });", "class A { async f() {} }"],
  label: ["a: for (;;) break a;", "a: for (;;) continue a;"],
  with: ["with ({}) print(1);"],
  debugger: ["debugger;"],
  "tagged-template": ["print`a`;"],
  "meta-property": ["(function () { return new.target; })();"],
  "dynamic-import": ["import('net');"],
  "array-hole": ["print([1, , 2]);", "if (0) print([, 1]);"],
  "default-not-last": ["switch (1) { default: print(1); break; case 1: print(2); }"],
  "computed-key": ["print({ ['a' + 1]: 1 });"],
  "comma-index": ["var a = [1]; print(a[0, 0]);"],
  "length-assignment": ["var a = [1]; a.length = 0;", "var a = [1]; a.length--;"],
  "inner-function": ["if (1) { function f() {} }", "for (;;) { function f() {} }"],
  "delete-value": ["print(delete process.x);", "if (delete process.x) print(1);", "var a = (1, delete process.x);"],
  "bare-return": [
    "(function () { print(1); return })();",
    "(() => { if (1) return })();",
    "(function () { for (;;) if (0) print(1); else return })();",
  ],
  "finally-throw": ["try { print(1); } finally { if (process.env.x) throw 1; }"],
  "finally-catch": ["try { print(1); } finally { try { print(2); } catch (e) { print(e); } }"],
  "finally-jump": ["(function () { try { print(1); } finally { return 2; } })();"],
  boxed: ["print(new String('a'));"],
  "clamped-array": ["print(new Uint8ClampedArray(2));"],
  "error-class": ["try { f1(); } catch (e) { print(e instanceof TypeError); }"],
  "inner-class": ["if (1) { class A {} print(A); }"],
  "case-declaration": ["switch (1) { case 0: let a; case 1: a = 2; print(a); }", "switch (1) { case 1: const a = 1; }"],
  "case-do": [
    "switch (1) { case 1: print(1); break; case 2: do print(2); while (0); print(3); }",
    "switch (1) { case 1: print(1); break; case 2: if (1) do { print(2); } while (0); }",
    "for (;;) { switch (1) { case 1: break; default: for (;;) do print(2); while (0); } }",
  ],
  "case-value": ["var n = 1; switch (n) { case f1(): print(1); }", "var n = 1; switch (n) { case (n = 2): print(1); }"],
  // Classes
  "bare-field": ["class A { x; }"],
  "field-this": ["class A { y = this.x; }", "class A { f = () => this.x; }"],
  "private-name": ["class A { #x = 1; }", "class A { #f() {} }"],
  "static-block": ["class A { static { print(1); } }"],
  "class-key": [
    "class A { 'a b'() {} }",
    "class A { ['x']() {} }",
    "class A { 1() {} }",
    "class A { of() {} }",
    "class A { delete() {} }",
    "class A { static if() {} }",
  ],
  "extends-error": ["class A extends Error {}", "class A extends TypeError { constructor(m) { super(m); } }"],
  "extends-expression": ["var o = {}; class A extends o.B {}"],
  "super-place": [
    "class A {} class B extends A { m() { return [1].map(() => super.n()); } }",
    "print({ m() { return super.m(); } });",
  ],
  "super-depth": [
    "class A { m() {} } class B extends A { m() { super.m(); } } class C extends B { m() { super.m(); } }",
  ],
  "static-inheritance": ["class A { static s() {} } class B extends A {} B.s();"],
  "arrow-arguments": ["(function () { return () => arguments[0]; })();"],
  // Literals and names
  "long-name": [`var ${"a".repeat(64)} = 1;`, `print({ ${"a".repeat(64)}: 1 });`],
  "of-name": ["var of = 1;", "(function (of) { return of; })();"],
  "non-ascii": ["print('\u00e9');", "print('\\u20ac');", "print(`\u20ac`);", "var \u00e9 = 1;", "/\u00e9/.test('');"],
  "unicode-escape": ["print('\\u{41}');", "print('a\\\\\\u{41}');"],
  "template-escape": ["print(`\\${x}`);"],
  "template-brace": ["print(`${'}'}`);", "print(`${`}`}`);"],
  bigint: ["print(10n);"],
  "big-number": ["print(0x8000000000000000);", "print(9300000000000000000);"],
  // Regular expressions
  "regexp-quantifier": [
    "/a?b/.test('');",
    "/a{2}/.test('');",
    "/a{1,}/.test('');",
    "/a+?/.test('');",
    "/a*?b/.test('');",
  ],
  "regexp-quantified-group": ["/(ab)+/.test('');"],
  "regexp-group": ["/(?:ab)c/.test('');"],
  "regexp-nested-group": ["/((a)b)/.test('');"],
  "regexp-named-group": ["/(?<n>a)/.test('');"],
  "regexp-groups": ["/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)/.test('');"],
  "regexp-alternation": ["/x(ab|cd)y/.test('');", "/^a|b/.test('');", "/^a$|b/.test('');", "/(a)|b/.test('');"],
  "regexp-boundary": ["/\\bfoo/.test('');", "/\\Bfoo/.test('');"],
  "regexp-look": ["/(?=a)a/.test('');", "/(?!b)a/.test('');", "/(?<=b)a/.test('');"],
  "regexp-anchor": ["/a^b/.test('');", "/a$b/.test('');"],
  "regexp-backreference": ["/(a)\\1/.test('');"],
  "regexp-escape": ["/\\u0041/.test('');", "/[\\u0041]/.test('');", "/\\cA/.test('');"],
  "regexp-flag": ["/a/m.test('');", "/a/s.test('');", "/a/u.test('');", "/a/y.test('');"],
  "regexp-dot": ["/a.b/.test('');"],
  "regexp-slash": ["/[/]/.test('');", "/[^/]/.test('');"],
  "regexp-bracket": ["/[[]/.test('');"],
  "regexp-syntax": ["new RegExp('(a');"],
  // Members and calls
  "missing-member": [
    "Array.from([1]);",
    "Array.of(1);",
    "Date.UTC(2020, 1);",
    "Math.pow(2, 30);",
    "Math.trunc(1.5);",
    "Math['log2'](8);",
    "Number.isInteger(1);",
    "Object.freeze({});",
    "Object.is(1, 1);",
    "Promise.race([]);",
    "String.raw({ raw: 'x' });",
    "Uint8Array.from([1]);",
    "JSON.rawJSON('1');",
    "Math.hypot(3, 4);",
    "Math.imul(2, 3);",
    "Math.log10(10);",
    "Number.isNaN(1);",
    "Object.hasOwn({}, 'a');",
    "Promise.any([]);",
  ],
  "missing-method": [
    "[1].flatMap(print);",
    "[1].at(-1);",
    "[[1]].flat();",
    "[1].entries();",
    "[1].reduceRight(print);",
    "'a'.localeCompare('b');",
    "'a'.search(/a/);",
    "'a'.matchAll(/a/g);",
    "'a'.trimEnd();",
    "'a'.codePointAt(0);",
    "'a'.normalize();",
    "'a'.trimStart();",
    "'a'.at(0);",
    "[1].findLast(print);",
    "[1].keys();",
    "E.off('init', print);",
    "(1).toPrecision(3);",
    "Promise.resolve(1).finally(print);",
    "E.once('init', print);",
  ],
  "builtin-prototype": ["Array.prototype.slice.call([1]);", "print(String.prototype.trim);"],
  "error-name": ["try { f1(); } catch (e) { print(e.name); }"],
  "split-limit": ["'a,b'.split(',', 1);"],
  "json-reviver": ["JSON.parse('1', print);"],
  "json-replacer": ["JSON.stringify({}, print);", "JSON.stringify({}, ['a']);"],
  "json-indent": ["JSON.stringify({}, null, 2);"],
  "replace-function": ["'a'.replace('a', function () { return 'b'; });"],
  "replace-pattern": ["'a'.replace(/a/, '$&');", "'a'.replace(/a/, '$$');"],
  "match-global": ["'a'.match(/a/g);"],
  require: ["require('wifi');", "require('os');", "require('MQTT');", "var n = 'net'; require(n);"],
  // Scopes
  hoisting: [
    "f(); function f() {}",
    "print(v); var v = 1;",
    "(function () { x = 1; var x; })();",
    "(function () { return f(); function f() {} })();",
    "var a = new B(); class B {}",
    "(function () { print(v); })(); var v = 1;",
    "[1].map(function () { return v; }); var v = 1;",
  ],
  "var-in-block": [
    "if (0) { var x = 1; } print(x);",
    "try { var x = 1; } catch (e) { } print(x);",
    "if (0) var x = 1; print(x);",
  ],
  "loop-closure": [
    "for (let i = 0; i < 3; i++) setTimeout(function () { print(i); }, 1);",
    "for (const i of [1, 2]) { setTimeout(() => print(i), 1); }",
    "for (const k in { a: 1 }) setTimeout(() => print(k), 1);",
  ],
  "block-closure": [
    "if (1) { var f = () => x; let x = 4; print(f()); }",
    "for (const i of [1, 2]) { var f = function () { return [1].map(() => x + i); }; let x = i; print(f()); }",
    "try { f1(); } catch (e) { var f = () => x; const x = 2; print(f()); }",
  ],
  "compound-assignment": [
    "var a = 1; function g() { a = 10; return 1; } a += g();",
    "var a = 1; function g() { a = 10; return 1; } function h() { return g(); } a -= 1 + h();",
    "var a = [1], i = 0; a[i++] += f1();",
    "var a = 1; a += 2 + a++;",
    "var a = 1; a &= [1].map(function (x) { a = x; return 2; })[0];",
    "var a = 1; function g() { [1].forEach((x) => { a = x; }); return 2; } a += g();",
    "var o = { n: 1 }; function g() { o.n = 5; return 1; } o.n += g();",
    "var o = { n: 1, g: function () { this.n = 5; return 1; } }; o.n += o.g();",
    "var a = 1, o = { g() { a = 5; return 1; } }; a += o.g();",
    "var a = [1, 2]; function g() { a[0] = 7; return 1; } a[0] += g();",
  ],
  "append-in-place": [
    "var s = 'a'; function g() { s += 'b'; return 'c'; } print(s + g());",
    "var s = 'a'; print(s + (s += 'b'));",
    "function h() { let o = 'x'; function add() { o += 'z'; return 'q'; } return o + add(); } print(h());",
    "var s = 'a'; function step() { s += 'b'; return 'c'; } var o = { g: step }; print(s + o.g());",
    "var o = { s: 'a', g: function () { this.s += 'b'; return 'c'; } }; print(o.s + o.g());",
    "var a = ['x']; function g() { a[0] += 'b'; return 'c'; } print(a[0] + g());",
    "var s = 'a'; function h() { return s; } function g() { s += 'b'; return 'c'; } print(h() + g());",
    "var s = 'a'; const h = () => s; function g() { s += 'b'; return 'c'; } print(h() + g());",
    "var s = 'a'; function g() { s += 'b'; return 'c'; } print((s || 'q') + g());",
    "var s = 'a'; function g() { s += 'b'; return 'ab'; } print(s == g());",
  ],
  "late-object": [
    "var a = [1, 2]; function g() { a = [3, 4]; return 1; } print(a[g()]);",
    "var a = [1, 2]; function g() { a = [3, 4]; return 1; } function h() { return g(); } a[h() - 1] = 5;",
    "var a = [1, 2]; print(a[(a = [3, 4]).length - 1]);",
    "var a = [1, 2], o = { g: function () { a = [3, 4]; return 1; } }; print(a[o.g()]);",
    "var o = { p: { n: 1 } }; function g() { o.p = { n: 7 }; return 'n'; } print(o.p[g()]);",
  ],
  "missing-global": [
    "new Map();",
    "Symbol('x');",
    "throw new RangeError('x');",
    "new Set();",
    "new WeakMap();",
    "Buffer.from('');",
    "queueMicrotask(print);",
    "undeclared = 1;",
  ],
};

const rulesOf = (source: string, kind: "module" | "script" = "script") =>
  check(source, { name: "test", kind }).map((finding) => finding.rule);

describe("gate: refuses", () => {
  for (const [rule, sources] of Object.entries(REFUSED)) {
    for (const source of sources) {
      it(`${rule}: ${source}`, () => expect(rulesOf(source)).to.include(rule));
    }
  }

  it("says where, what and what to write instead", () => {
    expect(check("var a = {};\n  print(a?.b);", { name: "test", kind: "script" })).to.deep.equal([
      { rule: "optional-chaining", message: "Espruino has no ?. : test with && first", line: 2, column: 9 },
    ]);
  });

  it("has a program here for every rule that docs/language.md names, and names every rule", () => {
    const rows = readFileSync("docs/language.md", "utf8").matchAll(/^\| (`[a-z][a-z`, -]*`) +\|/gm);
    const named = [...rows].flatMap(([, cell]) => cell!.replaceAll("`", "").split(", "));
    const unnamed = ["parse"];
    expect(Object.keys(REFUSED)).to.have.members([...named, ...unnamed]);
  });

  it("lists findings in the order of the text", () => {
    expect(rulesOf("f(); [1].flat(); function f() {}\nnew Map();")).to.deep.equal([
      "hoisting",
      "missing-method",
      "missing-global",
    ]);
  });

  it("knows exports and module in modules only", () => {
    expect(rulesOf("exports.a = module;")).to.deep.equal(["missing-global", "missing-global"]);
    expect(rulesOf("exports.a = module;", "module")).to.deep.equal([]);
  });

  it("knows the modules and globals that it is told", () => {
    const options = { name: "test", kind: "script" as const, modules: ["MQTT"], globals: ["device"] };
    expect(check("require('MQTT').create(device);", options)).to.deep.equal([]);
  });
});
