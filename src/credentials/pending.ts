/**
 * What the platform does not know yet: a reset, a bindingSecret, a bindingCode or the end of its window. One report
 * carries all of it; what a broken connection leaves unacknowledged is reported again.
 */

import { hex } from "../codec/bytes.js";
import {
  BINDING_CODE,
  BINDING_OLD_SECRET,
  BINDING_RANDOM,
  BINDING_RESET,
  BINDING_SECRET,
  BINDING_WINDOW,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Identity } from "../identity.js";
import type { Platform } from "../platform.js";
import type { Drbg } from "../random/drbg.js";
import type { Changes, Journal } from "../storage/journal.js";
import { KEY_OLD_SECRET, KEY_RESET, KEY_SECRET, KEY_SECRET_REPORTED } from "../storage/keys.js";
import { encryptSecret } from "./secret.js";
import type { BindingWindow } from "./window.js";

export class Pending {
  /** Whether the platform may still hold a code whose window was closed here. */
  cancelled = false;
  private _sentSecret = false;
  private _sentReset = false;
  private _sentCancel = false;
  private _sentCode = "";

  constructor(
    private _platform: Platform,
    private _identity: Identity,
    private _random: Drbg,
    private _journal: Journal,
    private _window: BindingWindow,
  ) {}

  /** The nodes of the next 00B5, or undefined when the platform knows everything. */
  next(): Node[] | undefined {
    const journal = this._journal;
    const window = this._window;
    const nodes: Node[] = [];
    this._sentReset = journal.get(KEY_RESET) === true;
    this._sentSecret = journal.get(KEY_SECRET_REPORTED) !== true;
    this._sentCode = window.reported ? "" : window.code;
    this._sentCancel = this.cancelled && !window.code;
    if (this._sentReset) nodes.push([BINDING_RESET, true]);
    if (this._sentSecret) this._addSecrets(nodes);
    if (this._sentCode) nodes.push([BINDING_CODE, this._sentCode], [BINDING_WINDOW, Math.max(1, window.seconds())]);
    if (this._sentCancel) nodes.push([BINDING_WINDOW, 0]);
    return nodes.length ? nodes : undefined;
  }

  /** The last report was acknowledged. @returns whether it made the open window's code known */
  acknowledged(): boolean {
    const changes: Changes = [];
    if (this._sentReset) changes.push([KEY_RESET, false]);
    if (this._sentSecret) changes.push([KEY_SECRET_REPORTED, true], [KEY_OLD_SECRET, false]);
    if (changes.length) this._journal.put(changes);
    if (this._sentCancel || this._sentCode) this.cancelled = false;
    const fresh = !!this._sentCode && this._sentCode == this._window.code;
    // A code that died while its report was under way has to be withdrawn.
    if (fresh) this._window.reported = true;
    else if (this._sentCode) this.cancelled = true;
    return fresh;
  }

  private _addSecrets(nodes: Node[]): void {
    const journal = this._journal;
    const random = hex(this._random.bytes(8));
    const old = journal.text(KEY_OLD_SECRET);
    nodes.push([BINDING_SECRET, encryptSecret(this._platform, this._identity, journal.text(KEY_SECRET), random)]);
    nodes.push([BINDING_RANDOM, random]);
    if (old) nodes.push([BINDING_OLD_SECRET, encryptSecret(this._platform, this._identity, old, random)]);
  }
}
