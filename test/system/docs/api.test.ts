/** docs/api.md is what the docstrings say. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { API_FILE, apiDocs } from "../../../tools/api-docs.js";

describe("docs/api.md", function () {
  this.timeout(30_000);

  it("is up to date: run `npm run docs` after a change of a docstring", async () => {
    const text = await apiDocs();
    expect(readFileSync(API_FILE, "utf8")).to.equal(text);
    for (const call of ["start", "stop", "openWindow", "on", "reset"]) expect(text).to.contain(`### ${call}\n`);
    expect(text).to.contain("`autoRotate?`").and.contain("number?: number");
  });
});
