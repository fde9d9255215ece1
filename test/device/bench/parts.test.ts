/** Each part of `npm run bench`, with small parameters: what `--json` prints, and what it prints where nothing can be measured. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import type { Figure } from "../../../bench/figure.js";
import { RAM_BUDGETS } from "../../../compiler/size.js";
import { findEspruino } from "../../../sim/emulator/interpreter/find.js";

type Line = Figure & { skipped?: string; error?: string };

const MAIN = fileURLToPath(new URL("../../../bench/main.ts", import.meta.url));

const bench = (args: string[], env = process.env, cwd = "."): Promise<Line[]> =>
  new Promise((resolve, reject) => {
    const command = ["--import", "tsx", MAIN, ...args, "--json"];
    execFile(process.execPath, command, { env, cwd }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr + stdout));
      else
        resolve(
          stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as Line),
        );
    });
  });

/** Each figure is a number with a unit and a name of its own. */
function expectFigures(lines: Line[], part: string, least: number): void {
  expect(lines).to.have.length.at.least(least);
  expect(new Set(lines.map(({ name }) => name)).size).to.equal(lines.length);
  for (const line of lines) {
    expect(line.part).to.equal(part);
    expect(line.value, line.name).to.be.a("number").above(0);
    expect(line.unit).to.not.equal("");
  }
}

const valueOf = (lines: Line[], name: string): number => lines.find((line) => line.name === name)!.value as number;

/** The firmware in the JsVars that it may take. The Linux build in its plain shape has larger ones, and other numbers. */
function expectBudgets(lines: Line[]): void {
  const flashed = "firmware, functions in flash";
  expect(valueOf(lines, `${flashed}: at rest`)).to.be.at.most(RAM_BUDGETS.rest);
  expect(valueOf(lines, `${flashed}: awake`)).to.be.at.most(RAM_BUDGETS.awake);
  expect(valueOf(lines, `${flashed}: peak of a provisioning`)).to.be.at.most(RAM_BUDGETS.peak);
  expect(valueOf(lines, "WifiBindingData: at rest")).to.be.at.most(RAM_BUDGETS.data);
}

describe("npm run bench", function () {
  this.timeout(120_000);

  it("size: what each bundle weighs, compressed and pretokenised, and that the folders are all of it", async () => {
    const lines = (await bench(["size"])).filter(({ name }) => !name.endsWith("(wrapping)"));
    expectFigures(lines, "size", 30);
    const whole = valueOf(lines, "WifiBinding.min.js");
    const folders = lines.filter(({ name }) => name.startsWith("WifiBinding.min.js, src"));
    expect(folders.reduce((sum, { value }) => sum + (value as number), 0)).to.equal(whole);
    expect(valueOf(lines, "WifiBinding.min.js, gzip")).to.be.below(whole / 2);
    expect(valueOf(lines, "WifiBinding.min.js, pretokenised")).to.be.within(whole / 2, whole);
  });

  it("fleet: figures for each size, and how a device's time and memory grow from the smallest to the largest", async () => {
    const lines = await bench(["fleet", "--devices", "4,2,3", "--concurrency", "2"]);
    expectFigures(lines, "fleet", 24);
    for (const count of [2, 3, 4]) expect(valueOf(lines, `${count} devices: bound exactly once`)).to.equal(count);
    const grown = (what: string): number => valueOf(lines, `2 to 4 devices: ${what}`);
    const ratio = (what: string): number => valueOf(lines, `4 devices: ${what}`) / valueOf(lines, `2 devices: ${what}`);
    expect(grown("memory of a device")).to.be.closeTo(ratio("memory of a device"), 0.01);
    expect(grown("time for a device")).to.be.closeTo(1 / ratio("devices per second"), 0.2);
  });

  it("fleet: what goes wrong in a fleet's process is told, and is a failure", async () => {
    const error = await bench(["fleet", "--devices", "1"], process.env, "test").catch((reason: Error) => reason);
    expect(error)
      .to.be.an("error")
      .with.property("message")
      .that.matches(/"part":"fleet","error":.*firmware\.min\.js/);
  });

  for (const part of ["ram", "mqtt", "boot", "work", "loops"]) {
    it(`${part}: is skipped by name without the real interpreter`, async () => {
      const [line, ...more] = await bench([part], { ...process.env, ESPRUINO: "/nowhere" });
      expect(more).to.deep.equal([]);
      expect(line.part).to.equal(part);
      expect(line.skipped).to.match(/\$ESPRUINO/);
    });

    it(`${part}: prints figures with it`, async function () {
      if (!findEspruino()) return this.skip();
      const all = await bench([part, "--repeat", "2"]);
      if (all[0].skipped) return this.skip();
      const lines = all.filter(({ value }) => value !== "skipped");
      expectFigures(lines, part, 3);
      if (part === "ram") expectBudgets(lines);
    });
  }
});
