/**
 * Checks of `finally`: Espruino goes on where the block ends, whatever jump or `throw` is in it, and a `catch` in it takes
 * the error that waits for its end.
 */

import { isFunction, walk, type Node } from "../tree.js";
import { runsAtOnce } from "./reach.js";
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

/** What begins or ends an error in a `finally`: that which waits for its end gets lost, or does not wait any more. */
function checkErrors(finalizer: Node, report: Report): void {
  walk(finalizer, (at) => {
    if (at.type == "ThrowStatement")
      report("finally-throw", at, "In Espruino an error of a finally is lost: throw behind it");
    if (at.type == "CatchClause")
      report(
        "finally-catch",
        at,
        "In Espruino a catch in a finally takes the error that is under way: catch behind it",
      );
    return at.type != "CatchClause" && (!isFunction(at) || runsAtOnce(at, true));
  });
}

export const finallyChecks: Visitors = {
  TryStatement(node, report) {
    if (!node.finalizer) return;
    visit(node.finalizer, report, false, false);
    checkErrors(node.finalizer, report);
  },
};
