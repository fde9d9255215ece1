/** test/run.ts as a command: what it says of tests that end, block or outlive their process, and of what it cannot run. */

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

import { eventually, pause } from "../unit/sim/emulator/harness.js";

const ARGS = ["--import", "tsx", "test/run.ts", "--jobs", "1"];

describe("test/run.ts", function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    mkdirSync("build", { recursive: true });
    folder = mkdtempSync("build/run-");
  });
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const place = path.join(folder, name);
    writeFileSync(place, text);
    return place;
  };
  const run = (...args: string[]): { status: number | null; text: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...ARGS, ...args], { encoding: "utf8" });
    return { status, text: stdout + stderr };
  };

  for (const [args, said] of [
    [["nowhere.test.ts"], "there is no file or folder nowhere.test.ts"],
    [["test/vectors"], "test/vectors has no file whose name ends with .test.ts"],
    [["README.md"], "README.md is no test: its name ends with .test.ts or .slow.ts"],
    [["--jobs", "x"], "--jobs takes a number from 1"],
    [["--jobs", "0"], "--jobs takes a number from 1"],
    [["--deaf", "-1"], "argument is ambiguous"],
    [["--unknown"], "Unknown option '--unknown'"],
  ] as const) {
    it(`${args.join(" ")}: status 2, and one sentence`, () => {
      const { status, text } = run(...args);
      expect(text).to.match(/^test\/run\.ts: /);
      expect(text)
        .to.include(said)
        .and.not.match(/^ +at /m);
      expect(status).to.equal(2);
    });
  }

  it("gives each file the same environment", () => {
    const { status, text } = run(
      file("f.test.ts", 'it("changes it", () => { delete process.env.PATH; process.env.ADDED = "1"; });'),
      file(
        "g.test.ts",
        'it("has it", () => { if (!process.env.PATH || process.env.ADDED) throw new Error("changed"); });',
      ),
    );
    expect(text).to.include("2 passed, 0 failed");
    expect(status).to.equal(0);
  });

  it("names the test that exits, is killed, or never ends, and what has no test", () => {
    const { status, text } = run(
      "--deaf",
      "3",
      file("a.test.ts", 'it("is well", () => {}); it("exits", () => process.exit(0));'),
      file("b.test.ts", 'it("is killed", () => { process.kill(process.pid, "SIGKILL"); });'),
      file("c.test.ts", 'it("blocks", () => { for (;;); });'),
      file("d.test.ts", ""),
      file("e.test.ts", 'it("is well too", () => {});'),
    );
    for (const said of [
      "in: exits",
      "in: is killed",
      "no sign of life for 3 s\n\nin: blocks",
      "d.test.ts: has no test",
    ])
      expect(text).to.include(said);
    expect(text).to.include("1 passed, 4 failed, 0 skipped");
    expect(status).to.equal(1);
  });

  it("an error after the last test of a file is told", () => {
    const late = file(
      "late.test.ts",
      'it("ends first", () => { setTimeout(() => { throw new Error("late"); }, 20); });',
    );
    const next = file("later.test.ts", 'it("waits", () => new Promise((done) => setTimeout(done, 1000)));');
    const { text } = run(late, next);
    expect(text).to.match(/FAIL[^]*Error: late/);
  });

  it("leaves no process behind when it is told to end, not even one in a loop", async () => {
    const noted = path.join(folder, "pid");
    const loop = `import { writeFileSync } from "node:fs";
      it("blocks", () => { writeFileSync(${JSON.stringify(noted)}, String(process.pid)); for (;;); });`;
    const child = spawn(process.execPath, [...ARGS, file("loop.test.ts", loop)], { stdio: "ignore" });
    await eventually(() => {
      try {
        return Number(readFileSync(noted, "utf8"));
      } catch {
        return 0;
      }
    }, 20_000);
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    await pause(300);
    expect(() => process.kill(Number(readFileSync(noted, "utf8")), 0)).to.throw("ESRCH");
  });
});
