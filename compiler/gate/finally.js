/** Checks of `finally`: Espruino goes on where the block ends, whatever jump is in it. */

import { walk } from "../passes/tree.js";

const LOOPS = /^(For|While|DoWhile)/;

/** @type {import("./types.js").Visitors} */
export const finallyChecks = {
  TryStatement(node, report) {
    if (!node.finalizer) return;
    /** @type {(at: any, loop: boolean, choice: boolean) => void} */
    const visit = (root, loop, choice) =>
      walk(root, (at) => {
        if (at == root) return true;
        if (/Function/.test(at.type)) return false;
        if (LOOPS.test(at.type) || at.type == "SwitchStatement") {
          visit(at, loop || LOOPS.test(at.type), true);
          return false;
        }
        const inside = at.type == "BreakStatement" ? choice : at.type == "ContinueStatement" && loop;
        if (/^(Return|Break|Continue)Statement$/.test(at.type) && !inside) {
          report("finally-jump", at, "Espruino does not leave a finally by a jump: decide behind it");
        }
        return true;
      });
    visit(node.finalizer, false, false);
  },
};
