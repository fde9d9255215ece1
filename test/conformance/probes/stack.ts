/** Probes of the stack, in a small program: an interpreter that reports its overflow reads the source from its start. */

import type { Group } from "../group.js";

export const stack: Group = {
  now: {
    "ten nested calls": `
    function nest(n) { return n ? 1 + nest(n - 1) : 0; }
    return nest(9);`,
    "nested calls through callbacks": `
    const twice = function (list) { return list.map(function (x) { return [x].map(function (y) { return y * 2; })[0]; }); };
    return twice([1, 2]);`,
  },
  later: {
    "too much recursion passes over catch and finally": `
    const seen = [];
    function deep(n) { return n ? 1 + deep(n - 1) : 0; }
    setTimeout(function () {
      try { seen.push("try"); deep(100000); seen.push("returned"); } catch (e) { seen.push("catch"); } finally { seen.push("finally"); }
    }, 1);
    setTimeout(function () { out(seen); }, 400);`,
  },
};
