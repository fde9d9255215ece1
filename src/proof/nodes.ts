/** The answers that the device has for an app. */

import {
  EXT_DK,
  EXT_ERROR,
  EXT_OK,
  EXT_PK,
  EXT_PROGRESS,
  PROGRESS_FAILURE,
  PROGRESS_SUCCESS,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Core } from "./core.js";

export const REFUSAL: Node[] = [[EXT_OK, false]];

export function success(core: Core): Node[] {
  const who = core.identity();
  return [
    [EXT_OK, true],
    [EXT_PK, who.pk],
    [EXT_DK, who.dk],
  ];
}

/** The end of a provisioning. @param reason FAIL_…, or 0 */
export function outcome(reason: number): Node[] {
  const nodes: Node[] = [[EXT_PROGRESS, reason ? PROGRESS_FAILURE : PROGRESS_SUCCESS]];
  if (reason) nodes.push([EXT_ERROR, reason]);
  return nodes;
}
