/** That the watch over secrets would notice one. */

import { expect } from "chai";

import { boot } from "../unit/sim/emulator/harness.js";
import { Watch } from "./secrets.js";

const SECRET = "QUJD-7fGhIj9lMnO";
const AUTH_KEY = "\x00\xff\x10\x80\x7f\x01\x02\x03\xfe\xfd\xfc\xfb\xaa\x55\x99\x66";
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

describe("the watch over secrets", () => {
  for (const [what, value] of [
    ["a text", SECRET],
    ["bytes", AUTH_KEY],
  ]) {
    for (const [form, text] of [
      ["as it is", value],
      ["in hex", latin1(value).toString("hex")],
      ["in HEX", latin1(value).toString("hex").toUpperCase()],
      ["in base64", latin1(value).toString("base64")],
      ["in base64, behind one byte", latin1("x" + value).toString("base64")],
      ["in base64, between others", latin1("xy" + value + "z").toString("base64")],
    ]) {
      it(`notices ${what} ${form}, and tells its name and not its value`, () => {
        const watch = new Watch();
        watch.secret("the secret", value);
        watch.said("somebody", `before ${text} after`);
        expect(watch.leaks().join()).to.match(/^somebody has said: the secret, /);
        for (const leak of watch.leaks()) expect(leak).not.to.include(value).and.not.include(text);
      });
    }
  }

  it("notices it although it was said before it was known to be one, and by whom", () => {
    const watch = new Watch();
    watch.said("one", "nothing");
    watch.said("two", SECRET);
    expect(watch.leaks()).to.deep.equal([]);
    watch.secret("it", SECRET);
    expect(watch.leaks()).to.deep.equal(["two has said: it, as it is"]);
  });

  it("notices a device that prints what it should not", async () => {
    const device = await boot("emulator", `print("DS is " + ${JSON.stringify(SECRET)});`);
    const watch = new Watch();
    watch.secret("a DeviceSecret", SECRET);
    device.lines.forEach((line) => watch.said("a device", line));
    await device.stop();
    expect(watch.leaks()).to.deep.equal(["a device has said: a DeviceSecret, as it is"]);
  });

  it("lets only him say it who was asked for it by name", () => {
    const watch = new Watch();
    watch.secret("it", SECRET);
    watch.secret("another", AUTH_KEY);
    watch.allow("one", "it");
    for (const who of ["one", "two"]) watch.said(who, SECRET + AUTH_KEY);
    const said = ["one has said: another", "two has said: it", "two has said: another"];
    expect(watch.leaks()).to.deep.equal(said.map((leak) => `${leak}, as it is`));
  });

  it("is silent about a part of a secret, another one, and a word", () => {
    const watch = new Watch();
    watch.secret("it", SECRET);
    watch.secret("a word", "password");
    watch.said("somebody", `${SECRET.slice(0, -1)} ${SECRET.toLowerCase()} password`);
    expect(watch.leaks()).to.deep.equal([]);
  });
});
