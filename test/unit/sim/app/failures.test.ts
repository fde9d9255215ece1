/** The numbers that an app prints, and the page that explains them. */
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ProvisioningError } from "../../../../sim/app/index.js";
import { STATE_WORDS } from "../../../../sim/app/states.js";

describe("docs/status-codes.md: numbers of the device and the app", () => {
  const page = readFileSync("docs/status-codes.md", "utf8");
  const own = page.slice(page.indexOf("# Numbers that"));
  const rows = new Map([...own.matchAll(/^\| (\d+) +\| (.+?) +\|/gm)].map(([, code, words]) => [Number(code), words]));

  it("has the reason of every failure, as the app words it", () => {
    for (let code = 1; code <= 12; code++)
      expect(rows.get(code), String(code)).to.equal(new ProvisioningError(code).reason);
    expect(rows.has(13)).to.equal(false);
    expect(new ProvisioningError(13).reason).to.equal("unknown reason");
  });

  it("has every state", () => {
    const states = Object.keys(STATE_WORDS).map(Number);
    expect(states).to.deep.equal(Array.from({ length: 13 }, (_, at) => 301 + at));
    for (const state of [301, 302, 303, 305, 306]) expect(rows.get(state)).to.equal(STATE_WORDS[state]);
  });
});
