/** The `wifi-binding` command: hands the process to the program and turns signals into a request to stop. */
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

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => void process.stdout.write(line + "\n"),
  err: (line) => void process.stderr.write(line + "\n"),
  colour: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
  stop: stop.signal,
});
