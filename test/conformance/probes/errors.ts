/** Probes of errors. */

import type { Group } from "../group.js";

export const errors: Group = {
  now: {
    "errors have no name": `
    try { null.x; } catch (e) { return [typeof e["na" + "me"], typeof e.message]; }`,
    "errors as text": `return [String(new Error("a")), String(new TypeError("b")), new Error("c") + ""];`,
    "a dereference of null, in words": `try { const o = null; return o.a; } catch (e) { return String(e); }`,
    "a message": `const e = new Error("text"); return [e.message, String(e), "" + e];`,
    "a code on an error": `const e = new Error("text"); e.code = "server"; try { throw e; } catch (caught) { return [caught.code, caught.message, caught === e]; }`,
    "an error without a message": `return String(new Error());`,
    "errors are errors": `return [typeof new Error("a")];`,
    "throwing what is no error": `const got = []; [1, "text", { code: 5 }, undefined].forEach(function (x) { try { throw x; } catch (e) { got.push(e === undefined ? "undefined" : e); } }); return got;`,
    "an error in a callback": `try { [1].forEach(function () { throw new Error("inside"); }); return "passed"; } catch (e) { return e.message; }`,
    "an error in a constructor": `class One { constructor() { throw new Error("made"); } } try { new One(); return "passed"; } catch (e) { return e.message; }`,
    "an error in a getter": `try { const o = { get x() { throw new Error("got"); } }; return o.x; } catch (e) { return e.message; }`,
    "finally runs for errors": `const seen = []; try { try { throw new Error("a"); } finally { seen.push("finally"); } } catch (e) { seen.push(e.message); } return seen;`,
    "what catch leaves": `let a = 1; try { a = 2; throw 1; } catch (e) { a += 10; } return a;`,
    "a call after a caught error": `const f = (x) => { if (x) throw new Error("x"); return "fine"; }; const got = []; for (let i = 1; i >= 0; i--) { try { got.push(f(i)); } catch (e) { got.push("caught"); } } return got;`,
    "errors in words": `const got = []; try { require("net").connect({ host: "127.0.0.1", port: 1 }, function () {}); } catch (e) { got.push(String(e).indexOf("host") >= 0); } try { require("net").connect({ host: "nobody.invalid", port: 1 }, function () {}); } catch (e) { got.push(String(e).indexOf("host") >= 0); } return got;`,
  },
  later: {
    "a rejected promise": `Promise.reject("why").catch(function (e) { out(e); });`,
    "an error in then": `Promise.resolve(1).then(function () { throw new Error("in then"); }).catch(function (e) { out(e.message); });`,
  },
};
