/** What a command has of the process: handed in, so that tests run commands without one. */

export interface Io {
  /** Prints a line on standard output. */
  out(line: string): void;
  /** Prints a line on standard error. */
  err(line: string): void;
  /** Whether people's output may be coloured. */
  colour: boolean;
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
