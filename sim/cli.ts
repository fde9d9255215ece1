/** The `wifi-binding` command: hands the process to the program and turns signals into a request to stop. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { run } from "./cli/program.js";
import { messageOf } from "./errors.js";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second time it is meant: whatever still has to be cleaned up hangs.
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

// A reader that goes away (`| head`) ends the command quietly.
process.stdout.on("error", () => stop.abort());

process.on("uncaughtException", (error) => {
  process.stderr.write(`wifi-binding: unexpected failure: ${messageOf(error)}\n`);
  process.exit(1);
});

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** Reads one line from the terminal. */
async function ask(question: string, hidden = false): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: hidden ? silent : process.stdout, terminal: true });
  if (hidden) process.stdout.write(question);
  try {
    return await prompt.question(hidden ? "" : question, { signal: stop.signal });
  } finally {
    if (hidden) process.stdout.write("\n");
    prompt.close();
  }
}

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => void process.stdout.write(line + "\n"),
  err: (line) => void process.stderr.write(line + "\n"),
  colour: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
  ...(isTerminal && { ask, progress: (text: string) => void process.stdout.write(`\r\x1b[K${text}`) }),
  stop: stop.signal,
});
