/** The binding's public side: what may be called before the first start, while it runs, and after `stop`. */

import type { Handler } from "../lan/requests/index.js";
import type { Options } from "../options.js";
import type { Hal } from "../hal/hal.js";
import { KEY_SERVER } from "../storage/keys.js";
import type { WindowInfo } from "./codes.js";
import { createEmitter, type On } from "./emitter.js";
import { createHooks, type Hooks } from "./hooks.js";
import { createLife } from "./life.js";
import { createStates } from "./states.js";

export interface Binding extends Hooks {
  on: On;
  start(options: Options): void;
  stop(): void;
  openWindow(seconds?: number, code?: string): boolean;
  closeWindow(): void;
  window(): WindowInfo | undefined;
  state(): string;
  reset(): void;
  remove(): void;
  provision(): void;
  identity(): { pk: string; dk: string; server: string; proof: boolean };
  boots(value?: number): number;
}

/** @once */
export function createBinding(hal: Hal): Binding {
  const handlers: Record<number, Handler> = {};
  const emitter = createEmitter(hal);
  const states = createStates(hal, emitter);
  const life = createLife(hal, emitter, states, handlers);
  const hooks = createHooks(hal, emitter, life, handlers);

  return {
    on: emitter.on,
    start: life.start,
    stop: life.stop,
    openWindow(seconds, code) {
      life.running();
      return life.device().windows.open(seconds, code);
    },
    closeWindow() {
      if (life.settings()) life.device().windows.close();
    },
    window: () => life.settings() && life.device().windows.window(),
    state: states.name,
    reset() {
      life.running();
      life.device().reset();
    },
    remove() {
      life.running();
      life.device().remove();
    },
    provision() {
      life.running();
      life.device().apps.provisioning.pair();
    },
    identity() {
      const configured = life.running().server;
      return {
        pk: life.basis().identity.pk,
        dk: life.basis().identity.dk,
        server: life.basis().journal.text(KEY_SERVER) || configured,
        proof: life.basis().proof,
      };
    },
    boots: life.count,
    capabilities: hooks.capabilities,
    guard: hooks.guard,
    serve: hooks.serve,
    cloud: hooks.cloud,
    push: hooks.push,
    attach: hooks.attach,
    advertise: hooks.advertise,
    updates: hooks.updates,
  };
}
