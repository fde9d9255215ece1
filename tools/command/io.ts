/** What a command has of the process: handed in, so that tests run commands without one. */

/** Questions to a person. Both reject when the command is to end or the person closes the input. */
export interface Prompts {
  /** Which of the choices, from 0. */
  choose(question: string, choices: string[]): Promise<number>;
  /** One of the names, by its number, or any other that is typed. */
  name(question: string, names: string[]): Promise<string>;
  /** A line that is not shown while it is typed. */
  secret(question: string): Promise<string>;
}

export interface Io {
  /** Prints a line on standard output. */
  out(line: string): void;
  /** Prints a line on standard error. */
  err(line: string): void;
  /** Shows a text below the output in place of the last one, "" none. Absent where the output is no terminal. */
  status?(text: string): void;
  /** Asks the person. Absent without a terminal. */
  ask?: Prompts;
  /** Hands each key to a listener, until the function that it returns is called. Absent without a terminal. */
  keys?(pressed: (key: string) => void): () => void;
  /** Calls a listener when the person asks by a signal (SIGHUP) to read files again; without one the signal ends a command. */
  onReload?(listener: () => void): void;
  /** Calls a listener when the output's reader goes away; without one that is an error. */
  onClosed?(listener: () => void): void;
  /** Resolves when what was printed has been taken, or cannot be. Absent where nothing waits. */
  drained?(): Promise<void>;
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
