/** Probes of Storage. */

import type { Group } from "../group.js";

export const storage: Group = {
  now: {
    Storage: `
    const s = require("Storage");
    s.write("f", "hello");
    s.write("g.json", '{"a":[1,2]}');
    const got = [s.read("f") + "", s.read("f", 1, 3) + "", s.readJSON("g.json"), s.read("none"), s.readJSON("none", true)];
    s.erase("f");
    got.push(s.read("f"), s.list(/^g/));
    return got;`,
    "Storage cuts names": `
    const s = require("Storage");
    s.write("a123456789012345678901234567890", "x");
    const name = s.list(/^a12/)[0];
    s.erase(name);
    return name;`,
    "Storage writes a byte once": `
    const s = require("Storage");
    s.write("part.bin", "abc", 0, 10);
    s.write("part.bin", "def", 3);
    let again;
    try { again = s.write("part.bin", "xyz", 3); } catch (e) { again = "threw"; }
    const text = s.read("part.bin") + "";
    s.erase("part.bin");
    return [text, again];`,
    "Storage refuses nothing": `
    try { require("Storage").write("empty", ""); return "passed"; } catch (e) { return "threw"; }`,
    "reading a part": `const s = require("Storage"); s.write("p", "0123456789"); return [s.read("p", 3, 4) + "", s.read("p", 8) + "", s.read("p", 8, 9) + "", s.read("p").length];`,
    "bytes in files": `const s = require("Storage"); s.write("bin", "\\x00\\x80\\xff\\n"); return [s.read("bin").length, s.read("bin") == "\\x00\\x80\\xff\\n", s.read("bin").charCodeAt(1)];`,
    "writing again": `const s = require("Storage"); s.write("again", "one"); s.write("again", "longer"); const a = s.read("again") + ""; s.write("again", "x"); return [a, s.read("again") + ""];`,
    "what write gives": `return [require("Storage").write("gives", "abc"), require("Storage").write("gives", "abc")];`,
    "JSON files": `const s = require("Storage"); s.write("good", '{"a":1}'); s.write("bad", '{"a":'); return [s.readJSON("good"), s.readJSON("good", true).a, s.readJSON("bad", true) === undefined, s.readJSON("none", true) === undefined];`,
    "JSON files that are broken": `require("Storage").write("broken", '{"a":'); try { require("Storage").readJSON("broken"); return "passed"; } catch (e) { return "threw"; }`,
    "writing beyond the size": `const s = require("Storage"); s.write("size", "ab", 0, 4); try { s.write("size", "abc", 2); return "passed"; } catch (e) { return "threw"; }`,
    "writing in parts": `const s = require("Storage"); s.write("parts", "ab", 0, 6); s.write("parts", "ef", 4); s.write("parts", "cd", 2); return s.read("parts") + "";`,
    "a copy outlives the file": `const s = require("Storage"); s.write("copy", "kept text of a file"); const t = s.read("copy") + ""; s.erase("copy"); return t.substr(0, 9);`,
    "text that points into a file that was erased": `const s = require("Storage"); s.write("gone", "text of a file that goes"); const t = s.read("gone"); s.erase("gone"); return t.length;`,
    "erasing what is not there": `try { require("Storage").erase("never"); return "passed"; } catch (e) { return "threw"; }`,
    "free space is a number": `const free = require("Storage").getFree(); return [typeof free, free > 1000];`,
    "reading nothing": `return [typeof require("Storage").read("nothing"), require("Storage").read("nothing") !== undefined];`,
    "an application from a file": `require("Storage").write("app", "(function () { return 6 * 7; })"); return typeof require("Storage").read("app");`,
  },
};
