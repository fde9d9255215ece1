/** A process of its own for what is measured: its memory holds nothing of an earlier measurement. */

import { fork } from "node:child_process";
import { on } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child {
  /**
   * Sends a message, and hears the answers until `take` makes something of one.
   * @throws what `take` throws, and an Error when the child ends first
   */
  ask<T>(message: object, take: (said: object) => T | undefined): Promise<T>;
  stop(): void;
}

/** Starts a file of this folder, with a garbage collector that can be called. It ends with this process. */
export function startChild(name: string): Child {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = fork(file, { execArgv: ["--expose-gc", "--import", "tsx"] });
  return {
    async ask(message, take) {
      const heard = on(child, "message", { close: ["exit"] });
      child.send(message);
      for await (const [said] of heard as AsyncIterable<[object]>) {
        const answer = take(said);
        if (answer !== undefined) return answer;
      }
      throw new Error(`${name} has ended`);
    },
    stop: () => void child.kill(),
  };
}
