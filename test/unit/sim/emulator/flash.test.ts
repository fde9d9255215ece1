/** Flash of emulated devices: what survives, and what a power cut leaves. */

import { expect } from "chai";

import { EmulatedDevice } from "../../../../sim/emulator/index.js";
import { boot, ENGINES, hasEngine } from "./harness.js";

const AREA = 'const F = require("Flash"), area = process.env.BOARD == "LINUX" ? 0x10030000 : 0x310000;';

describe("flash", () => {
  for (const name of ENGINES) {
    it(`outlives the power, RAM does not (${name})`, async function () {
      if (!hasEngine(name)) return this.skip();
      const flash = [{ offset: 4096, bytes: Buffer.from("\x00\x01factory\xfe", "latin1") }];
      const device = await boot(name, `${AREA} let n = 0;`, { flash });
      expect(await device.eval("E.toString(F.read(10, area + 4096))")).to.equal("\x00\x01factory\xfe");
      await device.eval('(n = 5, F.write("abcd", area), require("Storage").write("kept", "yes"))');
      await device.reboot();
      expect(await device.eval('[n, E.toString(F.read(4, area)), require("Storage").read("kept") + ""]')).to.deep.equal(
        [0, "abcd", "yes"],
      );
      expect(device.uncaught).to.deep.equal([]);
      await device.stop();
    });
  }
});

describe("flash of the emulator", () => {
  const start = (bootcde: string) => EmulatedDevice.start({ storage: { ".bootcde": `${AREA}${bootcde}` } });
  const text = (device: EmulatedDevice, length: number) =>
    Buffer.from(device.flash.subarray(0, length)).toString("latin1");

  it("loses its power between two operations", async () => {
    const device = await start("const go = function () { F.write('aaaa', area); F.write('bbbb', area + 4); };");
    device.cutPower({ afterOperations: 1 });
    await device.eval("go()");
    expect(device.alive).to.equal(false);
    expect(text(device, 8)).to.equal("aaaa\xff\xff\xff\xff");
    await device.reboot();
    expect(device.alive).to.equal(true);
    expect(await device.eval("E.toString(F.read(4, area))")).to.equal("aaaa");
    await device.stop();
  });

  it("loses its power inside a write, and no catch, finally or timer runs after it", async () => {
    const device = await start(`setTimeout(function () { F.write("late", area + 100); }, 5);
      const go = function () {
        try { F.write("abcdef", area); } catch (e) { F.write("no", area + 50); } finally { F.write("no", area + 60); }
      };`);
    device.cutPower({ afterOperations: 0, bytes: 3 });
    await device.eval("go()");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(text(device, 6)).to.equal("abc\xff\xff\xff");
    expect(device.flash.subarray(6).every((byte) => byte === 0xff)).to.equal(true);
    expect(device.uncaught).to.deep.equal([]);
    await device.stop();
  });

  it("loses its power inside an erasure", async () => {
    const device = await start("F.write('abcdefgh', area);");
    device.cutPower({ afterOperations: 0, bytes: 4 });
    await device.eval("F.erasePage(area)");
    expect(text(device, 8)).to.equal("\xff\xff\xff\xffefgh");
    await device.stop();
  });

  it("loses its power during its boot, with any bits of a write and of an erasure done", async () => {
    const device = await start("F.write('\\0\\0', area); F.erasePage(area + 4096);");
    device.flash.fill(0xff, 0, 2).fill(0x10, 4096, 4098);
    const tear = (at: number) => (at ? 0xf0 : 0x0f);
    await device.reboot({ afterOperations: 0, tear });
    expect([device.alive, text(device, 3)]).to.deep.equal([false, "\xf0\x0f\xff"]);
    await device.reboot({ afterOperations: 1, tear });
    expect([...device.flash.subarray(0, 2), ...device.flash.subarray(4096, 4098)]).to.deep.equal([0, 0, 0x1f, 0xf0]);
    await device.reboot();
    expect(device.alive).to.equal(true);
    await device.stop();
  });

  it("closes its sockets when the power goes", async () => {
    const device = await start("require('dgram').createSocket('udp4').bind(40124, function () {});");
    device.cutPower({ afterOperations: 0 });
    await device.eval("F.write('a', area)");
    await device.reboot();
    expect(device.uncaught).to.deep.equal([]);
    await device.stop();
  });

  it("has 16 pages of 4096 bytes at 0x310000, and nothing around them", async () => {
    const device = await start("");
    expect(await device.eval("F.getFree()[1]")).to.deep.equal({ addr: 0x310000, length: 0x10000 });
    expect(await device.eval("F.getPage(0x311234)")).to.deep.equal({ addr: 0x311000, length: 4096 });
    await device.eval("F.write('x', 0x320000)").catch((error: Error) => error);
    const refused = await device.eval("F.erasePage(0x360000)").then(String, (error: Error) => error.message);
    expect(refused).to.match(/outside the binding's area/);
    await device.stop();
  });

  it("tells of each operation", async () => {
    const device = await start("");
    const seen: string[] = [];
    device.onFlash(({ kind, offset, length }) => seen.push(`${kind} ${offset} ${length}`));
    await device.eval("(F.erasePage(area + 4100), F.write('abc', area + 4096))");
    expect(seen).to.deep.equal(["erase 4096 4096", "write 4096 3"]);
    await device.stop();
  });
});
