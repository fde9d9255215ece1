/** Each part of `npm run bench`, with small parameters: what `--json` prints, and what it prints where nothing can be measured. */

import { expect } from "chai";

import { RAM_BUDGETS } from "../../../compiler/size.js";
import { findEspruino } from "../../../sim/emulator/interpreter/find.js";
import { bench, expectFigures, valueOf, type Line } from "./figures.js";

/** The firmware in the JsVars that it may take. The Linux build in its plain shape has larger ones, and other numbers. */
function expectBudgets(lines: Line[]): void {
  const flashed = "firmware, functions in flash";
  expect(valueOf(lines, `${flashed}: at rest`)).to.be.at.most(RAM_BUDGETS.rest);
  expect(valueOf(lines, `${flashed}: awake`)).to.be.at.most(RAM_BUDGETS.awake);
  expect(valueOf(lines, `${flashed}: peak of a provisioning`)).to.be.at.most(RAM_BUDGETS.peak);
  expect(valueOf(lines, "WifiBindingData: at rest")).to.be.at.most(RAM_BUDGETS.data);
  expect(valueOf(lines, "WifiBindingOta: at rest")).to.be.at.most(RAM_BUDGETS.ota);
}

describe("npm run bench", function () {
  this.timeout(300_000);

  it("size: what each bundle weighs, compressed and pretokenised, and that the folders are all of it", async () => {
    const lines = (await bench(["size"])).filter(({ name }) => !name.endsWith("(wrapping)"));
    expectFigures(lines, "size", 30);
    const whole = valueOf(lines, "WifiBinding.min.js");
    const folders = lines.filter(({ name }) => name.startsWith("WifiBinding.min.js, src"));
    expect(folders.reduce((sum, { value }) => sum + (value as number), 0)).to.equal(whole);
    // Half of what it was before its names were as short as they can be, which leaves less to compress.
    expect(valueOf(lines, "WifiBinding.min.js, gzip")).to.be.below(12_500);
    expect(valueOf(lines, "WifiBinding.min.js, pretokenised")).to.be.within(whole / 2, whole);
  });

  it("fleet: what goes wrong in a fleet's process is told, and is a failure", async () => {
    const error = await bench(["fleet", "--devices", "1"], process.env, "test").catch((reason: Error) => reason);
    expect(error)
      .to.be.an("error")
      .with.property("message")
      .that.matches(/"part":"fleet","error":.*firmware\.min\.js/);
  });

  const measured = ["ram", "mqtt", "boot", "work", "loops"];

  it("skips by name what takes the real interpreter", async () => {
    const lines = await bench(measured, { ...process.env, ESPRUINO: "/nowhere" });
    expect(lines.map(({ part }) => part)).to.deep.equal(measured);
    for (const { skipped } of lines) expect(skipped).to.match(/\$ESPRUINO/);
  });

  for (const part of measured) {
    it(`${part}: prints figures with the real interpreter`, async function () {
      if (!findEspruino()) return this.skip();
      const all = await bench([part, "--repeat", "2"]);
      if (all[0].skipped) return this.skip();
      const lines = all.filter(({ value }) => value !== "skipped");
      expectFigures(lines, part, 3);
      if (part === "ram") expectBudgets(lines);
      if (part === "mqtt") expect(valueOf(lines, "ours: publishes, QoS 1")).to.be.above(0);
    });
  }
});
