/** Probes of regular expressions. */

import type { Group } from "../group.js";

export const regexp: Group = {
  now: {
    "regular expressions": `
    return ["a1b22".replace(/[0-9]+/g, "#"), /^(\\w+)=(\\d+)$/.exec("key=42").slice(1), "x,y;z".split(/[,;]/), /b+/.test("abbc")];`,
    "classes and ranges": `return [/^[0-9A-F]+$/.test("0AF"), /^[0-9A-F]+$/.test("0AG"), /^[0-9A-F]+$/.test(""), /[^a-z]/.test("abc"), /[^a-z]/.test("aBc")];`,
    "the flag i": `return [/^p1[a-z]+$/i.test("P1ABc"), "aBc".replace(/b/i, "x")];`,
    "exec gives groups and index": `const m = /(\\d+)-(\\d+)/.exec("on 12-34 x"); return [m[0], m[1], m[2], m.index, m.length];`,
    "exec finds nothing": `return [/x/.exec("abc"), /^a$/.exec("ab")];`,
    match: `const m = "key=value".match(/^(\\w+)=(\\w+)$/); return [m[1], m[2], "none".match(/\\d/)];`,
    "replace by a function": `return "a1b2".replace(/[0-9]/g, (d) => "<" + d + ">");`,
    "replace with groups": `return "ab".replace(/(a)(b)/, "$2$1");`,
    "plain alternatives": `return [/cat|dog/.test("hotdog"), /cat|dog/.test("cow")];`,
    "bytes by number": `return [/\\x00/.test("a\\x00"), /[\\x80-\\xff]/.test("abc"), /^[\\x20-\\x7e]*$/.test("plain")];`,
    "greedy repeats": `return [/a*b/.exec("aaab")[0], /[a-c]+/.exec("xxabcabx")[0], "a   b".split(/ +/)];`,
    "from text": `return [new RegExp("^a" + "b+$").test("abbb"), new RegExp("B", "i").test("abc")];`,
    "Storage lists by expression": `require("Storage").write("rx1", "a"); require("Storage").write("rx2", "b"); return require("Storage").list(/^rx/).sort();`,
  },
};
