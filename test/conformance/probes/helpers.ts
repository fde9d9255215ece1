/** Probes of Espruino's helpers. */

import type { Group } from "../group.js";

export const helpers: Group = {
  now: {
    "CRC-32": `return E.CRC32("123456789");`,
    "E.sum": `return [E.sum("abc"), E.sum([1, 2, 3]), E.sum(new Uint8Array([255, 255]))];`,
    "E.toString": `return [E.toString([65, 66]), E.toString(new Uint8Array([67, 300])), E.toString("D"), E.toString("a", [66])];`,
    "E.toUint8Array": `return [E.toString(E.toUint8Array("ab")), E.toUint8Array([1, 2]).length];`,
    "E.toArrayBuffer": `return E.toString(E.toArrayBuffer("xyz"));`,
    base64: `return [btoa("\\xff\\x00a"), atob("/wBh").length, btoa(""), atob("")];`,
    "CRC-32 of anything": `return [E.CRC32(""), E.CRC32("a"), E.CRC32("\\x00\\xff"), E.CRC32(new Uint8Array([97])), E.CRC32([97])];`,
    "CRC-32 as text": `return E.CRC32("high") > 0x7fffffff ? "high" : E.CRC32("high") >= 0 ? "low" : "negative";`,
    "E.sum of bytes": `return [E.sum("\\xff\\xff"), E.sum(""), E.sum("\\x80"), E.sum("a".repeat(1000))];`,
    "E.toString of nothing": `return [E.toString("").length, E.toString(new Uint8Array(0)) + "", E.toString("a\\x00b").length];`,
    "E.toString of typed arrays": `return [E.toString(new Uint8Array([0, 255, 65])).length, E.toString(new Uint8Array([72, 105])), E.toString(new ArrayBuffer(3)).length];`,
    "E.toString of words": `return E.toString(new Uint32Array([0x44434241]).buffer);`,
    "E.toUint8Array of nothing": `return [E.toUint8Array("").length, E.toUint8Array([]).length];`,
    "E.toUint8Array is a copy": `const t = "abc", a = E.toUint8Array(t); a[0] = 90; return [t, E.toString(a)];`,
    "what E has": `return [typeof E.reboot, typeof E.setPassword, typeof E.lockConsole, typeof E.CRC32, typeof E.sum, typeof E.toString, typeof E.toUint8Array];`,
    "base64 both ways": `const got = []; for (let n = 0; n < 5; n++) { const t = "\\xff\\x00a\\x80z".substr(0, n); got.push(btoa(t), atob(btoa(t)) == t); } return got;`,
    "base64 of all bytes": `let t = ""; for (let i = 0; i < 256; i++) t += String.fromCharCode(i); return [E.CRC32(btoa(t)), atob(btoa(t)) == t];`,
  },
};
