/** Probes of arrays, objects, JSON. */

import type { Group } from "../group.js";

export const objects: Group = {
  now: {
    "what an array lacks": `
    return ["at", "flat", "flatMap", "lastIndexOf", "reduceRight", "entries", "keys", "findLast", "toSorted"]
      .map(function (name) { return typeof [][name]; });`,
    "what an array has": `
    return ["concat", "every", "fill", "find", "findIndex", "includes", "join", "map", "pop", "reduce", "reverse",
      "shift", "slice", "some", "sort", "splice", "unshift"].map(function (name) { return typeof [][name]; });`,
    "what constructors lack": `
    return [[Array, "from"], [Array, "of"], [Object, "freeze"], [Object, "is"], [Object, "hasOwn"], [Math, "trunc"],
      [Math, "log2"], [Math, "imul"], [Number, "isInteger"], [Promise, "race"], [Promise, "any"], [Date, "UTC"]]
      .map(function (one) { return typeof one[0][one[1]]; });`,
    "JSON has 11 digits": `return JSON.stringify([1 / 3, 0.1, 12345678901, 1.5, -2]);`,
    "JSON of what JSON has not": `return JSON.stringify({ a: undefined, b: null, d: [null, NaN] });`,
    "JSON ignores replacers": `
    const args = [{ a: 1 }];
    args.push(function () { return 5; });
    return JSON.parse(JSON.stringify.apply(JSON, args));`,
    "push, pop, shift, unshift": `const a = [1]; return [a.push(2), a.push(3, 4), a.pop(), a.shift(), a.unshift(9), a, [].shift() === undefined, [].pop() === undefined];`,
    splice: `const a = [1, 2, 3, 4, 5]; return [a.splice(1, 2), a, a.splice(1, 0, 7, 8), a, a.splice(-1, 1), a];`,
    slice: `const a = [1, 2, 3, 4]; return [a.slice(1), a.slice(1, 3), a.slice(-2), a.slice(), a.slice(9)];`,
    concat: `return [[1].concat([2], [3, 4]), [].concat([]), [1].concat(2)];`,
    join: `return [[1, "a", 2].join("."), [].join(), ["x"].join("-"), [1, 2].join(""), [1, 2].join()];`,
    "indexOf and includes": `return [[1, 2, 3].indexOf(2), [1].indexOf(9), ["a", "b"].indexOf("b"), [1, 2].includes(2), ["1"].indexOf(1)];`,
    "map, filter, forEach": `
    const seen = [];
    [5, 6].forEach(function (x, i, all) { seen.push(x, i, all.length); });
    return [[1, 2, 3].map((x) => x * 2), [1, 2, 3].filter((x) => x != 2), seen, [].map((x) => x)];`,
    "map with an index": `return ["a", "b"].map((x, i) => x + i);`,
    "some, every, find, reduce": `
    const a = [1, 2, 3];
    return [a.some((x) => x == 2), a.some((x) => x > 5), a.every((x) => x > 0), a.find((x) => x > 1), a.find((x) => x > 8) === undefined, a.reduce((n, x) => n + x, 10), a.reduce((n, x) => n + x)];`,
    "sort with a comparator": `return [[5, 1, 10, 3].sort((a, b) => a - b), [5, 1, 10, 3].sort((a, b) => b - a)];`,
    "sort of objects by a number": `return [{ r: -70 }, { r: -40 }, { r: -55 }].sort((a, b) => b.r - a.r).map((x) => x.r);`,
    "reverse and fill": `return [[1, 2, 3].reverse(), new Array(3).fill(7), [1, 2].fill(0)];`,
    "length of arrays": `const a = []; a[3] = 1; return [a.length, [].length, [1, 2].length, new Array(5).length, a[0] === undefined];`,
    "reading beyond an array": `const a = [1, 2]; return [a[2] === undefined, a[-1] === undefined, a["1"]];`,
    "arrays in arrays": `const a = [[1, [2, 3]], []]; a[1].push(a[0][1][1]); return a;`,
    "Array.isArray": `return [Array.isArray([]), Array.isArray({}), Array.isArray("a"), Array.isArray(new Uint8Array(1))];`,
    "Object.keys keeps the order": `const o = { z: 1, a: 2 }; o.m = 3; return Object.keys(o);`,
    "Object.assign": `return Object.assign({ a: 1, b: 2 }, { b: 3, c: 4 });`,
    "members with names made of bytes": `const o = {}; o["a\\x01b"] = 1; o["b\\xff"] = 2; return [o["a\\x01b"], o["b\\xff"], o["a"] === undefined, Object.keys(o).length];`,
    "a name that begins with FF is hidden": `const o = {}; o["\\xffa"] = 1; o.b = 2; return [o["\\xffa"], Object.keys(o)];`,
    "JSON with something behind it": `try { return JSON.parse("[1] more"); } catch (e) { return "threw"; }`,
    "JSON with a key twice": `return JSON.parse('{"a":1,"a":2}').a;`,
    "whole numbers as names keep their order": `const o = {}; o[7] = 1; o[3] = 2; o[5] = 3; return Object.keys(o);`,
    "a name with a byte of zero": `const o = {}; o["a\\x00b"] = 1; return [o["a\\x00b"], Object.keys(o).length, o["a"] === undefined];`,
    "an element that moves while its value is computed": `const got = []; [(b) => (b[0] = b.shift()), (b) => (b[1] = b.shift()), (b) => (b[2] = b.shift()), (b) => (b[2] = b.pop()), (b) => (b[5] = b.pop()), (b) => (b[0] = b.unshift(9)), (b) => (b[1] = b.splice(0, 2).length)].forEach(function (f) { const b = [1, 2, 3]; f(b); got.push(b); }); return got;`,
    "a member that is taken out while its value is computed": `const o = { x: 1, y: 2 }; const f = () => { delete o.x; return 5; }; o.x = f(); const p = { x: 1 }; p.x = (() => { p.x = 7; return 5; })(); return [JSON.stringify(o), o.x === undefined, p];`,
    "numbers as names": `const o = {}; o[65535] = "a"; o["12"] = "b"; return [o["65535"], o[12], o[0x0c], o[7] === undefined];`,
    "undefined members count": `const o = { a: undefined }; return ["a" in o, Object.keys(o).length, o.a === undefined];`,
    "JSON both ways": `
    const o = { t: "a\\"b\\\\c", n: -1.5, l: [1, [], {}], f: false, z: null };
    return [JSON.stringify(o), JSON.parse(JSON.stringify(o))];`,
    "JSON of bytes": `const t = JSON.stringify("\\x00\\x1f\\x7f\\xff\\n"); return [JSON.parse(t) == "\\x00\\x1f\\x7f\\xff\\n", t.charAt(0)];`,
    "JSON escapes": `return JSON.parse('"\\\\u0041\\\\n\\\\t\\\\/\\\\\\\\"');`,
    "JSON of spaces and lines": `return JSON.parse(' { "a" : [ 1 , 2 ] ,\\n "b" : "c" } ');`,
    "JSON that is cut": `const got = []; ['{"a":', "[1,", '{"a"', ""].forEach(function (t) { try { JSON.parse(t); got.push("passed"); } catch (e) { got.push("threw"); } }); return got;`,
    "JSON of text without quotes": `try { JSON.parse("hello"); return "passed"; } catch (e) { return "threw"; }`,
  },
};
