/** Probes of strings of bytes. */

import type { Group } from "../group.js";

export const bytes: Group = {
  now: {
    "what a string lacks": `
    return [typeof "".at, typeof "".search, typeof "".matchAll, typeof "".localeCompare, typeof "".normalize,
      typeof "".trimStart, typeof "".trimEnd, typeof "".codePointAt];`,
    "what a string has": `
    return ["charAt", "charCodeAt", "endsWith", "includes", "padEnd", "padStart", "repeat", "replaceAll", "substr"]
      .map(function (name) { const method = ""[name]; return typeof method; });`,
    "split has no limit": `const limit = [","]; limit.push(1); return "a,b,c".split.apply("a,b,c", limit);`,
    "upper and lower case": `return ["Az[".toLowerCase(), "aZ{".toUpperCase()];`,
    "characters are bytes": `return [String.fromCharCode(300).charCodeAt(0), String.fromCharCode(65, 66)];`,
    "charCodeAt beyond the end": `return [isNaN("a".charCodeAt(1)), isNaN("".charCodeAt(0)), "a".charCodeAt(1) | 0, isNaN("a".charCodeAt(-1)), "\\xff".charCodeAt(0)];`,
    "bytes beyond the end in bits": `return ("a".charCodeAt(0) << 8) | "a".charCodeAt(1);`,
    substr: `return ["abcdef".substr(2), "abcdef".substr(2, 2), "abcdef".substr(-2), "abcdef".substr(4, 99), "abcdef".substr(9), "abcdef".substr(0, 0), "abc".substr(1, -1)];`,
    substring: `return ["abcdef".substring(2), "abcdef".substring(2, 4), "abcdef".substring(4, 2), "abcdef".substring(0, 99), "abcdef".substring(-2, 2), "abc".substring(3)];`,
    "slice of text": `return ["abcdef".slice(-2), "abcdef".slice(1, -1), "abcdef".slice(4, 2), "abc".slice(9)];`,
    "charAt and index": `const t = "abc"; return [t.charAt(1), t.charAt(9), t[2], t[5] === undefined, t.charAt(-1)];`,
    "indexOf in text": `return ["abcabc".indexOf("c"), "abcabc".indexOf("c", 3), "abc".indexOf("x"), "abc".indexOf(""), "a\\x00b".indexOf("\\x00"), "a\\x00bc".indexOf("bc"), "ab".indexOf("abc")];`,
    "lastIndexOf in text": `return ["abcabc".lastIndexOf("c"), "abc".lastIndexOf("x"), "a/b/c".lastIndexOf("/")];`,
    "bytes of zero": `const t = "a\\x00b\\x00"; return [t.length, t.charCodeAt(1), t == "a\\x00b\\x00", t == "a\\x00c\\x00", (t + "c").length, t.split("\\x00").length];`,
    "all bytes": `let t = ""; for (let i = 0; i < 256; i++) t += String.fromCharCode(i); let sum = 0; for (let i = 0; i < t.length; i++) sum += t.charCodeAt(i); return [t.length, sum, E.CRC32(t), btoa(t).length];`,
    "fromCharCode of many": `return String.fromCharCode(72, 105, 33).length + String.fromCharCode().length;`,
    "fromCharCode of negative and large": `return [String.fromCharCode(-1).charCodeAt(0), String.fromCharCode(256).charCodeAt(0), String.fromCharCode(65.9)];`,
    "order of text": `return ["a" < "b", "a" < "B", "\\x7f" < "\\x80", "\\x80" < "\\xff", "ab" < "abc", "" < "a", "a" > "A"];`,
    "equality of bytes": `const a = "\\x80\\xff\\x00", b = "\\x80" + "\\xff" + String.fromCharCode(0); return [a == b, a === b, a != b + "x", a.substr(0, 2) == "\\x80\\xff"];`,
    split: `return ["a,b,,c".split(","), "abc".split(""), "".split(","), "a--b".split("--"), "abc".split("x"), "1.2.3.4".split(".").map((x) => parseInt(x))];`,
    "split and join of an address": `return "mqtt://host:1883".split("://")[1].split(":");`,
    "the end of a text, which begins like what is looked for": `return ["xa".indexOf("ab"), "xxa".indexOf("aa", 1), "xa".indexOf("ab", 99), "xa".includes("ab"), "xa".lastIndexOf("ab"), "xa".replace("ab", "-"), "xa".endsWith("ab"), "xa".split("ab"), "a".indexOf("ab"), "xab".indexOf("b"), /ab/.test("xa")];`,
    "replace by text": `return ["a:b:c".replace(":", ""), "abc".replace("x", "y"), "aa:bb".replace(/:/g, "")];`,
    "trim and pad": `return [" a ".trim(), "\\r\\n x\\t".trim(), "7".padStart(3, "0"), "ab".padEnd(4)];`,
    "startsWith and endsWith": `return ["mqtts://x".startsWith("mqtts:"), "abc".startsWith("b"), "abc".endsWith("bc"), "abc".includes("b")];`,
    repeat: `return ["ab".repeat(3), "x".repeat(0), "\\x00".repeat(4).length];`,
    "growing text": `let t = ""; for (let i = 0; i < 600; i++) t += String.fromCharCode(i & 255); return [t.length, t.charCodeAt(511), E.CRC32(t)];`,
    "concat of text": `return ["a".concat("b"), "a" + undefined, "a" + null, "a" + true, "a" + [1, 2]];`,
    "text in upper and lower hex": `return ["AB12".toLowerCase(), "ab12".toUpperCase(), (171).toString(16).toUpperCase()];`,
    escapes: `return ["\\n\\r\\t".length, "\\x41", "\\\\".length, "\\'\\"".length, '\\0'.charCodeAt(0)];`,
    "upper case of bytes from 128 on": `const t = "\\xe4\\xf6\\xff".toUpperCase(); return [t.length, t.charCodeAt(0), t.charCodeAt(2)];`,
    "digits of a fraction": `return "" + 1 / 3;`,
    "a member by a name that no text has": `const name = ["nothing"][0]; try { return typeof ""[name]; } catch (e) { return "threw"; }`,
    "keys of digits": `return "0123456789ABCDEF".charAt(11) + "0123456789ABCDEF".indexOf("F");`,
    "text is not changed in place": `const a = "abc"; const b = a; let c = a; c += "d"; return [a, b, c];`,
    "text as a condition": `return ["" ? 1 : 0, "0" ? 1 : 0, "\\x00" ? 1 : 0, !"", !"a"];`,
    "text of a buffer": `const b = E.toUint8Array("a\\x00\\xff").buffer; return [E.toString(b).length, E.toString(b) == "a\\x00\\xff"];`,
  },
};
