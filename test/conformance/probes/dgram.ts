/** Probes of UDP. */

import type { Group } from "../group.js";

export const dgram: Group = {
  now: {},
  later: {
    "a datagram to oneself": `
    const s = require("dgram").createSocket("udp4");
    s.bind(41721);
    s.on("message", function (d, from) { s.close(); out([d, from.address, from.port, from.size]); });
    setTimeout(function () { s.send("hello", 41721, "127.0.0.1"); }, 20);`,
    "bytes of a datagram": `
    const s = require("dgram").createSocket("udp4");
    s.bind(41722);
    s.on("message", function (d) { s.close(); out([d.length, E.CRC32(d)]); });
    setTimeout(function () { let t = ""; for (let i = 0; i < 256; i++) t += String.fromCharCode(i); s.send(t, 41722, "127.0.0.1"); }, 20);`,
    "datagrams keep their borders": `
    const seen = [], s = require("dgram").createSocket("udp4");
    s.bind(41723);
    s.on("message", function (d) { seen.push(d); if (seen.length == 3) { s.close(); out(seen); } });
    setTimeout(function () { s.send("one", 41723, "127.0.0.1"); s.send("two", 41723, "127.0.0.1"); s.send("three", 41723, "127.0.0.1"); }, 20);`,
    "a long datagram is cut": `
    const s = require("dgram").createSocket("udp4");
    s.bind(41724);
    s.on("message", function (d) { s.close(); out(d.length); });
    setTimeout(function () { s.send("x".repeat(600), 41724, "127.0.0.1"); }, 20);`,
    "an answer to the sender": `
    const seen = [], a = require("dgram").createSocket("udp4"), b = require("dgram").createSocket("udp4");
    a.bind(41725);
    b.bind(41726);
    a.on("message", function (d, from) { a.send("re " + d, from.port, from.address); });
    b.on("message", function (d, from) { a.close(); b.close(); out([d, from.port]); });
    setTimeout(function () { b.send("question", 41725, "127.0.0.1"); }, 20);`,
    "a close is told": `
    let told = 0;
    const s = require("dgram").createSocket("udp4");
    s.bind(41727);
    s.on("close", function () { told++; });
    setTimeout(function () { s.close(); }, 20);
    setTimeout(function () { out(told > 0); }, 100);`,
    "a port can be taken again": `
    const first = require("dgram").createSocket("udp4");
    first.bind(41728);
    setTimeout(function () { first.close(); }, 20);
    setTimeout(function () {
      const second = require("dgram").createSocket("udp4");
      second.bind(41728);
      second.on("message", function (d) { second.close(); out(d); });
      setTimeout(function () { second.send("again", 41728, "127.0.0.1"); }, 20);
    }, 100);`,
    reuseAddr: `
    const s = require("dgram").createSocket({ type: "udp4", reuseAddr: true });
    s.bind(41729);
    s.on("message", function (d) { s.close(); out(d); });
    setTimeout(function () { s.send("shared", 41729, "127.0.0.1"); }, 20);`,
  },
};
