/** The `wifi-binding` command: hands the process to the program and turns signals into a request to stop. */
import { run } from "./command/program.js";
import { terminalPrompts } from "./command/prompts.js";
import { FailedError, messageOf } from "../sim/errors.js";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second time it is meant: whatever still has to be cleaned up hangs.
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

// A reader that goes away (`| head`) ends the command quietly.
process.stdout.on("error", () => stop.abort());

process.on("uncaughtException", (error) => {
  const expected = error instanceof FailedError;
  process.stderr.write(`wifi-binding: ${expected ? "" : "unexpected failure: "}${messageOf(error)}\n`);
  process.exit(1);
});

/** Clears the line and writes what fits on it. */
function status(text: string): void {
  process.stdout.write("\r\x1b[2K" + text.slice(0, (process.stdout.columns || 80) - 1));
}

const { stdin, stdout } = process;
const terminal = stdout.isTTY && process.env.TERM !== "dumb";

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => void process.stdout.write(line + "\n"),
  err: (line) => void process.stderr.write(line + "\n"),
  status: terminal ? status : undefined,
  ask: terminal && stdin.isTTY ? terminalPrompts(stdin, stdout, stop.signal, () => stop.abort()) : undefined,
  colour: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
  stop: stop.signal,
});
