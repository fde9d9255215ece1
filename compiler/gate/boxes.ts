/** Checks of constructors whose results differ: boxed values, and arrays that round. */

import type { Visitors } from "./types.js";

const BOXED = /^(String|Number|Boolean)$/;

export const boxChecks: Visitors = {
  NewExpression(node, report) {
    const name = node.callee.name;
    if (BOXED.test(name ?? "")) {
      report("boxed", node, `In Espruino new ${name} gives a plain value, not an object: call ${name}() without new`);
    }
    if (name == "Uint8ClampedArray") {
      report("clamped-array", node, "Espruino's Uint8ClampedArray cuts fractions: use a Uint8Array and E.clip");
    }
  },
};
