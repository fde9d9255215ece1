/**
 * WifiBindingProof, an extension for apps of your own [C]: a device whose identity holds a proof of possession takes a
 * network only from an app that has proved that it knows it, over frames with a counter and a tag.
 * `require("WifiBindingProof").start(require("WifiBinding"))`, in the turn in which WifiBinding is started.
 */

import { borrow, type Core } from "./core.js";
import { createHandshake } from "./handshake.js";
import { createLockout } from "./lockout.js";
import { createProgress } from "./progress.js";
import { serveQuestions } from "./questions.js";

export type { Core };

/**
 * Does nothing on a device without a proof.
 * @once
 */
export function start(core: Core): void {
  const loan = borrow(core);
  if (!loan) return;
  const progress = createProgress(core, loan._now);
  createHandshake(core, loan, createLockout(loan._now, loan._wrong), progress.begin);
  serveQuestions(core, progress.result);
}
