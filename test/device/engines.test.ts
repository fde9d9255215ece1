/** What both engines promise to a test: the console, values, reboots, the radio, and news of failures. */

import { expect } from "chai";

import { engine } from "../../sim/emulator/index.js";
import { boot, ENGINES, eventually, hasEngine } from "../unit/sim/emulator/harness.js";

for (const name of ENGINES) {
  describe(`the engine ${name}`, () => {
    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    it("gives the console line by line, without prompts and echo", async () => {
      const heard: string[] = [];
      const code =
        'print("WB state=idle"); console.log("a", 1.5, true, null, undefined, [1, 2], 1 / 3); print("two\\nlines");';
      const device = await boot(name, code, { onLine: (line) => heard.push(line) });
      await device.eval("1");
      const lines = ["WB state=idle", "a 1.5 true null undefined [ 1, 2 ] 0.33333333333", "two", "lines"];
      expect(device.lines).to.deep.equal(lines);
      expect(heard).to.deep.equal(lines);
      await device.stop();
    });

    it("gives values through JSON, and errors as rejections", async () => {
      const device = await boot(name, "const f = function (x) { return { x: x, y: [x, null] }; };");
      expect(await device.eval("f('\\x00\\xff\"')")).to.deep.equal({ x: '\x00\xff"', y: ['\x00\xff"', null] });
      expect(await device.eval("undefined")).to.equal(undefined);
      expect(await Promise.all([device.eval("1+1"), device.eval("2+2")])).to.deep.equal([2, 4]);
      const failed = await device.eval("missing").then(String, (error: Error) => error.message);
      expect(failed).to.match(/missing/);
      expect(device.uncaught).to.deep.equal([]);
      await device.stop();
    });

    it("misses the object of an assignment before it computes what is assigned", async () => {
      const device = await boot(
        name,
        `let calls = 0; let missing; const count = function () { return ++calls; };
        const fails = function (write) { try { write(); } catch (error) { return calls; } };
        const writes = [function () { missing.x = count(); }, function () { missing.x += count(); }];`,
      );
      expect(await device.eval("writes.map(fails)")).to.deep.equal([0, 0]);
      await device.stop();
    });

    it("evaluates long expressions", async () => {
      const device = await boot(name, "");
      expect(await device.eval(`"${"x".repeat(3000)}".length`)).to.equal(3000);
      await device.stop();
    });

    it("takes a list of expressions where one is wanted, as a minifier writes it", async () => {
      const code = `var K, out = [];
        for (var r of (K = "a", ["0", "1"])) out.push(K + r);
        for (var k in (K = 1, { b: 2, c: 3 })) out.push(K + k);
        out.push((K = 1, "x") + (K = 2, "y"), (K = 3, 2) * (K = 3, 4), (K = 1, "5") == (K = 2, 5));`;
      const device = await boot(name, code);
      expect(await device.eval("out")).to.deep.equal(["a0", "a1", "1b", "1c", "xy", 8, true]);
      await device.stop();
    });

    it("collects what is uncaught and lets the device go on", async () => {
      const device = await boot(name, "let n = 0; setTimeout(function () { n++; throw new Error('boom'); }, 1);");
      await eventually(() => device.uncaught.length);
      expect(device.uncaught).to.deep.equal(["Uncaught Error: boom"]);
      expect(await device.eval("n")).to.equal(1);
      await device.stop();
    });

    it("runs .boot0 to .boot3 before .bootcde, again after each reboot", async () => {
      const storage = { ".boot0": "print('zero');", ".boot3": "print('three');" };
      const device = await boot(name, "print('code');", { storage });
      await device.reboot();
      expect(device.lines).to.deep.equal(["zero", "three", "code", "zero", "three", "code"]);
      await device.stop();
    });

    it("drops the stations of a network that goes away, and lets them join when it is back", async () => {
      const home = { ssid: "home", password: "secret12" };
      const code = `const seen = [];
        const W = require("Wifi");
        W.on("disconnected", function (d) { seen.push(d.msg); });
        const join = function () { W.connect("home", { password: "secret12" }, function (e) { seen.push(e); }); };
        join();`;
      const device = await boot(name, code, { networks: [home], joinDelay: 5 });
      await eventually(() => device.radio.station());
      await device.radio.setNetworks([]);
      await eventually(async () => !(await device.radio.station()));
      await eventually(() => device.eval("seen.length == 2"));
      await device.radio.setNetworks([home]);
      await device.eval("join()");
      await eventually(() => device.eval("seen.length == 3"));
      expect(await device.radio.station()).to.equal("home");
      expect(await device.eval("seen")).to.deep.equal([null, "NO_AP_FOUND", null]);
      await device.stop();
    });

    it("remembers its networks over a reboot", async () => {
      const code = 'require("Wifi").connect("later", {}, function () {});';
      const device = await boot(name, code, { joinDelay: 5 });
      await device.radio.setNetworks([{ ssid: "later" }]);
      await device.reboot();
      expect(await eventually(() => device.radio.station())).to.equal("later");
      await device.stop();
    });

    it("tells of the device's own access point", async () => {
      const code = 'require("Wifi").startAP("WB-1", { password: "longenough" }, function () {});';
      const device = await boot(name, code);
      const ap = await eventually(() => device.radio.softAp());
      expect(ap).to.deep.equal({ ssid: "WB-1", password: "longenough" });
      await device.eval('require("Wifi").stopAP()');
      expect(await device.radio.softAp()).to.equal(undefined);
      await device.stop();
    });
  });
}

describe("the driver of the real interpreter", () => {
  before(function () {
    if (!hasEngine("espruino")) this.skip();
  });

  it("tells when the interpreter dies", async () => {
    const device = await boot("espruino", "");
    await device.eval("quit()");
    await eventually(() => device.uncaught.length);
    expect(device.uncaught.join()).to.match(/interpreter ended/);
    const answer = await device.eval("1").then(String, (error: Error) => error.message);
    expect(answer).to.match(/no power|interpreter ended/);
    await device.stop();
  });

  it("has one address only", async () => {
    const started = await engine("espruino")
      .start({ storage: {}, host: "127.0.0.2" })
      .then(
        () => "",
        (error: Error) => error.message,
      );
    expect(started).to.match(/only the address 127\.0\.0\.1/);
  });
});
