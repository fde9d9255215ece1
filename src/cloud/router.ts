/** Which handler takes a command of the cloud. Downlinks are told apart by their command alone, as the SDK does [S]. */

import { UNPACK_COMMAND } from "../codec/commands.js";
import type { Frame } from "../codec/frame.js";
import type { Node } from "../codec/ttlv.js";

/**
 * @param nodes the frame's content, or undefined where it is no TTLV
 * @returns what was wrong with the frame (UNPACK_…, which the cloud is told by 00A4), or nothing
 */
export type Handler = (frame: Frame, nodes: Node[] | undefined) => number | void;

export interface Router {
  /** Hands a command to a handler, in place of the last one: the modules for application data come in here. */
  on(cmd: number, handler: Handler): void;
  /** @returns the handler of a command; returned, not called here, so that it starts on a shallow stack */
  find(cmd: number): Handler;
}

function unknown(): number {
  return UNPACK_COMMAND;
}

/** @once */
export function createRouter(): Router {
  const handlers: Record<number, Handler> = {};
  return {
    on(cmd, handler) {
      handlers[cmd] = handler;
    },
    find: (cmd) => handlers[cmd] || unknown,
  };
}
