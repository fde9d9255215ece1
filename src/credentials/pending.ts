/**
 * What the cloud does not know yet: a reset, a bindingSecret, a bindingCode or the end of its window. One report
 * carries all of it; what a broken connection leaves unacknowledged is reported again.
 */

import { hex } from "../codec/bytes.js";
import { BINDING_CODE, BINDING_SECRET } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Identity } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";
import type { Random } from "../random/drbg.js";
import type { Changes, Journal } from "../storage/journal.js";
import { KEY_OLD_SECRET, KEY_RESET, KEY_SECRET, KEY_SECRET_REPORTED } from "../storage/keys.js";
import { encryptSecret } from "./secret.js";
import type { BindingWindow } from "./window.js";

const BINDING_RANDOM = 13;
const BINDING_WINDOW = 14;
const BINDING_RESET = 16;
const BINDING_OLD_SECRET = 17;

export interface Pending {
  /** The nodes of the next 00B5, or undefined when the cloud knows everything. */
  next(): Node[] | undefined;
  /** The last report was acknowledged. @returns whether it made the open window's code known */
  acknowledged(): boolean;
  /** The cloud may still hold a code whose window was closed here; false takes that back. */
  cancel(needed: boolean): void;
}

/** @once */
export function createPending(
  hal: Hal,
  identity: Identity,
  random: Random,
  journal: Journal,
  window: BindingWindow,
): Pending {
  // Also at boot: of a window that was open nobody knows any more how long.
  let cancelled = true;
  // What the last report held.
  let secret = false;
  let reset = false;
  let code = "";

  function secrets(nodes: Node[]): void {
    const rand = hex(random(8));
    const old = journal.text(KEY_OLD_SECRET);
    nodes.push([BINDING_SECRET, encryptSecret(hal, identity, journal.text(KEY_SECRET), rand)]);
    nodes.push([BINDING_RANDOM, rand]);
    if (old) nodes.push([BINDING_OLD_SECRET, encryptSecret(hal, identity, old, rand)]);
  }

  return {
    next() {
      const nodes: Node[] = [];
      reset = !!journal.get(KEY_RESET);
      secret = !journal.get(KEY_SECRET_REPORTED);
      code = window.reported ? "" : window.code;
      if (reset) nodes.push([BINDING_RESET, true]);
      if (secret) secrets(nodes);
      if (code) nodes.push([BINDING_CODE, code], [BINDING_WINDOW, Math.max(1, window.seconds())]);
      else if (cancelled) nodes.push([BINDING_WINDOW, 0]);
      return nodes.length ? nodes : undefined;
    },
    acknowledged() {
      const changes: Changes = [];
      const fresh = code != "" && code == window.code;
      if (reset) changes.push([KEY_RESET, false]);
      if (secret) changes.push([KEY_SECRET_REPORTED, true], [KEY_OLD_SECRET, false]);
      if (changes.length) journal.put(changes);
      if (fresh) window.reported = true;
      // A code that died while its report was under way has to be withdrawn.
      cancelled = code != "" && !fresh;
      code = "";
      return fresh;
    },
    cancel(needed) {
      cancelled = needed;
    },
  };
}
