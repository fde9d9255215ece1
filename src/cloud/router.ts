/** Which handler takes a command of the cloud. Downlinks are told apart by their command alone, as the SDK does [S]. */

import { UNPACK_COMMAND } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";

/**
 * @param id the frame's package id, which an answer repeats
 * @param nodes its content, or undefined where that is no TTLV
 * @param data its content as bytes
 * @param cmd its command, for a handler of several
 * @returns what was wrong with the frame (UNPACK_…, which the cloud is told by 00A4), or nothing
 */
export type Handler = (id: number, nodes: Node[] | undefined, data: string, cmd: number) => number | void;

export interface Router {
  /** Hands a command to a handler, in place of the last one. */
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
