/** What modules of their own build on: the session with the cloud, the apps, and the capabilitiesBitmask. */

import type { Cloud } from "../cloud/session.js";
import type { Content, Node } from "../codec/ttlv.js";
import type { Hal, LinkEvents, Transport } from "../hal/hal.js";
import type { Handler } from "../lan/requests/index.js";
import { KEY_UPDATE } from "../storage/keys.js";
import { capabilitiesBitmask } from "./capabilities.js";
import type { Emitter } from "./emitter.js";
import type { Life } from "./life.js";
import type { Guard } from "./possession.js";

/** What the module for updates is handed. */
export interface Updates {
  sha256: Hal["sha256"];
  connect: Hal["connect"];
  /** The public key that updates are signed with, 32 bytes, or "". */
  key(): string;
  /** `firmware` is what the cloud is told, until the next boot. */
  settings: { firmware: string };
  /** What it keeps in flash, or 0. @param nodes in place of it */
  task(nodes?: Node[]): Node[] | 0;
}

export interface Hooks {
  capabilities(): number;
  guard(guard: Guard): void;
  serve(command: number, handler: Handler): void;
  cloud(): Cloud;
  push(command: number, content: Content): void;
  attach(link: Transport): LinkEvents;
  advertise(bit: number, on: boolean): void;
  updates(): Updates;
}

/**
 * @param handlers of modules, by command
 * @once
 */
export function createHooks(hal: Hal, emitter: Emitter, life: Life, handlers: Record<number, Handler>): Hooks {
  let more = 0; // bits of the capabilitiesBitmask that other modules have switched on

  function capabilities(): number {
    return capabilitiesBitmask(life.settings()) | more;
  }

  return {
    capabilities: capabilities,
    guard(guard) {
      life.running();
      life.device().guard(guard);
    },
    serve(command, handler) {
      handlers[command] = handler;
    },
    cloud() {
      life.running();
      return life.device().online.cloud();
    },
    push(command, content) {
      life.running();
      life.device().apps.sessions.push(command, content);
    },
    attach(link) {
      life.running();
      return life.device().apps.sessions.attach(link);
    },
    updates: () => ({
      sha256: hal.sha256,
      connect: hal.connect,
      key: () => life.basis().factory().updateKey,
      settings: life.basis().settings,
      task: (nodes) => life.count(nodes, KEY_UPDATE),
    }),
    advertise(bit, on) {
      const next = on ? more | bit : more & ~bit;
      if (next == more) return;
      more = next;
      emitter.emit("capabilities", { capabilities: capabilities() });
    },
  };
}
