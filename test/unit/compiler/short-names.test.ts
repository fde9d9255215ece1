/** Short names for what is used most. */

import { expect } from "chai";

import { shortenNames } from "../../../compiler/passes/short-names.js";

const change = (code: string): string => shortenNames(code).toString();

describe("short names", () => {
  it("are those of the variables that are used most, wherever they are declared", () =>
    expect(change("var aa=1,ab=2,ac=f=>f+ab+ab;print(aa,ab);")).to.equal("var b=1,a=2,c=b=>b+a+a;print(b,a);"));

  it("are used again where no variable hides another one that is used there", () =>
    expect(change("var x=1,y=(p,q)=>p+q,z=p=>{var o=()=>p+x;return o()};y(x,z);")).to.equal(
      "var a=1,b=(a,b)=>a+b,c=b=>{var c=()=>b+a;return c()};b(a,c);",
    ));

  it("keep the names of members, and of globals that others declare", () => {
    const code = "var xx={a:1,yy:2},yy=3;b(xx.yy,{yy,xx:yy},a);";
    expect(change(code)).to.equal("var d={a:1,yy:2},c=3;b(d.yy,{yy:c,xx:c},a);");
  });

  it("keep the name of a class", () =>
    expect(change("class a{b(c){return c}}var dd=new a;dd.b(dd);")).to.equal(
      "class a{b(b){return b}}var b=new a;b.b(b);",
    ));

  it("hide nothing behind a catch or in a block", () =>
    expect(change("var xx=1;try{xx()}catch(e){let o=()=>e(xx);o(e,e)}for(let f of xx){let g=1}")).to.equal(
      "var a=1;try{a()}catch(b){let c=()=>b(a);c(b,b)}for(let b of a){let a=1}",
    ));
});
