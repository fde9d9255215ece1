/**
 * Runs test files, or all, in several processes at once: `tsx test/run.ts [--jobs N] [--slow] [--deaf SECONDS]
 * [FILE|FOLDER…]`. Each process takes one file after the other (worker.ts); where the system allows it, it has a network of its own, because the
 * real interpreter listens on every address. Files that fail run once more, alone: what passes then depends on time, is
 * named as unsteady, and is a bug too, but not one of the change under test. A process that is deaf for `--deaf`
 * seconds (120, not with --slow), as in a loop without an end, is killed. Prints a line a file, what has failed, and the
 * sum; the exit status is 1 when anything has failed twice or nothing ran, 2 for what cannot be run.
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { findEspruino } from "../sim/emulator/interpreter/find.js";
import type { Beat, Order, Report } from "./worker.js";

interface Options {
  jobs: number;
  slow: boolean;
  /** Seconds without a sign of life after which a process is killed. */
  deaf: number;
  files: string[];
}

interface Result {
  file: string;
  /** Nothing when the process has died before it could make one: its output says why. */
  report: Report | undefined;
  output: string;
  seconds: number;
}

/** In a network of its own: multicast over loopback, and no connection takes a port that a device listens on. */
const OWN_NETWORK = [
  "unshare",
  "-rn",
  "sh",
  "-c",
  `ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo
   { echo 45000 60999 >/proc/sys/net/ipv4/ip_local_port_range; } 2>/dev/null
   exec "$@"`,
  "sh",
];

function canIsolate(): boolean {
  try {
    execFileSync(OWN_NETWORK[0]!, [...OWN_NETWORK.slice(1), "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What takes longest begins first, so that it does not end alone: these, most of which wait, then folder by folder. */
const FIRST = [
  "test/browser/cable",
  "test/device/ota/useless",
  "test/device/ota/http-",
  "test/device/lives/cuts",
  "test/device/ota/",
  "test/device/scenarios/failures",
  "test/device/l",
  "test/browser/",
  "test/system/",
  "test/device/",
  "test/unit/tools/flash/course",
  "test/",
];

/** A mistake of the caller, in one line. */
class Refusal extends Error {}

function filesIn(place: string, suffix: string): string[] {
  if (!existsSync(place)) throw new Refusal(`there is no file or folder ${place}`);
  if (statSync(place).isFile()) {
    if (!/\.(test|slow)\.ts$/.test(place))
      throw new Refusal(`${place} is no test: its name ends with .test.ts or .slow.ts`);
    return [place];
  }
  const all = readdirSync(place, { recursive: true, encoding: "utf8" });
  const found = all.filter((name) => name.endsWith(suffix)).map((name) => path.join(place, name));
  if (!found.length) throw new Refusal(`${place} has no file whose name ends with ${suffix}`);
  return found;
}

function filesOf(places: string[], suffix: string): string[] {
  const found = places.flatMap((place) => filesIn(place, suffix));
  const rank = (file: string): number => FIRST.findIndex((place) => file.startsWith(place));
  return [...new Set(found.map((file) => path.normalize(file)))].sort().sort((a, b) => rank(a) - rank(b));
}

/** A process that runs files, until one of them has failed: what that has left open must not hold up the others. */
class Worker {
  /** Those that live, to be ended with this process. */
  static readonly all = new Set<ChildProcess>();
  private child: ChildProcess | undefined;
  private output = "";
  private last = "";

  constructor(
    private readonly prefix: string[],
    private readonly options: Pick<Options, "slow" | "deaf">,
  ) {}

  async run(file: string): Promise<Result> {
    const start = Date.now();
    const { slow } = this.options;
    const child = (this.child = this.isAlive() ? this.child! : this.start());
    this.output = "";
    this.last = file;
    const report = await this.reportOf(child, { file, slow });
    // The figures of a slow test are all there once its process has ended.
    if (slow || !report || report.failures.length) await this.stop();
    if (!report) this.child = undefined;
    return { file, report, output: this.output, seconds: (Date.now() - start) / 1000 };
  }

  /** The file whose leavings have ended the process after its report, if that has happened. */
  ruin(): Result | undefined {
    const { child, last, output } = this;
    if (!child || this.isAlive() || !child.exitCode) return undefined;
    this.child = undefined;
    return { file: last, report: undefined, output: `after its last test:\n${output}`, seconds: 0 };
  }

  private reportOf(child: ChildProcess, order: Order): Promise<Report | undefined> {
    const { slow, deaf } = this.options;
    let at = order.file;
    let timer: NodeJS.Timeout | undefined;
    return new Promise((resolve) => {
      const end = (report?: Report): void => {
        clearTimeout(timer);
        child.removeAllListeners("close").removeAllListeners("message");
        if (!report) this.output += `\nin: ${at}\n`;
        resolve(report);
      };
      const listen = (): void => {
        clearTimeout(timer);
        if (slow) return;
        timer = setTimeout(() => {
          this.output += `\nno sign of life for ${deaf} s\n`;
          child.kill("SIGKILL");
        }, deaf * 1000);
      };
      child.on("message", (message: Report | Beat) => {
        if (!("at" in message)) return end(message);
        at = message.at || at;
        listen();
      });
      child.once("close", () => end());
      listen();
      child.send(order, () => {});
    });
  }

  async stop(): Promise<void> {
    if (!this.isAlive()) return;
    const child = this.child!;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await closed;
  }

  private isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  private start(): ChildProcess {
    const [command, ...args] = [
      ...this.prefix,
      process.execPath,
      "--max-semi-space-size=32",
      "--import",
      "tsx",
      "test/worker.ts",
    ];
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (piece: Buffer) => void (this.output += piece.toString()));
    }
    Worker.all.add(child);
    return child.once("exit", () => Worker.all.delete(child));
  }
}

function hasFailed({ report }: Result): boolean {
  return !report || report.failures.length > 0 || !(report.passes + report.skipped);
}

/** @param figures whether to show what the tests have printed */
function tell({ file, report, output, seconds }: Result, figures: boolean): void {
  const { passes = 0, failures = [], skipped = 0 } = report ?? {};
  const ran = failures.length || passes || skipped;
  const counts = !report
    ? "ended without a report"
    : ran
      ? `${passes} passed${skipped ? `, ${skipped} skipped` : ""}`
      : "has no test";
  console.log(
    `${hasFailed({ file, report, output, seconds }) ? "FAIL" : "ok  "} ${seconds.toFixed(1).padStart(6)} s  ${file}: ${counts}`,
  );
  for (const { title, stack } of failures) console.log(`\n  ${title}\n${stack.replace(/^/gm, "    ")}\n`);
  if (!report) console.log(output.slice(-4000));
  else if (figures) console.log(output.trimEnd());
}

function sum(results: Result[], unsteady: string[]): boolean {
  const total = (count: (report: Report) => number): number =>
    results.reduce((before, { report }) => before + (report ? count(report) : 0), 0);
  const skipping = results.filter(({ report }) => report?.skipped).map(({ file }) => file);
  if (skipping.length)
    console.log(`\nSkipped for want of a real interpreter, broker or browser:\n  ${skipping.join("\n  ")}`);
  if (unsteady.length) console.log(`\nUnsteady, passed only when alone:\n  ${unsteady.join("\n  ")}`);
  const passed = total(({ passes }) => passes);
  const failed = results.reduce((n, one) => n + (one.report?.failures.length || Number(hasFailed(one))), 0);
  console.log(`\n${passed} passed, ${failed} failed, ${total(({ skipped }) => skipped)} skipped`);
  return !failed && passed > 0;
}

/** @throws Refusal */
function optionsOf(): Options {
  const text = { type: "string" } as const;
  const options = { jobs: text, deaf: text, slow: { type: "boolean", default: false } } as const;
  const { values, positionals } = (() => {
    try {
      return parseArgs({ options, allowPositionals: true });
    } catch (error) {
      throw new Refusal((error as Error).message);
    }
  })();
  for (const name of ["jobs", "deaf"] as const) {
    if (!/^[1-9]\d{0,3}$/.test(values[name] ?? "1")) throw new Refusal(`--${name} takes a number from 1`);
  }
  const { slow, jobs, deaf = "120" } = values;
  const files = filesOf(positionals.length ? positionals : ["test"], slow ? ".slow.ts" : ".test.ts");
  return { slow, deaf: Number(deaf), jobs: Number(jobs ?? 0), files };
}

async function main(): Promise<number> {
  const options = optionsOf();
  const { slow, files: waiting } = options;
  const prefix = canIsolate() ? OWN_NETWORK : [];
  // Most of a device's test is waiting. The real interpreter never waits while it has a socket, and cannot share a network.
  const each = findEspruino() ? 3 : 4;
  const workers = options.jobs || (prefix.length ? availableParallelism() * each : 1);
  const results: Result[] = [];
  const note = (result: Result | undefined): void => {
    if (!result) return;
    tell(result, slow);
    results.push(result);
  };
  const work = async (): Promise<void> => {
    const worker = new Worker(prefix, options);
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      note(worker.ruin());
      note(await worker.run(file));
    }
    note(worker.ruin());
    await worker.stop();
  };
  await Promise.all(Array.from({ length: workers }, work));
  const unsteady: string[] = [];
  for (const [index, first] of results.entries()) {
    if (!hasFailed(first)) continue;
    console.log(`\nOnce more, alone: ${first.file}`);
    const worker = new Worker(prefix, options);
    const second = await worker.run(first.file);
    await worker.stop();
    tell(second, slow);
    results[index] = second;
    if (!hasFailed(second)) unsteady.push(first.file);
  }
  return sum(results, unsteady) ? 0 : 1;
}

// Else those who are in a loop without an end would stay behind.
for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => {
    const gone = [...Worker.all].map((child) => once(child, "exit"));
    for (const child of Worker.all) child.kill("SIGKILL");
    void Promise.all(gone).then(() => process.exit(status));
  });
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof Refusal)) throw error;
  console.error(`test/run.ts: ${error.message}`);
  return 2;
});
