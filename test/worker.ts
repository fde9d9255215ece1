/**
 * A process that runs one test file after the other, as `mocha FILE` would, and tells test/run.ts what came of each. What
 * takes a second to load, the emulator and the compiler, is loaded once. Each file is watched for its own secrets.
 */

import { pathToFileURL } from "node:url";

import Mocha from "mocha";

import config from "../.mocharc.json" with { type: "json" };
import { mochaHooks } from "./support/no-secret.js";
import { watch } from "./support/secrets.js";

/** What has come of one file. */
export interface Report {
  passes: number;
  failures: { title: string; stack: string }[];
  skipped: number;
}

export interface Order {
  file: string;
  /** Whether the file may take as long as it likes. */
  slow: boolean;
}

/** What runs now: told when it begins, and again while the process is able to. */
export interface Beat {
  at: string;
}

/** Milliseconds between two beats. */
const BEAT_MS = 5000;

/** What a file has changed of it is not for the next one: without $ESPRUINO that would skip what it has to test. */
const environment = { ...process.env };

let at = "";

function beat(): void {
  process.send!({ at } satisfies Beat);
}

/** Prints nothing. */
class Quiet extends Mocha.reporters.Base {}

async function run({ file, slow }: Order): Promise<Report> {
  watch.begin();
  at = file;
  const report: Report = { passes: 0, failures: [], skipped: 0 };
  const mocha = new Mocha({ timeout: slow ? 0 : config.timeout, rootHooks: mochaHooks, reporter: Quiet });
  // As Mocha loads a file in a browser. In Node it takes `require` first: tsx makes getters of what packages export then,
  // and signing takes ten times as long.
  mocha.suite.emit("pre-require", globalThis, file, mocha);
  await import(pathToFileURL(file).href);

  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    for (const one of ["test", "hook"]) {
      runner.on(one, (runnable: Mocha.Runnable) => {
        at = runnable.fullTitle();
        beat();
      });
    }
    runner.on("pass", () => report.passes++);
    runner.on("pending", () => report.skipped++);
    runner.on("fail", (test, error: Error | undefined) => {
      report.failures.push({ title: test.fullTitle(), stack: error?.stack ?? String(error) });
    });
  });
  mocha.dispose();
  for (const name in process.env) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  return report;
}

process.on("message", (order: Order) => {
  run(order).then(
    (report) => process.send!(report),
    (error: Error) => process.send!({ passes: 0, failures: [{ title: order.file, stack: error.stack }], skipped: 0 }),
  );
});

setInterval(beat, BEAT_MS).unref();
// Whoever has started it is gone.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

// Mocha passes on what it did not expect: a rejection that is handled by nobody is a failure of the test that runs.
process.on("unhandledRejection", (reason) => {
  throw reason;
});
