/** `void 0` by a name of its own. */

import { expect } from "chai";

import { nameUndefined } from "../../../compiler/passes/undefined.js";

const change = (code: string): string => nameUndefined(code).toString();

describe("a name for undefined", () => {
  it("is a variable that comes first and that nothing sets", () => {
    const code = "function a(b){return b?void 0:1}var c=2,d=e=>void 0===e?void 0:c;print(d(void 0),a(1));";
    expect(change(code)).to.equal("function a(b){return b?f:1}var f,c=2,d=e=>f===e?f:c;print(d(f),a(1));");
  });

  it("is one that no variable, parameter and member has", () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"].join(",");
    expect(change(`var x=(${letters})=>[void 0,void 0],y=$=>void 0;`)).to.match(/^var aa,x=.*\[aa,aa\],y=\$=>aa;$/);
  });

  for (const [what, code] of Object.entries({
    "where there is none": "var a=1;",
    "in a program that runs something before": "print(1);var a=()=>[void 0,void 0];",
    "in a program without variables": "print(void 0,void 0,void 0);",
    "of another value": "var a=()=>[void a(),void b()];",
  }))
    it(`is not there ${what}`, () => expect(change(code)).to.equal(code));
});
