/** What the cloud says of the device: an exception (00A3), and what became of its binding (00E6). */

import {
  CMD_BINDING_RESULT,
  CMD_EXCEPTION,
  CODE_RATE,
  EXCEPTION_CODE,
  FAIL_CLOUD_REFUSED,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { findNumber, type Node } from "../codec/ttlv.js";
import type { Attempts, Failed } from "./attempts.js";
import type { Router } from "./router.js";

export interface NoticeEvents {
  /** 00E6 came. */
  result(nodes: Node[]): void;
  failed: Failed;
}

/** @once */
export function serveNotices(router: Router, attempts: Attempts, events: NoticeEvents): void {
  // Codes from 10420 to 10439, but for 10428 and 10429 (rate and quota), end the connection.
  router.on(CMD_EXCEPTION, (_id, nodes): number | void => {
    if (!nodes) return UNPACK_CONTENT;
    const code = findNumber(nodes, EXCEPTION_CODE) || 0;
    if (code >= 10420 && code < 10440 && code >> 1 != CODE_RATE >> 1) attempts.refused(code);
    else events.failed(FAIL_CLOUD_REFUSED, code, 0);
  });
  router.on(CMD_BINDING_RESULT, (_id, nodes) => (nodes ? events.result(nodes) : UNPACK_CONTENT));
}
