/** Checks of constructors whose results differ: boxed values, and arrays that round. */

const BOXED = /^(String|Number|Boolean)$/;

/** @type {import("./types.js").Visitors} */
export const boxChecks = {
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
