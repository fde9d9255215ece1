/** Probes of typed arrays and views. */

import type { Group } from "../group.js";

export const typedArrays: Group = {
  now: {
    "what a typed array lacks": `
    const a = new Uint8Array(1);
    return [typeof a.at, typeof a.keys, typeof a.entries, typeof a.lastIndexOf, typeof a.subarray, typeof a.set,
      typeof a.fill, typeof a.slice];`,
    "Uint8Array wraps": `const a = new Uint8Array(3); a[0] = 256; a[1] = -1; a[2] = 3.9; return [a[0], a[1], a[2], a.length];`,
    "Int32Array wraps": `const a = new Int32Array(3); a[0] = 0x80000000; a[1] = 0x7fffffff + 1; a[2] = 0x1ffffffff; return [a[0], a[1], a[2]];`,
    Uint32Array: `const a = new Uint32Array(3); a[0] = -1; a[1] = 4294967295; a[2] = 0xdeadbeef ^ 0xffffffff; return [a[0], a[1], a[2]];`,
    "xor of words": `const a = new Uint32Array(E.toUint8Array("abcdefgh").buffer); for (let i = 0; i < a.length; i++) a[i] ^= 0x36363636; return [a.length, btoa(E.toString(a.buffer))];`,
    "views share their buffer": `const b = new ArrayBuffer(8), a = new Uint8Array(b), w = new Uint32Array(b); a[0] = 1; a[5] = 2; return [w[0], w[1], b.byteLength, a.buffer.byteLength];`,
    "views of a part": `const b = new ArrayBuffer(8), a = new Uint8Array(b, 2, 3); a[0] = 9; a[2] = 8; const all = new Uint8Array(b); return [a.length, all[2], all[4], all[5]];`,
    "DataView, the big end first": `const v = new DataView(new ArrayBuffer(12)); v.setInt32(0, 0x01020304); v.setInt32(4, -2); v.setUint8(8, 255); v.setUint16(9, 0x1234); return [v.getInt32(0), v.getInt32(4), v.getUint8(3), v.getUint32(4), v.getUint16(9), v.getUint8(10), v.getInt8(8)];`,
    "DataView, the little end first": `const v = new DataView(new ArrayBuffer(4)); v.setInt32(0, 0x01020304, true); return [v.getUint8(0), v.getInt32(0, true), v.getInt32(0)];`,
    "DataView of bytes": `const v = new DataView(E.toUint8Array("\\xff\\xfe\\x00\\x01").buffer); return [v.getInt32(0), v.getUint32(0), v.getUint16(2)];`,
    "DataView and an array on one buffer": `const v = new DataView(new ArrayBuffer(8)), a = new Uint8Array(v.buffer); a.set([1, 2, 3], 1); v.setInt32(4, 5); return [v.getInt32(0), a[7], E.toString(a).length];`,
    "a copy of a typed array": `const a = new Int32Array([1, -2, 3]), b = new Int32Array(a); b[0] = 9; return [a[0], b[0], b[1], b.length];`,
    set: `const a = new Uint8Array(6); a.set([1, 2], 3); a.set(new Uint8Array([9]), 0); a.set([]); return [a[0], a[3], a[4], a[5]];`,
    "writing beyond the end": `const a = new Uint8Array(2); a[2] = 5; a[9] = 1; return [a.length, a[2] === undefined];`,
    "typed arrays from arrays": `return [new Uint8Array([1, 2, 300])[2], new Int32Array([2147483648])[0], new Uint8Array(0).length];`,
    "fill and slice": `const a = new Uint8Array(4).fill(7); const b = a.slice(1, 3); b[0] = 1; return [a[1], b.length, b[0], b[1]];`,
    "methods of arrays on typed ones": `const a = new Uint8Array([3, 1, 2]), seen = []; a.forEach(function (x) { seen.push(x); }); return [seen, a.indexOf(1), a.join("-"), a.reduce((n, x) => n + x, 0), [].slice.call(a)];`,
    "map of a typed array": `const m = new Uint8Array([1, 2]).map((x) => x * 2); return [m[0], m[1], m.length];`,
    "bytes of a text in a typed array": `const a = E.toUint8Array("\\x00\\x7f\\x80\\xff"); return [a.length, a[0], a[1], a[2], a[3]];`,
    "sums in 32 bits": `const a = new Int32Array(2); a[0] = 0x7fffffff; a[0] += 1; a[1] = (a[0] + 0xffffffff) | 0; return [a[0], a[1]];`,
    "turning words": `const r = (x, n) => (x >>> n) | (x << (32 - n)); return [r(0x12345678, 7), r(-1, 3), r(1, 1), r(0x80000000, 31)];`,
    "elements as keys of tables": `const t = new Uint8Array(256); for (let i = 0; i < 256; i++) t[i] = i ^ 99; return [t[255], t[t[0]], t[(-1) & 255]];`,
    byteLength: `return [new Uint8Array(3).byteLength, new Int32Array(3).byteLength, new ArrayBuffer(5).byteLength];`,
  },
};
