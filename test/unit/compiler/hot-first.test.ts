/** Variables that are used most come first. */

import { expect } from "chai";

import { sortByUse } from "../../../compiler/passes/hot-first.js";

const change = (code: string): string => sortByUse(code).toString();

describe("variables by their use", () => {
  it("begin with the one that is named most; equals keep their order", () =>
    expect(change("function z(){}var a,b=1,c=()=>2,d=-1,e=f();print(c,c,d,d,b,a);")).to.equal(
      "function z(){}var c=()=>2,d=-1,b=1,a,e=f();print(c,c,d,d,b,a);",
    ));

  for (const [what, code] of Object.entries({
    "of a program that begins with something else": "print(1);var a,b=1;print(b);",
    "behind one that is computed": "var a=f(),b=1,c=2;print(c,c,b);",
    "with a value that is made anew each time": "var a={},b=[],c=2;print(c,c);",
    "in a program with one": "var a=1;print(a);",
  }))
    it(`stay where they are ${what}`, () => expect(change(code)).to.equal(code));
});
