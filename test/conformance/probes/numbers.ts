/** Probes of numbers and Math. */

import type { Group } from "../group.js";

export const numbers: Group = {
  now: {
    shifts: `return [1 << 31, 1 << 32, 255 << 8, -1 >>> 0, -1 >>> 28, -256 >> 4, 0x80000000 | 0, 0xffffffff >>> 16];`,
    "bits of negative numbers": `return [-1 & 255, -2 & 0xffff, ~0, ~5 & 255, -1 ^ 255, 0x8000 & ~0x8000];`,
    "a word of four bytes": `const b = [0xde, 0xad, 0xbe, 0xef]; return ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;`,
    "products of 65536": `return [0xffff * 65536 + 0xffff, 65536 * 65536, 3 * 65536 + 4];`,
    "whole numbers beyond 32 bits": `return [2147483647 + 1, 4294967295 + 1, 9007199254740991, -2147483648 - 1, 4294967296 / 2];`,
    "beyond 32 bits into 32": `return [4294967296 | 0, 4294967297 & 255, 2147483648 | 0, 4294967295 | 0, (4294967295 + 5) >>> 0];`,
    "sums wrap by hand": `return [(0x7fffffff + 1) | 0, (0xffffffff + 2) | 0, (-2147483648 - 1) | 0];`,
    rests: `return [7 % 3, -7 % 3, 7 % -3, 5.5 % 2, 4294967295 % 256, 8 % 4];`,
    division: `return [7 / 2, 6 / 2, 1 / 4, -1 / 2, 1 / 0, isNaN(0 / 0)];`,
    "floor, ceil, round": `return [Math.floor(2.7), Math.floor(-2.1), Math.ceil(2.1), Math.ceil(-2.7), Math.round(2.5), Math.round(2.4), Math.round(-2.6), Math.floor(4294967295.5)];`,
    "min, max, abs": `return [Math.min(3, 1, 2), Math.max(3, 1, 2), Math.max(-1, 0), Math.abs(-5), Math.abs(5.5), Math.min(4)];`,
    "square root": `return [Math.sqrt(16), Math.sqrt(2) > 1.41421 && Math.sqrt(2) < 1.41422];`,
    "doubling by shifts": `const out = []; for (let i = 0; i < 7; i++) out.push(500 << i); return out;`,
    parseInt: `return [parseInt("42"), parseInt("42abc"), parseInt("-7"), parseInt("ff", 16), parseInt("0x1f"), parseInt("-40"), isNaN(parseInt("")), isNaN(parseInt("x")), parseInt("1883/"), parseInt("08")];`,
    "parseFloat and Number": `return [parseFloat("1.5s"), Number("12"), Number("1.25"), isNaN(Number("1x")), +"7", +"", +true];`,
    "numbers as text": `return [String(15), (255).toString(16), (255).toString(2), "" + 1.5, "" + -3, String(4294967295), (0.5).toString()];`,
    "text with numbers": `return [1 + "2", "3" * 2, "10" - 1, "5" > 4, "10" < "9", [1] + "", 1 + 2 + "a"];`,
    toFixed: `return [(1.005).toFixed(1), (2).toFixed(2), (-1.25).toFixed(1)];`,
    NaN: `return [isNaN(NaN), NaN > 1, NaN < 1, NaN == NaN, isNaN(undefined), isNaN("a"), isNaN("1")];`,
    "not a number in bits": `return [NaN | 0, undefined | 0, null | 0, "abc" | 0, "12" | 0, true | 0];`,
    "comparison with undefined": `return [undefined > 1, undefined < 1, 1 >= undefined, null >= 0];`,
    "increments of what is not there": `const o = {}; o.n = (o.n || 0) + 1; o.n = (o.n || 0) + 1; return o.n;`,
    "large counters": `let n = 4294967290; for (let i = 0; i < 10; i++) n++; return n;`,
    "fractions of seconds": `return [Math.floor(1.999 * 1000), Math.floor(0.1 * 1000), Math.round(1234.5678 * 1000) / 1000];`,
    "random numbers are in range": `for (let i = 0; i < 50; i++) { const r = Math.random(); if (!(r >= 0 && r < 1)) return r; } return "all";`,
    "hexadecimal and exponents": `return [0xff, 1e3, 0x310000, 1.5e-3, 0x10030000];`,
  },
};
