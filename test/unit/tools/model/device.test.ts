/** The table of `model` as the device's own module reads it: it takes and refuses the values that the host does. */
import { expect } from "chai";

import { fitted, propertyOf, useModel } from "../../../../src/data/model.js";
import { readModel } from "../../../../sim/model/tsl.js";
import { toNode } from "../../../../sim/model/values.js";
import { tableOf } from "../../../../tools/model/table.js";

const MODEL = readModel(
  {
    properties: [
      { id: 1, code: "on", subType: "RW", dataType: "BOOL" },
      { id: 12, code: "level", subType: "RW", dataType: "INT", specs: { min: "-10", max: "100" } },
      { id: 2, code: "warmth", subType: "RW", dataType: "FLOAT", specs: { max: "40", step: "0.5" } },
      { id: 3, code: "mode", subType: "RW", dataType: "ENUM", specs: [{ value: "1" }, { value: "7" }] },
      { id: 4, code: "label", subType: "RW", dataType: "TEXT", specs: { length: "4" } },
      { id: 5, code: "load", subType: "R", dataType: "INT" },
      { id: 8191, code: "free", subType: "RW", dataType: "DOUBLE" },
    ],
  },
  "model",
);

const VALUES: Record<string, unknown[]> = {
  on: [true, false, "perhaps", 2],
  level: [-10, 0, 100, 101, -11],
  warmth: [39.5, 40, 40.5, -1000],
  mode: [1, 7, 2, 17],
  label: ["", "four", "fiver"],
  free: [1e6, -2.5, "x"],
};

const takes = (act: () => unknown): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

describe("the table of a thing model on the device", () => {
  before(() => useModel(tableOf(MODEL)));
  after(() => useModel(""));

  for (const [code, values] of Object.entries(VALUES)) {
    it(`${code}: is found by its name and its number, and takes what the host takes`, () => {
      const property = MODEL.properties.find((one) => one.code === code)!;
      const here = propertyOf(code)!;
      expect(here).to.deep.equal(propertyOf(String(property.id)));
      expect(here.slice(0, 2)).to.deep.equal([code, String(property.id)]);
      for (const value of values) {
        const host = takes(() => toNode(property, value));
        expect(
          takes(() => fitted(here, value, true)),
          JSON.stringify(value),
        ).to.equal(host);
      }
    });
  }

  it("lets nobody write what can only be read, and has no property that there is not", () => {
    const load = propertyOf("load")!;
    expect([takes(() => fitted(load, 1, true)), takes(() => fitted(load, 1))]).to.deep.equal([false, true]);
    for (const name of ["", "none", "819", "91", "0"]) expect(propertyOf(name), name).to.equal(undefined);
  });

  it("rounds a report to the step", () => {
    expect(fitted(propertyOf("warmth")!, 20.3)).to.equal(20.5);
    expect(fitted(propertyOf("level")!, 20.3)).to.equal(20);
  });
});
