/** Probes of TCP. */

import type { Group } from "../group.js";

export const net: Group = {
  now: {
    "connecting to a port where nobody listens throws": `
    try { require("net").connect({ host: "127.0.0.1", port: 1 }, function () {}); } catch (e) { return String(e); }`,
    "connecting to a name that does not exist throws": `
    try { require("net").connect({ host: "nobody.invalid", port: 1 }, function () {}); } catch (e) { return String(e); }`,
  },
  later: {
    "a server hears who connects in the same job": `
    const server = require("net").createServer(function (c) { c.on("data", function () {}); });
    server.listen(41713);
    let got;
    try { const s = require("net").connect({ host: "127.0.0.1", port: 41713 }, function () { s.end(); }); got = "connected"; } catch (e) { got = "threw"; }
    setTimeout(function () { server.close(); out(got); }, 30);`,
    "a connection to oneself": `
    const seen = [], server = require("net").createServer(function (c) { c.on("data", function (d) { c.write("echo " + d); }); });
    server.listen(41701);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41701 }, function () { s.write("hello"); });
    s.on("data", function (d) { seen.push(d); s.end(); });
    s.on("close", function () { server.close(); out(seen); });
    }, 20);`,
    "bytes pass as they are": `
    const server = require("net").createServer(function (c) { let all = ""; c.on("data", function (d) { all += d; if (all.length == 256) { server.close(); c.end(); out([E.CRC32(all), all.charCodeAt(255)]); } }); });
    server.listen(41702);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41702 }, function () { let t = ""; for (let i = 0; i < 256; i++) t += String.fromCharCode(i); s.write(t); });
    }, 20);`,
    "long texts come in pieces": `
    const sizes = [];
    let all = "";
    const server = require("net").createServer(function (c) { c.on("data", function (d) { sizes.push(d.length); all += d; if (all.length == 1500) { server.close(); c.end(); out([all.length, Math.max.apply(Math, sizes) <= 536, E.CRC32(all)]); } }); });
    server.listen(41703);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41703 }, function () { s.write("0123456789".repeat(150)); });
    }, 20);`,
    "what write gives": `
    const server = require("net").createServer(function (c) { c.on("data", function () {}); });
    server.listen(41704);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41704 }, function () { out([s.write("x"), typeof s.end()]); setTimeout(function () { server.close(); }, 30); });
    }, 20);`,
    "writing after the end": `
    const server = require("net").createServer(function (c) { c.on("data", function () {}); });
    server.listen(41705);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41705 }, function () { s.end(); let got; try { s.write("x"); got = "passed"; } catch (e) { got = "threw"; } server.close(); out(got); });
    }, 20);`,
    "the peer ends": `
    const seen = [], server = require("net").createServer(function (c) { c.on("data", function () {}); c.write("bye"); c.end(); });
    server.listen(41706);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41706 }, function () { seen.push("opened"); });
    s.on("data", function (d) { seen.push(d); });
    s.on("close", function () { seen.push("closed"); setTimeout(function () { server.close(); out(seen); }, 20); });
    }, 20);`,
    "a closed connection is told once": `
    let n = 0;
    const server = require("net").createServer(function (c) { c.on("data", function () {}); c.on("close", function () { n++; }); });
    server.listen(41707);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41707 }, function () { s.end(); });
    setTimeout(function () { server.close(); out(n); }, 150);
    }, 20);`,
    "two clients": `
    const seen = [];
    const server = require("net").createServer(function (c) { c.on("data", function (d) { seen.push(d); c.end(); if (seen.length == 2) { server.close(); out(seen.sort()); } }); });
    server.listen(41708);
    setTimeout(function () {
    const a = require("net").connect({ host: "127.0.0.1", port: 41708 }, function () { a.write("a"); });
    const b = require("net").connect({ host: "127.0.0.1", port: 41708 }, function () { b.write("b"); });
    }, 20);`,
    "pieces written one after the other": `
    let all = "";
    const server = require("net").createServer(function (c) { c.on("data", function (d) { all += d; if (all.length == 12) { server.close(); c.end(); out(all); } }); });
    server.listen(41709);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41709 }, function () { s.write("abc"); s.write("def"); s.write(""); s.write("ghijkl"); });
    }, 20);`,
    "the opened callback runs later": `
    const seen = [];
    const server = require("net").createServer(function (c) { c.on("data", function () {}); });
    server.listen(41710);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41710 }, function () { seen.push("opened"); s.end(); setTimeout(function () { server.close(); out(seen); }, 20); });
    seen.push("connected");
    }, 20);`,
    "a server that was closed refuses": `
    const server = require("net").createServer(function () {});
    server.listen(41711);
    setTimeout(function () {
    setTimeout(function () {
      server.close();
      setTimeout(function () { try { require("net").connect({ host: "127.0.0.1", port: 41711 }, function () {}); out("passed"); } catch (e) { out("threw"); } }, 60);
    }, 20);
    }, 20);`,
    "a number is sent as text": `
    const server = require("net").createServer(function (c) { c.on("data", function (d) { server.close(); c.end(); out(d); }); });
    server.listen(41712);
    setTimeout(function () {
    const s = require("net").connect({ host: "127.0.0.1", port: 41712 }, function () { s.write(42); });
    }, 20);`,
  },
};
