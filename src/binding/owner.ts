/** Whether the device is bound: what the cloud says of it, what is in flash, and who is told. */

import type { Profile } from "../cloud/auth.js";
import { REASON_WITHDRAWN, RESULT_BOUND, RESULT_CODE, RESULT_REASON } from "../codec/commands.js";
import { find, textOf, findNumber, type Node } from "../codec/ttlv.js";
import { equal } from "../crypto/equal.js";
import type { Hal } from "../hal/hal.js";
import type { Emitter } from "./emitter.js";
import type { Secrets } from "./secrets.js";
import { BOUND, UNBOUND, type States } from "./states.js";
import type { Windows } from "./windows.js";

export interface Owner {
  /** The authKey may be another one, or none: apps that have logged in under the old one are closed. */
  rekey(): void;
  /** The cloud has given an authKey of 16 bytes; "": it cannot be read. */
  authKey(key: string): void;
  /** The cloud has given a DS, or refused it ("") */
  renew(ds: string, profile?: Profile): void;
  /** 00E6: a code is spent, the device is unbound, or a code was withdrawn after too many wrong tries. */
  result(nodes: Node[]): void;
}

/**
 * @param close ends the sessions of apps that have logged in with another authKey
 * @once
 */
export function createOwner(
  hal: Hal,
  emitter: Emitter,
  states: States,
  secrets: Secrets,
  windows: Windows,
  close: (authKey: string) => void,
): Owner {
  let told: boolean | undefined; // what `bound` has said last

  function tell(bound: boolean): void {
    if (bound === told) return;
    told = bound;
    emitter.emit("bound", { bound: bound });
  }

  function rekey(): void {
    close(secrets.authKey());
    // The state follows first.
    hal.after(0, () => tell(secrets.authKey() != ""));
  }

  /** @param authKey 16 bytes, or "": not bound. In flash before the cloud's packet is acknowledged. */
  function set(authKey: string): void {
    const changed = secrets.setAuthKey(authKey);
    rekey();
    // Not from here: the stack is small, and this is deep in it. What the cloud says again changes nothing.
    hal.after(0, () => {
      if (!states.fire(authKey ? BOUND : UNBOUND) && !changed) return;
      if (authKey) windows.close();
      else windows.rotate();
    });
  }

  return {
    rekey: rekey,
    authKey: (key) => (key ? set(key) : emitter.problem("authKey", "cannot be read")),
    renew(ds, profile) {
      secrets.renew(ds, profile);
      rekey();
    },
    result(nodes) {
      const bound = find(nodes, RESULT_BOUND) === true;
      if (!bound && findNumber(nodes, RESULT_REASON) != REASON_WITHDRAWN) return set("");
      // Not from here: the stack is small, and this is deep in it.
      hal.after(0, () => {
        const now = windows.window();
        if (!now || !equal(now.code, textOf(nodes, RESULT_CODE))) return;
        if (bound) {
          states.fire(BOUND);
          windows.close();
          tell(true);
        } else if (now.seconds) windows.open(now.seconds);
      });
    },
  };
}
