/** Probes of process, modules, globals. */

import type { Group } from "../group.js";

export const machine: Group = {
  now: {
    "a module of Storage": `const m = require("part"); m.count(); return [m.count(), require("part").count(), m.name];`,
    "process.env": `const e = process.env; return [typeof e.VERSION, typeof e.BOARD, typeof e.SERIAL, typeof e.MODULES, e.MODULES.split(",").indexOf("net") >= 0, e.MODULES.split(",").indexOf("crypto") >= 0, e.MODULES.split(",").indexOf("nothing")];`,
    "process.memory": `const m = process.memory(); return [typeof m.free, typeof m.usage, typeof m.total, m.free > 0, m.usage > 0, m.total >= m.usage];`,
    "a module that is not there": `const load = require; try { load("NotThere"); return "passed"; } catch (e) { return "threw"; }`,
    "a module that is not there, in words": `const load = require; try { load("NotThere"); } catch (e) { return String(e).indexOf("NotThere") >= 0; }`,
    "modules are one": `return [require("net") === require("net"), require("Storage") === require("Storage"), typeof require("dgram").createSocket, typeof require("net").connect];`,
    "global functions": `return [typeof print, typeof getTime, typeof load, typeof atob, typeof btoa, typeof setTimeout, typeof clearTimeout, typeof setInterval, typeof clearInterval, typeof peek32, typeof parseInt, typeof isNaN];`,
    "Bluetooth is not there": `return typeof NRF;`,
    "names of the global object": `return [typeof global, global.nobodySetIt === undefined];`,
    "a member of the global object": `global.probeSet = 5; const got = [global.probeSet, typeof global.other]; delete global.probeSet; return got.concat(typeof global.probeSet);`,
    "declared names as members of the global object": `return typeof global.keep;`,
  },
  later: {
    "a module's code runs once": `const a = require("part"); const b = require("part"); out([a === b, a.name]);`,
  },
};
