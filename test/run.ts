/**
 * Runs test files, or all, in several processes at once: `tsx test/run.ts [--jobs N] [--slow] [FILE|FOLDER…]`. Each
 * process takes one file after the other (worker.ts); where the system allows it, it has a network of its own, because the
 * real interpreter listens on every address. Files that fail run once more, alone: what passes then depends on time, is
 * named as unsteady, and is a bug too, but not one of the change under test. Prints a line a file, what has failed, and the
 * sum; the exit status is 1 when anything has failed twice or nothing ran.
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import type { Order, Report } from "./worker.js";

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
  "test/unit/sim/app/",
  "test/unit/tools/flash/",
  "test/",
];

function filesOf(places: string[], suffix: string): string[] {
  const found = places.flatMap((place) => {
    if (statSync(place).isFile()) return [place];
    const all = readdirSync(place, { recursive: true, encoding: "utf8" });
    return all.filter((name) => name.endsWith(suffix)).map((name) => path.join(place, name));
  });
  const rank = (file: string): number => FIRST.findIndex((place) => file.startsWith(place));
  return [...new Set(found.map((file) => path.normalize(file)))].sort().sort((a, b) => rank(a) - rank(b));
}

/** A process that runs files, until one of them has failed: what that has left open must not hold up the others. */
class Worker {
  private child: ChildProcess | undefined;

  constructor(
    private readonly prefix: string[],
    private readonly slow: boolean,
  ) {}

  async run(file: string): Promise<Result> {
    const start = Date.now();
    const child = (this.child = this.isAlive() ? this.child! : this.start());
    let output = "";
    const listen = (piece: Buffer): void => void (output += piece.toString());
    const report = await new Promise<Report | undefined>((resolve) => {
      child.stdout!.on("data", listen);
      child.stderr!.on("data", listen);
      child.once("message", (message) => resolve(message as Report));
      child.once("close", () => resolve(undefined));
      child.send({ file, slow: this.slow } satisfies Order, () => {});
    });
    // The figures of a slow test are all there once its process has ended.
    if (this.slow || !report || report.failures.length) await this.stop();
    for (const stream of [child.stdout!, child.stderr!]) stream.off("data", listen);
    child.removeAllListeners("close").removeAllListeners("message");
    return { file, report, output, seconds: (Date.now() - start) / 1000 };
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
    return spawn(command!, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  }
}

function hasFailed({ report }: Result): boolean {
  return !report || report.failures.length > 0;
}

/** @param figures whether to show what the tests have printed */
function tell({ file, report, output, seconds }: Result, figures: boolean): void {
  const { passes = 0, failures = [], skipped = 0 } = report ?? {};
  const counts = report ? `${passes} passed${skipped ? `, ${skipped} skipped` : ""}` : "ended without a report";
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
  const failed = total(({ failures }) => failures.length) + results.filter(({ report }) => !report).length;
  console.log(`\n${passed} passed, ${failed} failed, ${total(({ skipped }) => skipped)} skipped`);
  return !failed && passed > 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { jobs: { type: "string" }, slow: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const waiting = filesOf(positionals.length ? positionals : ["test"], values.slow ? ".slow.ts" : ".test.ts");
  const prefix = canIsolate() ? OWN_NETWORK : [];
  // Most of a device's test is waiting, but the real interpreter cannot share a network with another one.
  const workers = Number(values.jobs ?? (prefix.length ? availableParallelism() * 3 : 1));
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(prefix, values.slow);
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const result = await worker.run(file);
      tell(result, values.slow);
      results.push(result);
    }
    await worker.stop();
  };
  await Promise.all(Array.from({ length: workers }, work));
  const unsteady: string[] = [];
  for (const [index, first] of results.entries()) {
    if (!hasFailed(first)) continue;
    console.log(`\nOnce more, alone: ${first.file}`);
    const worker = new Worker(prefix, values.slow);
    const second = await worker.run(first.file);
    await worker.stop();
    tell(second, values.slow);
    results[index] = second;
    if (!hasFailed(second)) unsteady.push(first.file);
  }
  return sum(results, unsteady) ? 0 : 1;
}

process.exitCode = await main();
