/** The `wifi-binding` command: hands the process to the program and turns signals into a request to stop. */
import { once } from "node:events";
import { run } from "./command/program.js";
import { terminalPrompts } from "./command/prompts.js";
import { FailedError, messageOf, systemCode } from "../sim/errors.js";

/** How long the last lines of a command that was stopped may take to their reader. */
const LAST_LINES_MS = 1000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second time it is meant: whatever still has to be cleaned up hangs.
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

let reload: (() => void) | undefined;
process.on("SIGHUP", () => (reload ? reload() : stop.abort()));

// What cannot be printed ends the command: a full disk, a reader that has gone away.
let unprinted: string | undefined;
let closed: (() => void) | undefined;
process.stdout.on("error", (error) => {
  if (closed && systemCode(error) === "EPIPE") return closed();
  unprinted ??= messageOf(error);
  stop.abort();
});

async function drained(): Promise<void> {
  // An error is heard of above; a reader that takes nothing does not keep a command that is to stop.
  const { signal } = stop;
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain", { signal }).catch(() => {});
}

// A command that ends at once has ended before it hears of that.
process.on("exit", () => {
  if (!unprinted) return;
  process.stderr.write(`wifi-binding: cannot write to standard output (${unprinted})\n`);
  process.exitCode = 1;
});

process.on("uncaughtException", (error) => {
  const expected = error instanceof FailedError;
  process.stderr.write(`wifi-binding: ${expected ? "" : "unexpected failure: "}${messageOf(error)}\n`);
  process.exit(1);
});

/** Clears the line and writes what fits on it. */
function status(text: string): void {
  process.stdout.write("\r\x1b[2K" + text.slice(0, (process.stdout.columns || 80) - 1));
}

/** Keys one by one, without Enter. Ctrl-C ends the command, which a terminal in raw mode leaves to us. */
function keys(pressed: (key: string) => void): () => void {
  const { stdin } = process;
  const hear = (text: string): void => {
    for (const key of text) {
      if (key === "\x03" || key === "\x04") stop.abort();
      else pressed(key);
    }
  };
  stdin.setRawMode(true).setEncoding("utf8").on("data", hear).resume();
  return () => {
    stdin.off("data", hear).setRawMode(false).pause();
  };
}

const { stdin, stdout } = process;
const terminal = stdout.isTTY && process.env.TERM !== "dumb";

const code = await run(process.argv.slice(2), {
  out: (line) => void process.stdout.write(line + "\n"),
  err: (line) => void process.stderr.write(line + "\n"),
  status: terminal ? status : undefined,
  ask: terminal && stdin.isTTY ? terminalPrompts(stdin, stdout, stop.signal, () => stop.abort()) : undefined,
  keys: terminal && stdin.isTTY ? keys : undefined,
  onReload: (listener) => (reload = listener),
  onClosed: (listener) => (closed = listener),
  drained,
  colour: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
  stop: stop.signal,
});
process.exitCode = code;
// What a reader has not taken a while after a signal, it is not waited for.
if (stop.signal.aborted) setTimeout(() => process.exit(), LAST_LINES_MS).unref();
