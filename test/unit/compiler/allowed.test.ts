/** What the gate lets through, and that it means in the real interpreter what it means in Node. */

import { expect } from "chai";

import { check } from "../../../compiler/gate/gate.js";
import { findInterpreter, runAll } from "./interpreter.js";

/** Function bodies whose value Node knows. */
const ALLOWED = [
  // Statements
  "for (const x of [1, 2]) if (x == 2) return x;",
  "var s = ''; for (let x of 'ab') s += x; return s;",
  "var s = []; for (var k in { a: 1, b: 2 }) s.push(k); return s;",
  "for (var i = 0, j = 5; i < j; i++, j--); return [i, j];",
  "var i = 0; do { var a = ++i; } while (a < 3); return a;",
  "var r = 0; switch (1) { case 1: r = 1; case 2: r += 2; break; default: r = 9; } return r;",
  "switch (2) { case 1: case 2: return 'b'; }",
  "var r = []; switch (1) { case 1: r.push(1); break; case 2: { do r.push(2); while (0); r.push(3); } } return r;",
  "var r = []; switch (1) { case 1: { do r.push(2); while (r.length < 3); r.push(3); break; } default: r.push(4); } return r;",
  "var r = []; for (var i = 0; i < 3; i++) { if (i == 1) continue; do r.push(i); while (0); } return r;",
  "try { throw new Error('x'); } catch (e) { return e.message; }",
  "try { throw new Error('x'); } catch { return 1; }",
  "var r = []; try { try { throw 1; } finally { r.push(2); } } catch (e) { r.push(e); } return r;",
  "try { throw { code: 5 }; } catch (e) { return e.code; }",
  "for (var i = 0; i < 3; i++) { switch (i) { case 1: continue; } if (i == 2) return 'c' + i; }",
  // What is read before a call that writes it
  "var a = 1; function g() { a = 5; return 1; } return [a + g(), a];",
  "var o = { n: 1 }; function g() { o.n = 5; return 1; } return [o.n * g(), o.n - (o.n = 2), o.n];",
  "var s = 'a'; function g() { s += 'b'; return 'c'; } return [s, g()].concat((function (x, y) { return x + y; })(s, g()));",
  "var s = 'a', t = s; function g() { s += 'b'; return 'c'; } return t + g();",
  "function h(x) { let o = ''; for (let i = 0; i < 2; i++) o += x; return o; } return h(1) + h(2);",
  "const h = (x) => { x += 'b'; return x; }; return h('1') + h('2') == h('3');",
  "function h(n) { let o = 'x'; if (n) o += h(n - 1); return o; } return h(3) + h(2);",
  "function h(n) { let o = 'x'; [1, 2].forEach((v) => { o += v; }); return o; } return h(3) + h(2);",
  "function h(n) { let a = [n]; a = a.concat(n); return a; } let a = [1, 2]; return a[h(1).length - 1];",
  "var a = [1, 2], b = [3]; function g() { b[0] = 7; return 1; } a[0] += g(); return [a, b];",
  "var f = () => 1; function g() { f = () => 2; return 0; } return f(g());",
  // Functions and scopes
  "var f = function g(n) { return n ? n + g(n - 1) : 0; }; return f(4);",
  "function f() { return g(); } function g() { return 7; } return f();",
  "const f = () => g(); const g = () => 7; return f();",
  "return (function () { return arguments[1]; })(1, 2, 3);",
  "var o = { a: 1, f: function () { return (() => this.a)(); } }; return o.f();",
  "var a = 1; if (1) { let a = 2; a++; } return a;",
  "var fs = []; for (let i = 0; i < 3; i++) { let j = i; fs.push(() => j); } return fs.map((f) => f());",
  "var r = []; for (const n of [1, 2]) r.push([1, 2].filter((x) => x == n)[0]); return r;",
  "return ((a, b) => ({ a, b }))(1, 2);",
  "var e = 1; try { throw 2; } catch (e) { } return e;",
  // Classes
  "class A { constructor(x) { this.x = x; } m() { return this.x; } } return new A(4).m();",
  "class A { x = 5; static y = 6; static s() { return 7; } } return [new A().x, A.y, A.s()];",
  "class A { constructor() { this.v = 1; } get x() { return this.v; } set x(q) { this.v = q; } } var a = new A(); a.x = 5; return a.x;",
  "class A { m() { return 1; } } class B extends A { m() { return super.m() + 1; } } return new B().m();",
  "class A { constructor() { this.q = 1; } } class B extends A { constructor() { super(); this.r = 2; } } return [new B().q, new B().r];",
  "class A { constructor() { this.q = 1; } } class B extends A { } return [new B().q, new B() instanceof A];",
  "var A = class { m() { return 3; } }; return new A().m();",
  "class A { get() { return 1; } set() { return 2; } } return new A().get() + new A().set();",
  "class A { keys() { return 3; } } return new A().keys();",
  // Expressions
  "var a = null; return [a ?? 1, 0 ?? 1];",
  "return [1 << 31, 1 >>> 0, -1 >>> 0, ~5, -1 >> 1];",
  "var i = 0; var a = [0, 0]; a[i++] += 5; return [a, i];",
  "var o = { a: 1 }; delete o.a; return o;",
  "var f = function (a) { if (a) { return } }, g = function (a) { if (a) return; }; f(1); g(1); return 1;",
  "var o = { a: 1 }; if (o.a) delete o.a; o.b && delete o.b; return o;",
  "return ['a' in { a: 1 }, void 0 === undefined, typeof missing1, !0, (1, 2)];",
  "var o = { x: 1, get y() { return this.x; }, m() { return 2; }, 'a b': 3, if: 4, of: 5 }; return [o.y, o.m(), o['a b'], o.if, o.of];",
  "return 0b11 + 0o17 + 0xf + 1_000 + 1e3 + 0.5;",
  "return [`a${1 + 1}b`, `${{ a: 1 }.a}`, `a}{`, `x${`y${1}`}`];",
  "return ['\\xff'.charCodeAt(0), '\\u0041', '\\t\\n\\0'.length];",
  "var n = 0; const add = () => 2; n += add(); return n;",
  "return new (class { constructor() { this.a = 1; } })().a;",
  // Built-in objects
  "return ['abc'.startsWith('a'), 'abc'.endsWith('c'), 'abc'.includes('b'), 'ab'.repeat(2), 'a'.padStart(3), ' a '.trim()];",
  "return ['abc'.substr(1, 1), 'abc'.slice(-1), 'a,b'.split(','), 'aXbX'.replaceAll('X', 'y'), 'abca'.lastIndexOf('a')];",
  "return ['ab'.replace(/(a)(b)/, '$2$1'), 'ab'.replace(/(a)/, function (m, g) { return '[' + g + ']'; })];",
  "return [(255).toString(16), (5.678).toFixed(2), parseInt('12px'), parseFloat('1.5'), Number('12'), isNaN(Number('x'))];",
  "return [[1, 2, 3].find((x) => x > 1), [1, 2, 3].findIndex((x) => x > 1), [1, 2].includes(2), [1, 2].fill(0), [3, 1].sort()];",
  "return [[1, 2, 3, 4].splice(1, 2), [1, 2, 3].reduce((a, b) => a + b, 0), [].concat.apply([], [[1], [2]]), [].slice.call([1, 2], 1)];",
  "return [Object.keys({ a: 1 }), Object.values({ a: 1 }), Object.entries({ a: 1 }), Object.assign({ a: 1 }, { b: 2 })];",
  "return [{ a: 1 }.hasOwnProperty('a'), Object.fromEntries([['a', 1]]), Array.isArray([])];",
  "return [JSON.parse('{\"a\":[1,null]}'), JSON.stringify({ a: [1, 'b', null, true] })];",
  "return [new Uint8Array([1, 300])[1], new Uint8Array([1, 2]).map((x) => x * 2)[1], new DataView(new ArrayBuffer(2)).getUint8(1)];",
  "return [Math.sign(-3), Math.floor(-1.5), Math.max(1, 2), Math.abs(-2)];",
  "return [typeof Promise.resolve(1).then, new Date(0).toISOString(), atob('YWI='), btoa('ab'), encodeURIComponent('a b')];",
  // Regular expressions
  "return ['a1b22'.replace(/\\d+/g, '#'), /^\\w+$/.test('abc_1'), /[^a-c]+/.exec('abxyc')[0], /A/i.test('a')];",
  "return [/^mqtt:\\/\\/([^:]+):(\\d+)$/.exec('mqtt://h:18').slice(1), /cat|dog|cow/.exec('a cow')[0], /[ab]|[cd]/.exec('d')[0]];",
  "return [/[^\\/]+/.exec('/ab/')[0], /[\\[]/.test('['), /[^]+/.exec('a\\nb')[0], /[\\x41-\\x43]/.test('B'), /a*b/.exec('aaab')[0]];",
  "return ['a, b'.split(/,\\s*/), /a$/.test('ba'), /[\\w-]+/.exec(' a-b ')[0], new RegExp('a+').exec('baa')[0]];",
];

const checkBody = (body: string) => check(`(function () {${body}\n})();`, { name: "test", kind: "script" });
const inNode = (body: string): unknown => JSON.parse(JSON.stringify(new Function(body)()));

describe("gate: lets through", () => {
  for (const body of ALLOWED) it(body, () => expect(checkBody(body)).to.deep.equal([]));
});

describe("gate: what it lets through runs in the real interpreter", () => {
  const binary = findInterpreter();
  let results: Awaited<ReturnType<typeof runAll>> = [];
  before(async () => {
    if (binary) results = await runAll(binary, ALLOWED);
  });
  ALLOWED.forEach((body, index) => {
    it(body, function () {
      if (!binary) this.skip();
      expect(results[index]).to.deep.equal({ value: inNode(body) });
    });
  });
});
