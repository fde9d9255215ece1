/** Corners of the language and of the modules, against the stored answers of both builds. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { CORNERS, differences, DOCUMENTED, type Difference } from "./corners.js";

describe("conformance in corners", function () {
  this.timeout(120_000);
  let found: Difference[];

  before(async () => {
    found = await differences();
  });

  it("differs from both builds where docs/emulator.md says so only", () => {
    const unknown = found.filter((one) => !one.documented);
    expect(unknown.map(({ corner, outcome }) => [corner.name, outcome.answer])).to.deep.equal([]);
  });

  it("differs wherever a difference is documented", () => {
    expect(found.map(({ corner }) => corner.name)).to.include.members(Object.values(DOCUMENTED).flat());
  });

  for (const title of Object.keys(DOCUMENTED)) {
    it(`has a row for: ${title}`, () => {
      expect(readFileSync("docs/emulator.md", "utf8")).to.include(`\n| ${title}`);
    });
  }

  it("has no corner twice", () => {
    expect(new Set(CORNERS.map(({ name }) => name)).size).to.equal(CORNERS.length);
  });
});
