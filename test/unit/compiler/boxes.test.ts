/** Constructors whose results are others in Espruino. */

import { expect } from "chai";

import { check } from "../../../compiler/gate/gate.js";

const rulesOf = (source: string): string[] => check(source, { name: "test", kind: "script" }).map((one) => one.rule);

describe("gate: boxes", () => {
  for (const name of ["String", "Number", "Boolean"]) {
    it(`refuses new ${name}`, () => expect(rulesOf(`print(new ${name}(1));`)).to.deep.equal(["boxed"]));
    it(`allows ${name} as a function`, () => expect(rulesOf(`print(${name}(1));`)).to.deep.equal([]));
  }
  it("refuses arrays that round", () => {
    expect(rulesOf("print(new Uint8ClampedArray(3));")).to.deep.equal(["clamped-array"]);
  });
  it("allows other constructors", () => {
    expect(rulesOf("print(new Date(), new Uint8Array(3), new Error('x'));")).to.deep.equal([]);
  });
});
