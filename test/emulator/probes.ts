/** Snippets that must give the same in the emulator and in the real interpreter. Each is the body of a function. */

/** Give their value at once. */
export const PROBES: Record<string, string> = {
  "a function declared later does not exist yet": `
    function early() { return later(); }
    let got;
    try { got = early(); } catch (e) { got = "threw"; }
    function later() { return 1; }
    return [got, early()];`,
  "a var whose statement has not run does not exist": `
    function read() { return late; }
    let got;
    try { got = read(); } catch (e) { got = "threw"; }
    var late = 1;
    return [got, read()];`,
  "errors have no name": `
    try { null.x; } catch (e) { return [typeof e["na" + "me"], typeof e.message]; }`,
  "errors as text": `return [String(new Error("a")), String(new TypeError("b")), new Error("c") + ""];`,
  "what an array lacks": `
    return ["at", "flat", "flatMap", "lastIndexOf", "reduceRight", "entries", "keys", "findLast", "toSorted"]
      .map(function (name) { return typeof [][name]; });`,
  "what an array has": `
    return ["concat", "every", "fill", "find", "findIndex", "includes", "join", "map", "pop", "reduce", "reverse",
      "shift", "slice", "some", "sort", "splice", "unshift"].map(function (name) { return typeof [][name]; });`,
  "what a string lacks": `
    return [typeof "".at, typeof "".search, typeof "".matchAll, typeof "".localeCompare, typeof "".normalize,
      typeof "".trimStart, typeof "".trimEnd, typeof "".codePointAt];`,
  "what a string has": `
    return ["charAt", "charCodeAt", "endsWith", "includes", "padEnd", "padStart", "repeat", "replaceAll", "substr"]
      .map(function (name) { const method = ""[name]; return typeof method; });`,
  "what constructors lack": `
    return [[Array, "from"], [Array, "of"], [Object, "freeze"], [Object, "is"], [Object, "hasOwn"], [Math, "trunc"],
      [Math, "log2"], [Math, "imul"], [Number, "isInteger"], [Promise, "race"], [Promise, "any"], [Date, "UTC"]]
      .map(function (one) { return typeof one[0][one[1]]; });`,
  "what a typed array lacks": `
    const a = new Uint8Array(1);
    return [typeof a.at, typeof a.keys, typeof a.entries, typeof a.lastIndexOf, typeof a.subarray, typeof a.set,
      typeof a.fill, typeof a.slice];`,
  "events are on every object": `
    return ["on", "emit", "removeListener", "removeAllListeners", "once", "off"].map(function (n) { return typeof ({})[n]; });`,
  "split has no limit": `const limit = [","]; limit.push(1); return "a,b,c".split.apply("a,b,c", limit);`,
  "upper and lower case": `return ["Az[".toLowerCase(), "aZ{".toUpperCase()];`,
  "characters are bytes": `return [String.fromCharCode(300).charCodeAt(0), String.fromCharCode(65, 66)];`,
  "JSON has 11 digits": `return JSON.stringify([1 / 3, 0.1, 12345678901, 1.5, -2]);`,
  "JSON of what JSON has not": `return JSON.stringify({ a: undefined, b: null, d: [null, NaN] });`,
  "JSON ignores replacers": `
    const args = [{ a: 1 }];
    args.push(function () { return 5; });
    return JSON.parse(JSON.stringify.apply(JSON, args));`,
  "CRC-32": `return E.CRC32("123456789");`,
  "E.sum": `return [E.sum("abc"), E.sum([1, 2, 3]), E.sum(new Uint8Array([255, 255]))];`,
  "E.toString": `return [E.toString([65, 66]), E.toString(new Uint8Array([67, 300])), E.toString("D"), E.toString("a", [66])];`,
  "E.toUint8Array": `return [E.toString(E.toUint8Array("ab")), E.toUint8Array([1, 2]).length];`,
  "E.toArrayBuffer": `return E.toString(E.toArrayBuffer("xyz"));`,
  base64: `return [btoa("\\xff\\x00a"), atob("/wBh").length, btoa(""), atob("")];`,
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
  "ids of timers are given again": `
    const first = setTimeout(function () {}, 1000);
    clearTimeout(first);
    const second = setTimeout(function () {}, 1000);
    clearTimeout(second);
    return first == second;`,
  "clearTimeout(undefined) throws": `
    let id;
    try { clearTimeout(id); return "passed"; } catch (e) { return String(e); }`,
  "timers of something that is no function": `
    try { setTimeout(undefined, 10); return "passed"; } catch (e) { return "threw"; }`,
  "changing a timer that is not there": `
    try { changeInterval(12345, 10); return "passed"; } catch (e) { return "threw"; }`,
  "a module of Storage": `const m = require("part"); m.count(); return [m.count(), require("part").count(), m.name];`,
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
  "flash clears bits only": `
    const F = require("Flash");
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    F.write("\\x0f\\x0f\\x0f\\x0f", area + 8192);
    F.write("\\xf1\\xff\\x0e\\x00", area + 8192);
    const before = E.toString(F.read(4, area + 8192));
    F.erasePage(area + 8192);
    return [before, E.toString(F.read(4, area + 8192))];`,
  "flash at odd addresses": `
    const F = require("Flash");
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    F.erasePage(area + 12288);
    F.write("abcde", area + 12289);
    return E.toString(F.read(8, area + 12288));`,
  "flash pages": `
    const area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;
    const page = require("Flash").getPage(area + 5);
    return [page.addr == area, 4096 % page.length];`,
  "connecting to a port where nobody listens throws": `
    try { require("net").connect({ host: "127.0.0.1", port: 1 }, function () {}); } catch (e) { return String(e); }`,
  "connecting to a name that does not exist throws": `
    try { require("net").connect({ host: "nobody.invalid", port: 1 }, function () {}); } catch (e) { return String(e); }`,
  "regular expressions": `
    return ["a1b22".replace(/[0-9]+/g, "#"), /^(\\w+)=(\\d+)$/.exec("key=42").slice(1), "x,y;z".split(/[,;]/), /b+/.test("abbc")];`,
  "delays that are no numbers": `const id = setTimeout(function () {}, NaN); clearTimeout(id); return typeof id;`,
};

/** Put their value into `out` later. */
export const LATER: Record<string, string> = {
  "emit calls after the job": `
    const o = {}, seen = [];
    o.on("x", function (a, b) { seen.push("heard", a, b); });
    o.emit("x", 1, 2);
    seen.push("emitted");
    setTimeout(function () { out(seen); }, 20);`,
  "events before timers, timers in order": `
    const seen = [];
    setTimeout(function () { seen.push("t20"); }, 20);
    setTimeout(function () { seen.push("t5"); }, 5);
    Promise.resolve(1).then(function () { seen.push("then"); });
    seen.push("now");
    setTimeout(function () { out(seen); }, 60);`,
  "arguments of timers": `setTimeout(function (a, b) { out([a, b]); }, 5, "x", 2);`,
  intervals: `
    let n = 0;
    const id = setInterval(function () { if (++n == 3) { clearInterval(id); setTimeout(function () { out(n); }, 30); } }, 5);`,
  "changeInterval makes a timeout repeat": `
    let n = 0;
    const id = setTimeout(function () { if (++n == 3) { clearTimeout(id); out(n); } }, 5);
    changeInterval(id, 5);`,
  promises: `
    Promise.all([1, Promise.resolve(2)]).then(function (all) {
      return new Promise(function (done, fail) { fail("no " + all.join()); });
    }).then(function () { out("wrong"); }).catch(function (why) { out(why); });`,
  "removed listeners": `
    const o = {}, seen = [];
    function one() { seen.push(1); }
    o.on("x", one);
    o.on("x", function () { seen.push(2); });
    o.removeListener("x", one);
    o.emit("x");
    setTimeout(function () { o.removeAllListeners("x"); o.emit("x"); setTimeout(function () { out(seen); }, 10); }, 10);`,
  "too much recursion passes over catch and finally": `
    const seen = [];
    function deep(n) { return n ? 1 + deep(n - 1) : 0; }
    setTimeout(function () {
      try { seen.push("try"); deep(100000); seen.push("returned"); } catch (e) { seen.push("catch"); } finally { seen.push("finally"); }
    }, 1);
    setTimeout(function () { out(seen); }, 400);`,
  "Wifi: joins": `
    const W = require("Wifi"), seen = [];
    W.on("associated", function (d) { seen.push("associated", d.ssid); });
    W.on("connected", function (d) { seen.push("connected", d.ip); });
    W.connect("home", { password: "secret12" }, function (error) {
      seen.push("callback", error, W.getIP().ip, W.getDetails().ssid, W.getStatus().station);
      setTimeout(function () { W.removeAllListeners("associated"); W.removeAllListeners("connected"); out(seen); }, 20);
    });`,
  "Wifi: leaves": `
    const W = require("Wifi"), seen = [];
    W.on("disconnected", function (d) { seen.push(d.ssid, d.reason, d.msg); });
    W.disconnect(function () { seen.push("callback"); });
    setTimeout(function () { W.removeAllListeners("disconnected"); out([seen, W.getIP().ip]); }, 50);`,
  "Wifi: wrong password": `
    const W = require("Wifi"), seen = [];
    W.on("disconnected", function (d) { seen.push(d.msg, typeof d.reason); });
    W.connect("home", { password: "wrong" }, function (error) { seen.push(error); });
    setTimeout(function () { W.removeAllListeners("disconnected"); out(seen); }, 200);`,
  "Wifi: no such network": `
    require("Wifi").connect("nowhere", {}, function (error) { out(error); });`,
  "Wifi: a network without DHCP": `
    const W = require("Wifi"), seen = [];
    W.on("associated", function () { seen.push("associated"); });
    W.connect("dumb", {}, function (error) { seen.push("callback"); });
    setTimeout(function () { W.removeAllListeners("associated"); W.disconnect(); out(seen); }, 200);`,
  "Wifi: scan": `
    require("Wifi").scan(function (found) {
      out(found.map(function (n) { return [n.ssid, n.rssi, n.authMode]; }));
    });`,
  "Wifi: an access point": `
    const W = require("Wifi"), seen = [];
    try { W.startAP("ap", { password: "short" }, function () {}); } catch (e) { seen.push("threw"); }
    W.startAP("ap", { password: "longenough", authMode: "wpa2" }, function (error) {
      seen.push(error, W.getAPIP().ip);
      W.stopAP(function () { seen.push(W.getAPIP().ip); out(seen); });
    });`,
};
