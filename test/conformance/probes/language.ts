/** Probes of statements, functions, classes. */

import type { Group } from "../group.js";

export const language: Group = {
  now: {
    "a function declared later does not exist yet": `
    function early() { return later(); }
    let got;
    try { got = early(); } catch (e) { got = "threw"; }
    function later() { return 1; }
    return [got, early()];`,
    "a var whose statement has not run does not exist": `
    function read() { return late; }
    let got;
    try { got = read(); } catch (e) { got = "threw"; }
    var late = 1;
    return [got, read()];`,
    "a variable of a loop's body is fresh each turn": `
    const got = [];
    for (let i = 0; i < 3; i++) { const copy = i; got.push(function () { return copy; }); }
    return got.map(function (f) { return f(); });`,
    "closures share what they close over": `
    let n = 0;
    const one = function () { return ++n; }, two = () => ++n;
    return [one(), two(), one(), n];`,
    "arrows keep this": `
    const o = { n: 3, get: function () { const inner = () => this.n; return inner(); } };
    return o.get();`,
    "missing arguments": `
    function f(a, b, c) { if (b === undefined) b = a + 1; return [a, b, c, typeof d]; }
    return [f(1), f(1, undefined, null), f(1, 0, "")];`,
    "too many arguments": `function f() { return [arguments.length, arguments[1]]; } return f(1, 2, 3);`,
    "call, apply and bind": `
    function f(a, b) { return [this.n, a, b]; }
    return [f.call({ n: 1 }, 2, 3), f.apply({ n: 4 }, [5, 6]), f.bind({ n: 7 }, 8)(9)];`,
    templates: `const n = 5; return \`a\${n + 1}b\${'c' + n}\`;`,
    "shorthand members and methods": `
    const a = 1, o = { a, twice(x) { return x * 2; }, k1: 3 };
    return [o.a, o.twice(4), o.k1];`,
    "getters and setters": `
    const o = { n: 1, get x() { return this.n + 1; }, set x(value) { this.n = value; } };
    o.x = 10;
    return [o.x, o.n];`,
    "a class": `
    class Base { constructor(n) { this.n = n; } twice() { return this.n * 2; } static make(n) { return new Base(n); } }
    class Derived extends Base { constructor(n) { super(n + 1); this.m = n; } twice() { return super.twice() + 1; } }
    const one = new Derived(4);
    return [Base.make(2).twice(), one.twice(), one.m, one instanceof Base, one instanceof Derived, {} instanceof Base];`,
    "members of an instance": `
    class One { constructor() { this.a = 1; } m() {} }
    const one = new One();
    return [Object.keys(one), "a" in one, "b" in one, typeof one.m, one.hasOwnProperty("m")];`,
    "a callback as a member": `
    class One { constructor(f) { this.f = f; } run() { return this.f(2); } }
    return new One(function (x) { return x + 1; }).run();`,
    "switch falls through": `
    const of_ = function (x) {
      const seen = [];
      switch (x) { case 1: seen.push("one"); case 2: seen.push("two"); break; case "3": seen.push("text"); break; default: seen.push("rest"); }
      return seen;
    };
    return [of_(1), of_(2), of_("3"), of_(3), of_(9)];`,
    "return out of loops and switch": `
    const find = function (list, wanted) {
      for (let i = 0; i < list.length; i++) { switch (list[i]) { case wanted: return i; } }
      return -1;
    };
    return [find([4, 5, 6], 5), find([4, 5, 6], 7)];`,
    "break and continue": `
    const seen = [];
    for (let i = 0; i < 9; i++) { if (i == 2) continue; if (i == 5) break; seen.push(i); }
    let n = 3;
    do { seen.push(-n); } while (--n);
    while (true) { if (++n > 2) break; }
    return seen.concat(n);`,
    "for in": `const seen = []; for (const k in { b: 1, a: 2, c: 3 }) seen.push(k); for (const i in [7, 8]) seen.push(typeof i, +i); return seen;`,
    "for of": `const seen = []; for (const x of [3, 1]) seen.push(x); for (const c of "ab") seen.push(c); return seen;`,
    "loops without bodies and parts": `let i = 0; for (; i < 5; i++); for (;;) { if (++i > 9) break; } return i;`,
    "two counters in a loop": `const seen = []; for (let i = 0, j = 5; i < j; i++, j--) seen.push(i, j); return seen;`,
    "try, catch and finally": `
    const seen = [];
    const f = function (x) { try { if (x) throw x; seen.push("try"); return "a"; } catch (e) { seen.push(e); return "b"; } finally { seen.push("finally"); } };
    return [f(0), f("no"), seen];`,
    "catch without a name for it": `try { throw 1; } catch (_e) { return "caught"; }`,
    "an error goes through functions": `
    const inner = function () { throw new Error("deep"); };
    const outer = function () { inner(); return "never"; };
    try { return outer(); } catch (e) { return e.message; }`,
    "errors thrown again": `try { try { throw new Error("a"); } catch (e) { throw new Error(e.message + "b"); } } catch (e) { return e.message; }`,
    "short circuits give values": `const u = undefined; return [u || "x", 0 || 5, "" || "y", 1 && "z", 0 && "z", u && u.a === undefined, !u, !!"a"];`,
    equality: `return [1 == "1", 1 === "1", null == undefined, null === undefined, "" == 0, NaN == NaN, "a" == "a", [] == [], true == 1];`,
    typeof: `
    return [typeof 1, typeof "", typeof true, typeof undefined, typeof null, typeof {}, typeof [], typeof function () {}, typeof (() => 1)];`,
    "typeof of what nobody declared": `return [typeof NRF_IS_NOT_HERE, typeof require, typeof print];`,
    delete: `const o = { a: 1, b: 2 }; delete o.a; return [Object.keys(o), o.a === undefined];`,
    "assignments are values": `let a, b; a = b = 3; const c = (a += 2); return [a, b, c, a++ + ++a];`,
    "assignments to members of calls": `const o = { n: 1 }; const f = () => o; f().n += 4; f().n++; return o.n;`,
    "operators by rank": `return [1 + 2 * 3, 1 + 2 & 3, 1 | 2 == 2, 6 >> 1 + 1, !1 + 1, -2 * -3, 7 & 3 ^ 1, 2 > 1 == true];`,
    "conditionals in a row": `const f = (x) => (x < 0 ? "n" : x == 0 ? "z" : x < 10 ? "s" : "b"); return [f(-1), f(0), f(5), f(50)];`,
    commas: `let a = 0; const b = (a++, a++, a); return [a, b];`,
    "spread and rest": `
    const f = function (a, b, c) { return [a, b, c]; };
    return [f.apply(undefined, [1, 2, 3]), [0].concat([1, 2], 3)];`,
    "functions that call themselves": `function sum(n) { return n ? n + sum(n - 1) : 0; } return sum(6);`,
    "functions in arrays and objects": `const t = { a: (x) => x + 1, b: [(x) => x * 2] }; return [t.a(1), t.b[0](4), t["a"](7)];`,
    "optional members by the long way": `const o = { a: undefined }; return [o && o.a, o.a && o.a.b, o.z === undefined];`,
    "null has no members": `try { const o = null; return o.a; } catch (e) { return "threw"; }`,
    "undefined has no members": `try { const o = {}; return o.a.b; } catch (e) { return "threw"; }`,
    "calling what is no function": `try { const o = { a: 1 }; return o.a(); } catch (e) { return "threw"; }`,
    "writing to undefined": `try { let u; u.a = 1; return "passed"; } catch (e) { return "threw"; }`,
    "a name that nobody declared": `try { return eval("nobody_declared_it"); } catch (e) { return "threw"; }`,
    "void and not": `return [void 0 === undefined, !0, !1, -1 / 0 == -Infinity];`,
  },
};
