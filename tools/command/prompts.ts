/** Questions on a terminal: a numbered list, and a line that is not shown. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Prompts } from "./io.js";

/** Takes the echo of what is typed. */
class Nowhere extends Writable {
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

/**
 * @param stop ends a question that is under way
 * @param interrupt called for Ctrl-C, which a terminal in raw mode does not turn into a signal, and for Ctrl-D
 */
export function terminalPrompts(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  stop: AbortSignal,
  interrupt: () => void,
): Prompts {
  /** One line; `shown` takes the question and the echo. */
  async function line(question: string, shown: NodeJS.WritableStream): Promise<string> {
    stop.throwIfAborted();
    const reader = createInterface({ input, output: shown, terminal: true });
    let answered = false;
    reader.on("SIGINT", interrupt).on("close", () => answered || interrupt());
    try {
      return await reader.question(question, { signal: stop });
    } finally {
      answered = true;
      reader.close();
    }
  }

  function show(choices: string[]): void {
    choices.forEach((choice, at) => output.write(`${String(at + 1).padStart(4)}  ${choice}\n`));
  }

  /** The index that an answer names, or -1. */
  function numberOf(answer: string, choices: string[]): number {
    const at = /^\d+$/.test(answer) ? Number(answer) - 1 : -1;
    return at < choices.length ? at : -1;
  }

  return {
    async choose(question, choices) {
      show(choices);
      for (;;) {
        const at = numberOf((await line(`${question} [1-${choices.length}] `, output)).trim(), choices);
        if (at >= 0) return at;
      }
    },
    async name(question, names) {
      show(names);
      const hint = names.length ? `[1-${names.length}, or another name] ` : "[its name] ";
      for (;;) {
        const answer = await line(`${question} ${hint}`, output);
        const at = numberOf(answer.trim(), names);
        if (at >= 0) return names[at];
        if (answer !== "") return answer;
      }
    },
    async secret(question) {
      output.write(`${question} `);
      try {
        return await line("", new Nowhere());
      } finally {
        output.write("\n");
      }
    },
  };
}
