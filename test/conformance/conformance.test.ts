/** The emulator, and the real interpreter where there is one, against the stored answers of real interpreters. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { findEspruino } from "../../sim/emulator/index.js";
import { DIFFERENCES, forEmulator } from "./differences.js";
import { buildOf, readExpected, shapeOf, SHAPES, type Expected, type Shape } from "./expected.js";
import { namesOf } from "./group.js";
import { GROUPS } from "./groups.js";
import { runGroup, type Answer } from "./run.js";

const STORED = Object.fromEntries(SHAPES.map((shape) => [shape, readExpected(shape)])) as Record<Shape, Expected>;

describe("conformance", function () {
  this.timeout(60_000);

  for (const [title, group] of Object.entries(GROUPS)) {
    describe(title, () => {
      let emulated: Record<string, Answer>;

      before(async () => {
        emulated = await runGroup("emulator", group);
      });

      for (const shape of SHAPES) {
        it(`the emulator, against ${shape} ${STORED[shape].build.version}`, () => {
          expect(emulated).to.deep.equal(forEmulator(shape, title, STORED[shape].answers));
        });
      }
    });
  }

  describe("of the interpreter on this machine", () => {
    let shape: Shape;

    before(async function () {
      const binary = findEspruino();
      if (!binary) return this.skip();
      shape = shapeOf(await buildOf(binary));
    });

    for (const [title, group] of Object.entries(GROUPS)) {
      it(title, async () => {
        expect(await runGroup("espruino", group)).to.deep.equal(STORED[shape].answers[title]);
      });
    }
  });

  describe("what is stored", () => {
    for (const shape of SHAPES) {
      it(`has every probe, for ${shape}`, () => {
        for (const [title, group] of Object.entries(GROUPS))
          expect(Object.keys(STORED[shape].answers[title] ?? {}), title).to.have.members(namesOf(group));
      });
    }

    it("is of builds that differ in the size of their variables", () => {
      expect(STORED.linux.build.blocksize).to.be.above(14);
      expect(STORED.esp32.build).to.include({ blocksize: 14 });
    });
  });

  describe("known differences", () => {
    const table = readFileSync("docs/emulator.md", "utf8").split("## Known differences")[1]!;

    for (const { title, group, emulator, shapes } of DIFFERENCES) {
      it(`${title} (${Object.keys(emulator).join("; ")})`, () => {
        expect(table).to.include(`\n| ${title}`);
        for (const [probe, value] of Object.entries(emulator)) {
          expect(namesOf(GROUPS[group]!)).to.include(probe);
          for (const shape of shapes) expect(STORED[shape].answers[group]![probe]).not.to.deep.equal(value);
        }
      });
    }
  });
});
