/** `wifi-binding trace`: places that a device prints become files and lines of the source, through all passes. */

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { expect } from "chai";

import { InterpreterDevice, findEspruino } from "../../../../sim/emulator/index.js";
import { readMaps, traceLines } from "../../../../tools/command/trace.js";
import { buildFaulty, TRACE } from "../../../support/faulty-program.js";
import { Run, temporaryFolder } from "./harness.js";

const RECORDED = "test/vectors/trace";

/** The places of the source in traced lines, without their folders and columns. */
const places = (lines: string[]): string[] =>
  lines.flatMap((line) => {
    const [, place] = /([^\s(]+\.ts:\d+):\d+\)?$/.exec(line) ?? [];
    return place ? [basename(place)] : [];
  });

describe("wifi-binding trace", () => {
  const folder = temporaryFolder();

  for (const build of ["linux", "esp32"]) {
    it(`finds all places in a console that was recorded on the ${build} build`, () => {
      const lines = readFileSync(join(RECORDED, `${build}.txt`), "utf8").split("\n");
      const traced = traceLines(lines, readMaps([join(RECORDED, "program.min.js.map")]));
      expect(traced).to.have.length(lines.length);
      expect(places(traced)).to.deep.equal([...TRACE, TRACE[0], TRACE[1], "main.ts:11"]);
      expect(traced.filter((line, i) => line === lines[i] && /\.bootcde/.test(line))).to.deep.equal([]);
    });
  }

  const maps = (...names: string[]) => readMaps(names.map((name) => join("build", `${name}.min.js.map`)));
  const one = (line: string, ...names: string[]): string => traceLines([line], maps(...names))[0]!;

  it("serves modules, slots and boot code with the map of each", () => {
    const names = ["firmware", "WifiBinding", "boot"];
    expect(one("    at start (WifiBinding:0:9000)", ...names)).to.match(/^ {4}at start \(src\/.*\.ts:\d+:\d+\)$/);
    expect(one("    at wb.b:1:9000", ...names)).to.match(/^ {4}at (src|firmware)\/.*\.ts:\d+:\d+$/);
    expect(one("    at boot code (.bootcde:1:600)", ...names)).to.match(/\(src\//);
    const both = traceLines(["    at x (wb.a:0:9000)", "    at boot code (.bootcde:1:600)"], maps(...names));
    expect(both[1]).to.match(/\(firmware\/(boot|slots)\.ts:/);
  });

  it("leaves all other lines as they are", () => {
    for (const line of [
      "WB ready",
      "Uncaught Error: x (y:1:2)",
      "    at :1:13",
      "    at REPL (:1:21)",
      "    at go (mod:1:28)",
    ])
      expect(one(line, "firmware")).to.equal(line);
    // No map of the boot program, so its place is nobody's.
    const slots = traceLines(["    at x (wb.a:0:9000)", "    at boot code (.bootcde:1:600)"], maps("firmware"));
    expect(slots[1]).to.equal("    at boot code (.bootcde:1:600)");
  });

  it("refuses a file that does not exist or is no map, in one line", async () => {
    for (const file of ["build/none.js.map", "package-lock.json", "README.md"]) {
      const run = new Run("trace", file);
      expect(await run.status, file).to.equal(2);
      expect(run.err, file).to.have.length(1);
    }
  });

  it("finds a fault that is provoked in the real interpreter", async function () {
    const binary = findEspruino();
    if (!binary) return this.skip();
    const code = await buildFaulty(folder);
    const lines: string[] = [];
    const device = await InterpreterDevice.start({
      binary,
      storage: { ".bootcde": code },
      onLine: (line) => lines.push(line),
    });
    for (let tries = 0; tries < 100 && lines.filter((line) => /^\s+at \.bootcde/.test(line)).length < 2; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await device.stop();
    const traced = traceLines(lines, readMaps([join(folder, "program.min.js.map")]));
    expect(places(traced).slice(0, 3), lines.join("\n")).to.deep.equal(TRACE);
  });
});
