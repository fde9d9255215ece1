/** Probes of events. */

import type { Group } from "../group.js";

export const events: Group = {
  now: {
    "events are on every object": `
    return ["on", "emit", "removeListener", "removeAllListeners", "once", "off"].map(function (n) { return typeof ({})[n]; });`,
  },
  later: {
    "emit calls after the job": `
    const o = {}, seen = [];
    o.on("x", function (a, b) { seen.push("heard", a, b); });
    o.emit("x", 1, 2);
    seen.push("emitted");
    setTimeout(function () { out(seen); }, 20);`,
    "removed listeners": `
    const o = {}, seen = [];
    function one() { seen.push(1); }
    o.on("x", one);
    o.on("x", function () { seen.push(2); });
    o.removeListener("x", one);
    o.emit("x");
    setTimeout(function () { o.removeAllListeners("x"); o.emit("x"); setTimeout(function () { out(seen); }, 10); }, 10);`,
    "listeners in their order": `
    const o = {}, seen = [];
    o.on("x", function () { seen.push(1); });
    o.on("x", function () { seen.push(2); });
    o.on("x", function () { seen.push(3); });
    o.emit("x");
    setTimeout(function () { out(seen); }, 20);`,
    "emit with nobody listening": `
    const o = {};
    const gave = typeof o.emit("nothing", 1);
    setTimeout(function () { out(gave); }, 10);`,
    "this of a listener": `
    const o = { n: 5 };
    o.on("x", function () { out(this.n); });
    o.emit("x");`,
    "an event emitted by a listener": `
    const o = {}, seen = [];
    o.on("a", function () { seen.push("a"); o.emit("b"); seen.push("a's end"); });
    o.on("b", function () { seen.push("b"); });
    o.emit("a");
    setTimeout(function () { out(seen); }, 20);`,
    "a listener that adds a listener": `
    const o = {}, seen = [];
    o.on("x", function () { seen.push("first"); if (seen.length < 2) o.on("x", function () { seen.push("added"); }); });
    o.emit("x");
    setTimeout(function () { o.emit("x"); setTimeout(function () { out(seen.length > 2 ? "heard" : seen); }, 10); }, 10);`,
    "an object as the argument": `
    const o = {}, given = { a: 1 };
    o.on("x", function (e) { out([e.a, e === given]); });
    o.emit("x", given);`,
    "four arguments": `
    const o = {};
    o.on("x", function (a, b, c, d) { out([a, b, c, d]); });
    o.emit("x", 1, "2", [3], { n: 4 });`,
    "events of two objects": `
    const a = {}, b = {}, seen = [];
    a.on("x", function () { seen.push("a"); });
    b.on("x", function () { seen.push("b"); });
    b.emit("x");
    a.emit("x");
    setTimeout(function () { out(seen); }, 15);`,
    "listeners of an object with members": `
    const o = { a: 1 };
    o.on("x", function () {});
    out(["a" in o, o.a]);`,
    "a listener that fails does not stop the program": `
    const o = {}, seen = [];
    o.on("x", function () { throw new Error("expected"); });
    o.emit("x");
    setTimeout(function () { seen.push("after"); out(seen); }, 20);`,
  },
};
