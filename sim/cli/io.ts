/** What a command has of the process: handed in, so that tests run commands without one. */

export interface Io {
  /** Prints a line on standard output. */
  out(line: string): void;
  /** Prints a line on standard error. */
  err(line: string): void;
  /** Whether people's output may be coloured. */
  colour: boolean;
  /** Asks a person, where there is one at a terminal; hidden: what is typed is not shown. */
  ask?(question: string, hidden?: boolean): Promise<string>;
  /** Shows one line in place of the last one, where there is a terminal; "" takes it away. */
  progress?(text: string): void;
  /** Aborted when the person wants the command to end. */
  stop: AbortSignal;
}

/** Resolves when the command is to end. */
export function stopped(io: Io): Promise<void> {
  return new Promise((resolve) => {
    if (io.stop.aborted) resolve();
    io.stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
