/**
 * Runs test files, or all, in several mocha processes at once: `tsx test/run.ts [--jobs N] [--slow] [FILE|FOLDER…]`. Where the system allows it,
 * each process has a network of its own, because the real interpreter listens on every address. Files that fail run
 * once more, alone: what passes then depends on time, is named as unsteady, and is a bug too, but not one of the
 * change under test. Prints a line a process, what has failed, and the sum; the exit status is 1 when anything has
 * failed twice or nothing ran.
 */

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

/** What mocha's JSON reporter writes, as far as it is read here. */
interface Report {
  stats: { passes: number; failures: number; pending: number; duration: number };
  failures: { fullTitle: string; file: string; err: { message?: string; stack?: string } }[];
  pending: { fullTitle: string; file: string }[];
}

interface Result {
  name: string;
  files: string[];
  report?: Report;
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

/** Files that take long, each in a process of its own. */
const LONG = /^test\/(device\/(model|bench|lifecycle|lives|ota)|system)\//;
/** Files of a folder that share a process, which takes a second to start. */
const TOGETHER = 4;

/** The files of each process, longest first as far as their folder tells: unit tests take one a folder. */
function jobsOf(files: string[]): string[][] {
  const jobs = new Map<string, string[]>();
  for (const file of files) {
    const unit = /^test\/unit\/(?:src|compiler|sim\/cloud|sim|tools|docs)/.exec(file)?.[0];
    const before = [...jobs].filter(([name]) => name.startsWith(path.dirname(file) + " "));
    const open = before.at(-1);
    const share = open && open[1].length < TOGETHER ? open[0] : `${path.dirname(file)} ${before.length}`;
    const name = unit ?? (LONG.test(file) ? file : share);
    jobs.set(name, [...(jobs.get(name) ?? []), file]);
  }
  const weight = ([first]: string[]): number => (LONG.test(first!) ? 0 : 1);
  return [...jobs.values()].sort((a, b) => weight(a) - weight(b));
}

function filesOf(places: string[], suffix: string): string[] {
  const found = places.flatMap((place) => {
    if (statSync(place).isFile()) return [place];
    const all = readdirSync(place, { recursive: true, encoding: "utf8" });
    return all.filter((name) => name.endsWith(suffix)).map((name) => path.join(place, name));
  });
  return [...new Set(found.map((file) => path.normalize(file)))].sort();
}

function nameOf(files: string[]): string {
  return files.length === 1 ? files[0]! : `${path.dirname(files[0]!)} (${files.length} files)`;
}

function run(files: string[], prefix: string[], folder: string, extra: string[]): Promise<Result> {
  const output = path.join(folder, `${files[0]!.replaceAll("/", "_")}.json`);
  const mocha = [process.execPath, "node_modules/mocha/bin/mocha.js"];
  const reporter = ["--reporter", "json", "--reporter-option", `output=${output}`];
  const [command, ...args] = [...prefix, ...mocha, ...reporter, ...extra, ...files];
  const start = Date.now();
  rmSync(output, { force: true });
  return new Promise((resolve) => {
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let looks = 0;
    const timer = setInterval(() => {
      // Its report is its last word: what a failed test has left open must not hold up the others.
      if (existsSync(output) && ++looks >= 10) child.kill("SIGKILL");
    }, 1000);
    child.stdout.on("data", (piece) => (text += piece));
    child.stderr.on("data", (piece) => (text += piece));
    child.on("close", () => {
      clearInterval(timer);
      let report: Report | undefined;
      try {
        report = JSON.parse(readFileSync(output, "utf8")) as Report;
      } catch {
        // The process has died before it could write one: its output says why.
      }
      resolve({ name: nameOf(files), files, report, output: text, seconds: (Date.now() - start) / 1000 });
    });
  });
}

function hasFailed({ report }: Result): boolean {
  return !report || report.stats.failures > 0;
}

/** @param figures whether to show what the tests have printed */
function tell({ name, report, output, seconds }: Result, figures = false): void {
  const { passes = 0, failures = 1, pending = 0 } = report?.stats ?? {};
  const counts = report ? `${passes} passed${pending ? `, ${pending} skipped` : ""}` : "ended without a report";
  console.log(`${failures ? "FAIL" : "ok  "} ${seconds.toFixed(1).padStart(6)} s  ${name}: ${counts}`);
  for (const { fullTitle, err } of report?.failures ?? []) {
    console.log(`\n  ${fullTitle}\n${(err.stack ?? err.message ?? "").replace(/^/gm, "    ")}\n`);
  }
  if (!report) console.log(output.slice(-4000));
  else if (figures) console.log(output.trimEnd());
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { jobs: { type: "string" }, slow: { type: "boolean" } },
    allowPositionals: true,
  });
  const waiting = jobsOf(filesOf(positionals.length ? positionals : ["test"], values.slow ? ".slow.ts" : ".test.ts"));
  const prefix = canIsolate() ? OWN_NETWORK : [];
  // Most of a device's test is waiting, but the real interpreter cannot share a network with another one.
  const workers = Number(values.jobs ?? (prefix.length ? availableParallelism() * 3 : 1));
  const extra = values.slow ? ["--timeout", "0"] : [];
  const folder = mkdtempSync(path.join(tmpdir(), "tests-"));
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const result = await run(job, prefix, folder, extra);
      tell(result, values.slow);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const unsteady: string[] = [];
  for (const [index, first] of results.entries()) {
    if (!hasFailed(first)) continue;
    console.log(`\nOnce more, alone: ${first.name}`);
    const second = await run(first.files, prefix, folder, extra);
    tell(second, values.slow);
    results[index] = second;
    if (!hasFailed(second)) unsteady.push(first.name);
  }
  rmSync(folder, { recursive: true });
  const sum = (count: (report: Report) => number): number =>
    results.reduce((total, { report }) => total + (report ? count(report) : 0), 0);
  const skipped = results.flatMap(({ report }) => report?.pending ?? []);
  const suites = new Set(skipped.map(({ file }) => path.relative(".", file)));
  if (suites.size)
    console.log(`\nSkipped for want of a real interpreter, broker or browser:\n  ${[...suites].join("\n  ")}`);
  if (unsteady.length) console.log(`\nUnsteady, passed only when alone:\n  ${unsteady.join("\n  ")}`);
  const passed = sum(({ stats }) => stats.passes);
  const broken = results.filter(({ report }) => !report).length;
  const failed = sum(({ stats }) => stats.failures) + broken;
  console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed || !passed ? 1 : 0;
}

process.exitCode = await main();
