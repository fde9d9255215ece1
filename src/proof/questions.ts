/** What an app may ask once it has proved that it knows K. */

import {
  CMD_LAST_RESULT,
  CMD_WINDOW,
  EXT_CAPABILITIES,
  EXT_CODE,
  EXT_ERROR,
  EXT_SECONDS,
  FAIL_PROOF,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Core } from "./core.js";
import { hasProved } from "./handshake.js";
import { REFUSAL, success } from "./nodes.js";

/** Seconds that a code must have left to be of use. */
const LEAST_LEFT = 10;

/** 70E7: the window that is open, renewed when it is about to end. */
function windowInfo(core: Core): Node[] {
  let open = core.window();
  if (open && open.seconds < LEAST_LEFT && core.openWindow()) open = core.window();
  if (!open) return REFUSAL;
  return success(core).concat([
    [EXT_CODE, open.code],
    [EXT_SECONDS, open.seconds],
    [EXT_CAPABILITIES, core.capabilities()],
  ]);
}

/**
 * @param result answers 70E9
 * @once
 */
export function serveQuestions(core: Core, result: () => Node[]): void {
  function serve(cmd: number, answer: () => Node[]): void {
    core.serve(cmd, (app, id) =>
      app.send(id, cmd + 1, hasProved(app) ? answer() : REFUSAL.concat([[EXT_ERROR, FAIL_PROOF]])),
    );
  }

  serve(CMD_WINDOW, () => windowInfo(core));
  serve(CMD_LAST_RESULT, result);
}
