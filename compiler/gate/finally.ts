/** Checks of `finally`: Espruino goes on where the block ends, whatever jump is in it. */

import { walk, type Node } from "../tree.js";
import type { Report, Visitors } from "./types.js";

const LOOP = /^(For|While|DoWhile)/;
const JUMP = /^(Return|Break|Continue)Statement$/;

/** @param loop whether a `continue` stays inside @param choice whether a `break` does */
function visit(root: Node, report: Report, loop: boolean, choice: boolean): void {
  walk(root, (at) => {
    if (at == root) return true;
    if (/Function/.test(at.type)) return false;
    if (LOOP.test(at.type) || at.type == "SwitchStatement") {
      visit(at, report, loop || LOOP.test(at.type), true);
      return false;
    }
    const inside = at.type == "BreakStatement" ? choice : at.type == "ContinueStatement" && loop;
    if (JUMP.test(at.type) && !inside) {
      report("finally-jump", at, "Espruino does not leave a finally by a jump: decide behind it");
    }
    return true;
  });
}

export const finallyChecks: Visitors = {
  TryStatement(node, report) {
    if (node.finalizer) visit(node.finalizer, report, false, false);
  },
};
