/** Two application files and the boot file, in the emulator: updates, power cuts between all steps, going back. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { STATE_FILES } from "../../../src/ota/slots.js";
import { EmulatedDevice, engine, VirtualClock, type Device } from "../../../sim/emulator/index.js";
import { inspectBoard } from "../../../tools/flash/board.js";
import type { Evaluator } from "../../../tools/flash/console.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { checkConsent, install, planInstall, type Package } from "../../../tools/flash/install.js";
import { isSame, writeFile } from "../../../tools/flash/files.js";
import { gaveUp, pointTo, readSlots } from "../../../tools/flash/slots.js";

const boot = readFileSync("build/boot.min.js", "latin1");
const quiet = { onBytes() {}, onStep() {} };

/** An application that says its name, and that it is good. */
const good = (name: string): Package => ({ app: `print("app ${name}");if(global.appIsGood)global.appIsGood();`, boot });
const broken: Package = { app: 'print("app broken");throw new Error("broken");', boot };

async function update(device: Evaluator, what: Package): Promise<void> {
  const plan = await planInstall(device, await inspectBoard(device), what);
  checkConsent(plan, {});
  await install(device, plan, what, quiet);
}

/** Which application the next boot runs. */
async function bootsInto(device: Device): Promise<string | undefined> {
  const before = device.lines.length;
  await device.reboot();
  return device.lines.slice(before).find((line) => line.startsWith("app "));
}

/** A console whose cable is torn off after so many expressions. */
function torn(device: Evaluator, after: number): Evaluator & { torn: boolean } {
  let left = after;
  return {
    torn: false,
    eval(expression) {
      this.torn = left-- <= 0;
      return this.torn ? Promise.reject(new Error("torn off")) : device.eval(expression);
    },
  };
}

describe("flash: update", () => {
  const devices: Device[] = [];
  const start = async (): Promise<Device> => {
    const device = await engine("emulator").start({ host: "127.77.0.1", storage: {}, networks: [] });
    devices.push(device);
    return device;
  };
  const installed = async (): Promise<Device> => {
    const device = await start();
    await update(device, good("one"));
    await device.reboot();
    return device;
  };
  afterEach(async () => {
    await Promise.all(devices.splice(0).map((device) => device.stop()));
  });

  it("installs, and each update takes the file that does not run", async () => {
    const device = await start();
    for (const [name, letter] of [
      ["one", "a"],
      ["two", "b"],
      ["three", "a"],
    ]) {
      await update(device, good(name));
      expect(await bootsInto(device)).to.equal(`app ${name}`);
      const slots = await readSlots(device);
      expect([slots.named, slots.good, slots.running]).to.deep.equal([letter, true, letter]);
      const { writes, letter: free, back, boots } = await planInstall(device, await inspectBoard(device), good(name));
      expect([writes, free, back, boots]).to.deep.equal([[], undefined, undefined, false]);
    }
    expect(device.uncaught).to.deep.equal([]);
  });

  it("goes back after three boots of an application that never says that it is good", async () => {
    const device = await installed();
    await update(device, broken);
    const boots = [];
    for (let i = 0; i < 5; i++) boots.push(await bootsInto(device));
    expect(boots).to.deep.equal(["app broken", "app broken", "app broken", "app one", "app one"]);
    const slots = await readSlots(device);
    expect([gaveUp(slots), slots.running]).to.deep.equal([true, "a"]);
    await update(device, good("two"));
    expect(await bootsInto(device)).to.equal("app two");
  });

  it("keeps the only application, good or not", async () => {
    const device = await start();
    await update(device, broken);
    for (let i = 0; i < 5; i++) expect(await bootsInto(device)).to.equal("app broken");
  });

  it("is cut anywhere in an update: the old application boots or the new one, and the next update works", async () => {
    for (let after = 0; ; after++) {
      const device = await installed();
      const cable = torn(device, after);
      await update(cable, good("two")).catch(() => {});
      expect(await bootsInto(device), `cut after ${after}`).to.be.oneOf(["app one", "app two"]);
      await update(device, good("three"));
      expect(await bootsInto(device), `cut after ${after}`).to.equal("app three");
      if (!cable.torn) break;
      await device.stop();
      expect(after).to.be.below(100);
    }
  });

  it("is cut anywhere, and the same command again installs what was asked, before a reboot and after", async () => {
    for (const reboots of [false, true]) {
      for (let after = 0; ; after++) {
        const device = await installed();
        const cable = torn(device, after);
        await update(cable, good("two")).catch(() => {});
        if (reboots) await device.reboot();
        await update(device, good("two"));
        expect(await bootsInto(device), `cut after ${after}`).to.equal("app two");
        await device.stop();
        if (!cable.torn) break;
      }
    }
  });

  it("tries an application again that three power cuts have rolled back", async () => {
    const device = await installed();
    // It would say that it is good, later.
    const slow = {
      ...good("two"),
      app: 'print("app two");setTimeout(function(){global.appIsGood&&global.appIsGood()},10000)',
    };
    for (let round = 0; round < 3; round++) {
      await update(device, slow);
      const boots = [];
      for (let i = 0; i < 4; i++) boots.push(await bootsInto(device));
      expect(boots).to.deep.equal(["app two", "app two", "app two", "app one"]);
    }
  });

  it("keeps the old application that was asked for again, after another one was named", async () => {
    const device = await installed();
    await update(device, good("two"));
    await update(device, good("one"));
    expect(await bootsInto(device)).to.equal("app one");
    await update(device, good("two"));
    expect(await bootsInto(device)).to.equal("app two");
  });

  it("never writes the only application, not even when its first install was power-cycled; no cut loses it", async () => {
    const long = { ...good("two"), app: `"${"x".repeat(3000)}";${good("two").app}` };
    for (let after = 0; ; after++) {
      const device = await start();
      await update(device, { app: 'print("app one")', boot });
      for (let i = 0; i < 4; i++) expect(await bootsInto(device)).to.equal("app one");
      const cable = torn(device, after);
      await update(cable, long).catch(() => {});
      for (let i = 0; i < 5; i++) {
        expect(await bootsInto(device), `cut after ${after}, boot ${i}`).to.be.oneOf(["app one", "app two"]);
      }
      await update(device, long).catch(() => {});
      expect(await bootsInto(device), `cut after ${after}`).to.equal("app two");
      expect(device.uncaught).to.deep.equal([]);
      await device.stop();
      if (!cable.torn) break;
      expect(after).to.be.below(100);
    }
  });

  it("goes on with a first install that was cut anywhere, also inside the boot file and inside a byte of it", async () => {
    for (let after = 0; ; after++) {
      const device = await start();
      const cable = torn(device, after);
      await update(cable, good("one")).catch(() => {});
      await device.reboot();
      await update(device, good("one"));
      expect(await bootsInto(device), `cut after ${after}`).to.equal("app one");
      await device.stop();
      if (!cable.torn) break;
    }
    for (const done of [0, 1, 511, 512, 700, boot.length - 1]) {
      const device = await start();
      await update(device, good("one"));
      const half = String.fromCharCode(boot.charCodeAt(done) | 0xa5);
      const bytes = boot.slice(0, done) + half;
      await device.eval('require("Storage").erase(".bootcde")');
      await device.eval(`require("Storage").write(".bootcde",${JSON.stringify(bytes)},0,${boot.length})`);
      await device.reboot();
      await update(device, good("one"));
      expect(await bootsInto(device), `cut at ${done}`).to.equal("app one");
      await device.stop();
    }
  });

  it("goes back from an application on trial that stops all timers", async () => {
    for (const stop of ["clearTimeout()", "clearInterval()", "for(var i=0;i<99;i++)clearTimeout(i)"]) {
      const clock = new VirtualClock();
      const device = await EmulatedDevice.start({ host: "127.77.0.2", storage: {}, networks: [], clock });
      devices.push(device);
      await update(device, good("one"));
      await device.reboot();
      await update(device, { app: `var n=0;setInterval(function(){n++},1000);${stop};print("app quiet "+n)`, boot });
      await device.reboot();
      for (let seconds = 0; seconds < 100; seconds++) await clock.advance(1000);
      expect(await device.eval("global.appSlot"), stop).to.equal("a");
      expect(device.lines.filter((line) => line === "app quiet 0")).to.have.length(3);
      expect(await device.eval("typeof n"), "a timer of the application is left").to.equal("undefined");
      await device.stop();
    }
  });

  it("stops the timers that it is asked to stop, and leaves the functions as they were after a trial", async () => {
    const clock = new VirtualClock();
    const device = await EmulatedDevice.start({ host: "127.77.0.3", storage: {}, networks: [], clock });
    devices.push(device);
    const count = "var n=0,a=setInterval(function(){n++},100),b=setInterval(function(){n+=100},100);";
    const problem = 'try{clearTimeout(undefined)}catch(e){print("refused "+e)}';
    await update(device, { app: `${count}clearInterval(b);${problem}setTimeout(global.appIsGood,1000);`, boot });
    await device.reboot();
    await clock.advance(950);
    expect(await device.eval("n")).to.equal(9);
    await device.eval("(clearTimeout(),setTimeout(function(){global.appIsGood()},1000),0)");
    await clock.advance(2000);
    expect(await device.eval("n")).to.equal(9);
    expect(device.lines.filter((line) => /refused .*clearTimeout\(undefined\) not allowed/.test(line))).to.have.length(
      1,
    );
    await clock.advance(60000);
    expect(await device.eval('[global.appSlot,"appIsGood" in global,n]')).to.deep.equal(["a", false, 9]);
    expect((await readSlots(device)).good).to.equal(true);
  });

  it("never boots a half-written application that an update before it had named", async () => {
    const long = { ...good("two"), app: `"${"x".repeat(3000)}";${good("two").app}` };
    for (let after = 0; ; after++) {
      const device = await installed();
      // Named, and the power was cut before it could boot once.
      await update(device, good("never seen"));
      const cable = torn(device, after);
      await update(cable, long).catch(() => {});
      const booted = await bootsInto(device);
      expect(booted, `cut after ${after}`).to.be.oneOf(["app one", "app two", "app never seen"]);
      if (!cable.torn) break;
      await device.stop();
    }
  });

  for (const name of ENGINES) {
    it(`stays good when it says so twice, by a function that it has kept (${name})`, async function () {
      if (!hasEngine(name)) return this.skip();
      const host = name === "emulator" ? "127.77.0.1" : "127.0.0.1";
      const device = await engine(name).start({ host, storage: {}, networks: [] });
      devices.push(device);
      const app =
        'var good=global.appIsGood,n=0;function say(){if(good)good();n++}setTimeout(say,50);setTimeout(say,100);print("app twice")';
      await update(device, { app, boot });
      expect(await bootsInto(device)).to.equal("app twice");
      await eventually(async () => (await device.eval("n")) === 2, 3000).catch(() => {});
      expect(device.uncaught).to.deep.equal([]);
      const { good: stays, running } = await readSlots(device);
      expect([stays, running, await device.eval("n")]).to.deep.equal([true, "a", 2]);
    });

    it(`never has a part of an application that runs and says that it is good, where a cloud update names the file meanwhile (${name})`, async function () {
      this.timeout(60_000);
      if (!hasEngine(name)) return this.skip();
      const host = name === "emulator" ? "127.77.0.1" : "127.0.0.1";
      const device = await engine(name).start({ host, storage: {}, networks: [] });
      devices.push(device);
      await update(device, good("one"));
      await device.reboot();
      const long = `${good("two").app};\n"${"x".repeat(3000)}";`;
      // Of a file that is not there yet nothing can run.
      for (let after = 3; ; after++) {
        const cable = torn(device, after);
        await writeFile(cable, "wb.b", long).catch(() => {});
        await pointTo(device, "b", false);
        const booted = await bootsInto(device);
        if (await isSame(device, "wb.b", long)) break;
        expect([booted, (await readSlots(device)).good], `cut after ${after}`).to.deep.equal([undefined, false]);
        await pointTo(device, "a", true);
        expect(await bootsInto(device), `cut after ${after}`).to.equal("app one");
      }
    });
  }

  it("names an application beside one that runs without a state file, or with one that a cut has torn, and is cut anywhere", async function () {
    this.timeout(60_000);
    for (const state of [undefined, "\x01\xe1" + "\xff".repeat(249)]) {
      for (let after = 0; ; after++) {
        const device = await installed();
        await device.eval('(require("Storage").erase("wb.s"),require("Storage").erase("wb.t"),0)');
        if (state) await device.eval(`(require("Storage").write("wb.s",${JSON.stringify(state)}),0)`);
        await device.reboot();
        const cable = torn(device, after);
        await update(cable, good("two")).catch(() => {});
        expect(await bootsInto(device), `cut after ${after}`).to.be.oneOf(["app one", "app two"]);
        await update(device, good("two"));
        expect(await bootsInto(device), `cut after ${after}`).to.equal("app two");
        const { named, good: proven } = await readSlots(device);
        expect([named, proven]).to.deep.equal(["b", true]);
        await device.stop();
        if (!cable.torn) break;
        expect(after).to.be.below(100);
      }
    }
  });

  it("starts the other state file when one is full, and is cut anywhere meanwhile", async () => {
    const device = await installed();
    for (let i = 0; i < 120; i++) await pointTo(device, "a", true);
    const before = await readSlots(device);
    expect([before.named, before.good]).to.deep.equal(["a", true]);
    const full = async (one: Device): Promise<void> => {
      const { file } = await readSlots(one);
      while ((await readSlots(one)).file === file) await pointTo(one, "a", true);
    };
    await full(device);
    expect(STATE_FILES).to.include((await readSlots(device)).file);
    for (let after = 0; after < 12; after++) {
      const cable = torn(device, after);
      for (let i = 0; i < 60 && !cable.torn; i++) await pointTo(cable, "a", true).catch(() => {});
      expect(await bootsInto(device)).to.equal("app one");
    }
  });

  it("refuses to update during a trial, over another program, and into a full Storage", async () => {
    const device = await start();
    await device.eval('require("Storage").write(".bootcde","print(1)")');
    const refusal = (): Promise<string> => update(device, good("one")).then(String, (error: Error) => error.message);
    expect(await refusal()).to.match(/another boot file/);
    await device.eval('require("Storage").erase(".bootcde")');
    await update(device, { app: "print('app quiet')", boot });
    await device.reboot();
    expect(await refusal()).to.match(/still on trial/);
    const other = await installed();
    await other.eval('require("Storage").write("filler","x",0,887*1024)');
    await other.eval('require("Storage").erase("filler")');
    const what = good("x".repeat(2000));
    const plan = await planInstall(other, await inspectBoard(other), what);
    expect(plan.compact).to.equal(true);
    expect(() => checkConsent(plan, {})).to.throw(/--compact/);
    await install(other, plan, what, quiet);
    expect(await bootsInto(other)).to.match(/^app x/);
  });

  it("asks again for what was garbled, and never judges it", async () => {
    const env = { BOARD: "ESP32", VERSION: "2v29", SERIAL: "1", MODULES: "net,dgram,Wifi,Flash,Storage,crypto" };
    const garbled: unknown[] = [
      null,
      undefined,
      {},
      "2v29",
      7,
      [],
      { ...env, VERSION: undefined },
      { ...env, BOARD: 3 },
    ];
    for (const wrong of garbled) {
      const answers = [wrong, wrong, env];
      const spaces: unknown[] = [[1], [null, 2], [1000, 2]];
      const device: Evaluator = {
        eval: async (text) => (text.includes("process.env") ? answers.shift() : spaces.shift()),
      };
      const board = await inspectBoard(device);
      expect([board.version, board.board, board.free, board.trash]).to.deep.equal(["2v29", "ESP32", 1000, 2]);
      const never: Evaluator = { eval: async () => wrong };
      expect(await inspectBoard(never).then(String, (error: Error) => error.message)).to.match(/cannot be read/);
    }
  });

  it("refuses a board that lacks what is needed, and says what", async () => {
    const env = { BOARD: "ESP32_IDF4", VERSION: "2v29", SERIAL: "1", MODULES: "net,dgram,Flash,Storage" };
    const board = (more: object): Evaluator => ({
      eval: (text) => Promise.resolve(text.includes("process.env") ? { ...env, ...more } : ["Wifi"]),
    });
    const refusal = (device: Evaluator, expected?: string): Promise<string> =>
      inspectBoard(device, expected).then(String, (error: Error) => error.message);
    expect(await refusal(board({}))).to.match(/ESP32_IDF4 2v29\) has no Wifi/);
    expect(await refusal(board({ VERSION: "2v04" }))).to.match(/2v04 is too old/);
    expect(await refusal(board({}), "ESP32")).to.match(/this board is ESP32_IDF4, not ESP32/);
  });
});
