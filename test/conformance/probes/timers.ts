/** Probes of timers and their order. */

import type { Group } from "../group.js";

export const timers: Group = {
  now: {
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
    "delays that are no numbers": `const id = setTimeout(function () {}, NaN); clearTimeout(id); return typeof id;`,
    "ids are numbers above zero": `const a = setTimeout(function () {}, 1000), b = setInterval(function () {}, 1000); clearTimeout(a); clearInterval(b); return [typeof a, a > 0, typeof b, a != b];`,
    "clearing twice": `const id = setTimeout(function () {}, 1000); clearTimeout(id); try { clearTimeout(id); return "passed"; } catch (e) { return "threw"; }`,
    "clearInterval(undefined)": `let id; try { clearInterval(id); return "passed"; } catch (e) { return "threw"; }`,
    "getTime goes on": `const a = getTime(), b = getTime(); return [typeof a, b >= a, b - a < 1];`,
  },
  later: {
    "events before timers, timers in order": `
    const seen = [];
    setTimeout(function () { seen.push("t100"); }, 100);
    setTimeout(function () { seen.push("t5"); }, 5);
    Promise.resolve(1).then(function () { seen.push("then"); });
    seen.push("now");
    setTimeout(function () { out(seen); }, 250);`,
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
    "timers of one time in the order they were set": `
    const seen = [];
    setTimeout(function () { seen.push("a"); }, 10);
    setTimeout(function () { seen.push("b"); }, 10);
    setTimeout(function () { seen.push("c"); }, 10);
    setTimeout(function () { out(seen); }, 40);`,
    "timers set by timers": `
    const seen = [];
    setTimeout(function () { seen.push("outer"); setTimeout(function () { seen.push("inner"); }, 0); setTimeout(function () { out(seen); }, 15); }, 5);`,
    "no delay and negative delays": `
    const seen = [];
    setTimeout(function () { seen.push("zero"); }, 0);
    setTimeout(function () { seen.push("late"); }, 20);
    seen.push("now");
    setTimeout(function () { out(seen); }, 40);`,
    "an interval that clears itself": `
    let n = 0, id = setInterval(function () { n++; clearInterval(id); }, 5);
    setTimeout(function () { out(n); }, 40);`,
    "a timer that was cleared by another": `
    const seen = [];
    const second = setTimeout(function () { seen.push("second"); }, 20);
    setTimeout(function () { clearTimeout(second); seen.push("first"); }, 5);
    setTimeout(function () { out(seen); }, 50);`,
    "a timer goes on after an error of another": `
    setTimeout(function () { throw new Error("expected"); }, 5);
    setTimeout(function () { out("alive"); }, 20);`,
    "the time that passes": `
    const start = getTime();
    setTimeout(function () { const passed = getTime() - start; out([passed > 0.035, passed < 2]); }, 40);`,
    "clearing an own timer that has run": `
    const id = setTimeout(function () {
      try { clearTimeout(id); out("passed"); } catch (e) { out("threw"); }
    }, 5);`,
    "promises before timers": `
    const seen = [];
    setTimeout(function () { seen.push("timer"); out(seen); }, 10);
    Promise.resolve().then(function () { seen.push("one"); }).then(function () { seen.push("two"); });`,
  },
};
