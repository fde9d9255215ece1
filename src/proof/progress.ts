/** The provisioning that an app has asked for over its channel: sole owner of that app, of its step, and of how the last one ended. */

import {
  CMD_PROGRESS,
  EXT_CODE,
  EXT_PROGRESS,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_ROUTER,
  PROGRESS_SCAN,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Peer } from "../lan/peer.js";
import type { Core } from "./core.js";
import { outcome, REFUSAL, success } from "./nodes.js";

/** The result of a provisioning can be asked for this long after its end, in milliseconds. */
const RESULT_LIFE = 600000;

export interface Progress {
  /** An app asks for a provisioning. */
  begin(app: Peer): void;
  /** 70E9: how far a provisioning is, or how the last one ended: if well, with the code that is good now. */
  result(): Node[];
}

/** The states of the device that are steps of a provisioning. */
function stepOf(state: string): number {
  if (state == "joining") return PROGRESS_ROUTER;
  if (state == "connecting") return PROGRESS_AUTHENTICATION;
  return state == "online" || state == "bound" ? PROGRESS_AUTHORISATION : 0;
}

/** @once */
export function createProgress(core: Core, now: () => number): Progress {
  let asker: Peer | undefined;
  let current = PROGRESS_SCAN;
  let lastReason: number | undefined;
  let lastEnd = 0;

  function enter(step: number): void {
    if (!asker || !step || step == current) return;
    current = step;
    asker.send(0, CMD_PROGRESS, [[EXT_PROGRESS, step]]);
  }

  function end(reason: number): void {
    lastReason = reason;
    lastEnd = now() + RESULT_LIFE;
    if (asker) asker.send(0, CMD_PROGRESS, outcome(reason));
    asker = undefined;
    current = PROGRESS_SCAN;
  }

  core.on("state", (event) => enter(stepOf(event.state)));
  core.on("reported", () => enter(PROGRESS_BINDING));
  core.on("provisioning", (event) => end(event.error));

  return {
    begin(app) {
      asker = app;
    },
    result() {
      if (asker && core.state() != "provisioning") return [[EXT_PROGRESS, current]];
      if (lastReason === undefined || now() >= lastEnd) return REFUSAL;
      if (lastReason) return REFUSAL.concat(outcome(lastReason));
      const open = core.window();
      const nodes = success(core);
      if (open) nodes.push([EXT_CODE, open.code]);
      return nodes.concat(outcome(0));
    },
  };
}
