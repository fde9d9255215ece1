/** Probes of hashes and ciphers. */

import type { Group } from "../group.js";

export const crypto: Group = {
  now: {
    hashes: `
    const c = require("crypto");
    return ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"].map(function (name) { return btoa(E.toString(c[name]("abc"))); });`,
    "AES-CBC": `
    const AES = require("crypto").AES;
    const o = { iv: "fedcba9876543210", mode: "CBC" };
    const sealed = E.toString(AES.encrypt("sixteen bytes...", "0123456789abcdef", o));
    return [btoa(sealed), E.toString(AES.decrypt(sealed, "0123456789abcdef", o))];`,
    "AES-ECB": `
    return btoa(E.toString(require("crypto").AES.encrypt("sixteen bytes...", "0123456789abcdef", { mode: "ECB" })));`,
    "AES of a length that is no multiple of 16": `
    const o = { iv: "fedcba9876543210", mode: "CBC" };
    return typeof require("crypto").AES.encrypt("short", "0123456789abcdef", o);`,
    "AES modes that do not exist": `
    try { require("crypto").AES.encrypt("sixteen bytes...", "0123456789abcdef", { mode: "XYZ" }); }
    catch (e) { return String(e); }`,
    PBKDF2: `
    return btoa(E.toString(require("crypto").PBKDF2("password", "salt", { keySize: 5, iterations: 2, hasher: "SHA1" })));`,
    "SHA-256 of nothing": `return btoa(E.toString(require("crypto").SHA256("")));`,
    "SHA-256 of bytes": `let t = ""; for (let i = 0; i < 200; i++) t += String.fromCharCode(i * 7); return btoa(E.toString(require("crypto").SHA256(t)));`,
    "SHA-256 at the borders of a block": `return [55, 56, 63, 64, 65].map((n) => btoa(E.toString(require("crypto").SHA256("a".repeat(n)))));`,
    "a hash has 32 bytes": `const h = require("crypto").SHA256("x"); return [h.byteLength, E.toString(h).length, typeof h];`,
    "AES-CBC of 64 bytes": `const AES = require("crypto").AES, o = { iv: "\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f", mode: "CBC" }, key = "\\x2b\\x7e\\x15\\x16\\x28\\xae\\xd2\\xa6\\xab\\xf7\\x15\\x88\\x09\\xcf\\x4f\\x3c"; const sealed = E.toString(AES.encrypt("x".repeat(64), key, o)); return [btoa(sealed), E.toString(AES.decrypt(sealed, key, o)) == "x".repeat(64), o.iv.length];`,
    "AES with a key that is too short": `try { const r = require("crypto").AES.encrypt("sixteen bytes...", "short", { iv: "fedcba9876543210", mode: "CBC" }); return typeof r; } catch (e) { return "threw"; }`,
    "decrypting what is cut": `const r = require("crypto").AES.decrypt("short", "0123456789abcdef", { iv: "fedcba9876543210", mode: "CBC" }); return typeof r;`,
    "the module is one": `return require("crypto") === require("crypto");`,
  },
};
