/** Each trap of Espruino that the emulator has: what would pass in Node and must not pass here. */

import { expect } from "chai";

import { boot, ENGINES, eventually, hasEngine, valueOf } from "./harness.js";

/** Boots code and gives what it leaves uncaught. */
async function uncaughtOf(bootcde: string): Promise<readonly string[]> {
  const device = await boot("emulator", bootcde);
  await device.stop();
  return device.uncaught;
}

describe("traps of Espruino in the emulator", () => {
  it("syntax that Espruino cannot read is refused before a line runs", async () => {
    const device = await boot("emulator", "print('ran');\nvar a = {}?.b;");
    await device.stop();
    expect(device.uncaught[0]).to.match(/^Uncaught SyntaxError: \.bootcde:2:\d+ .*\(optional-chaining\)$/);
    expect(device.lines).to.not.include("ran");
  });

  it("a module of Storage passes the gate as well", async () => {
    const storage = { part: "exports.a = [...'ab'];" };
    const device = await boot("emulator", "require('part');", { storage });
    await device.stop();
    expect(device.uncaught.join()).to.match(/part:1:\d+ .*\(spread\)/);
  });

  it("globals of Node do not exist", async () => {
    const names =
      "['Map','Set','Symbol','Proxy','Reflect','BigInt','RangeError','Buffer','WeakMap','Intl','queueMicrotask']";
    expect(await valueOf("const g = globalThis;", `${names}.filter((name) => g[name] !== undefined)`)).to.deep.equal(
      [],
    );
  });

  it("code cannot be made from text", async () => {
    expect((await uncaughtOf("const f = Function; f('return 1')();")).join()).to.match(/Code generation/);
  });

  it("regular expressions made from text are checked when they are made", async () => {
    const uncaught = await uncaughtOf("let text = 'a'; text += '?b'; new RegExp(text);");
    expect(uncaught.join()).to.match(/Espruino has no \?/);
  });

  const deep = "function deep(n) { return n ? 1 + deep(n - 1) : 0; }";

  it("the stack has room for 16 calls", async () => {
    expect(await valueOf(`${deep} const got = deep(15);`, "got")).to.equal(15);
    expect((await uncaughtOf(`${deep} deep(16);`))[0]).to.match(/Too much recursion/);
  });

  it("a native function that calls back counts its callback", async () => {
    const code = "function deep(n) { if (n) [1].forEach(function () { deep(n - 1); }); }";
    expect(await uncaughtOf(`${code} deep(7);`)).to.deep.equal([]);
    expect((await uncaughtOf(`${code} deep(8);`))[0]).to.match(/Too much recursion/);
  });

  it("an exhausted stack passes over catch and finally, and the device goes on", async () => {
    const code = `${deep} const seen = [];
      setTimeout(function () { try { deep(99); } catch (e) { seen.push("catch"); } finally { seen.push("finally"); } }, 1);
      setTimeout(function () { seen.push("later", deep(3)); }, 10);`;
    const device = await boot("emulator", code);
    await eventually(() => device.eval("seen.length"));
    expect(await device.eval("seen")).to.deep.equal(["later", 3]);
    expect(device.uncaught).to.have.length(1);
    await device.stop();
  });

  it("ordinary errors are caught as ever", async () => {
    const code = 'const seen = []; try { null.x; } catch (e) { seen.push("catch"); } finally { seen.push("finally"); }';
    expect(await valueOf(code, "seen")).to.deep.equal(["catch", "finally"]);
  });

  for (const name of ENGINES) {
    it(`an error before an object literal is not caught in the same function (${name})`, async function () {
      if (!hasEngine(name)) this.skip();
      const lost = [
        "const o = { a: none.x, b: 1 }",
        "Math.min(none.x, {})",
        "Math.min(none.x, { a: 1, b: 2 })",
        "seen.push(Math.min(none.x, ({})))",
      ];
      const caught = [
        "const o = { a: 1, b: none.x }",
        "own(none.x, {})",
        "Math.min(none.x, ({}))",
        "Math.min({}, none.x)",
        "Math.min(none.x, 1, {})",
        "[none.x, {}]",
        "Math.min(none.x, [{}])",
      ];
      const course = (code: string): string =>
        `run(function () { try { ${code}; } catch (e) { seen.push("inside"); } seen.push("behind"); });`;
      const device = await boot(
        name,
        `const seen = []; let none; const own = function () {};
        const run = function (f) { try { f(); } catch (e) { seen.push("outside"); } };
        ${[...lost, ...caught].map(course).join("\n")}`,
      );
      expect(await device.eval("seen")).to.deep.equal([
        ...lost.map(() => "outside"),
        ...caught.flatMap(() => ["inside", "behind"]),
      ]);
      // Loud where it is punished in silence.
      expect(device.uncaught).to.have.length(name === "emulator" ? lost.length : 0);
      await device.stop();
    });
  }

  it("a member that an assignment makes, and the value that it waits for as well", async () => {
    const code = "const o = {}; o.x = (function () { o.x = 1; return 2; })();";
    expect((await uncaughtOf(code)).join()).to.match(/the member x was made twice/);
  });

  it("numbers at random repeat at every boot", async () => {
    const device = await boot("emulator", "const drawn = [E.hwRand(), Math.random(), E.hwRand()];");
    const first = await device.eval("drawn");
    await device.reboot();
    expect(await device.eval("drawn")).to.deep.equal(first);
    expect(new Set(first as number[]).size).to.equal(3);
    await device.stop();
  });

  it("the clock starts again at every boot", async () => {
    const device = await boot("emulator", "");
    expect(await device.eval("getTime()")).to.be.within(0, 5);
    await device.eval("setTime(1000000)");
    expect(await device.eval("getTime()")).to.be.within(1000000, 1000005);
    await device.stop();
  });

  it("an error that nobody catches is told with its place, and the device goes on", async () => {
    const code =
      "setTimeout(function () {\n throw new Error('boom');\n}, 1);\nconst seen = [];\nsetTimeout(function () { seen.push(1); }, 5);";
    const device = await boot("emulator", code);
    await eventually(() => device.eval("seen.length"));
    expect(device.uncaught).to.deep.equal(["Uncaught Error: boom"]);
    expect(device.lines.join("\n")).to.match(/\.bootcde:2/);
    await device.stop();
  });

  it("a promise that nobody catches is told", async () => {
    expect(await uncaughtOf("Promise.reject(new Error('lost'));")).to.deep.equal(["Uncaught Error: lost"]);
  });

  it("a boot file that fails does not stop the next", async () => {
    const storage = { ".boot0": "throw new Error('first');", ".boot1": "const one = 1;" };
    const device = await boot("emulator", "const two = one + 1;", { storage });
    expect(await device.eval("two")).to.equal(2);
    expect(device.uncaught).to.deep.equal(["Uncaught Error: first"]);
    await device.stop();
  });

  it("E tells 'init' when the boot code has run", async () => {
    const device = await boot(
      "emulator",
      "const seen = []; E.on('init', function () { seen.push('init'); }); seen.push('code');",
    );
    expect(await device.eval("seen")).to.deep.equal(["code", "init"]);
    await device.stop();
  });

  it("events that cause events without end stop the device's job, not the host", async () => {
    const uncaught = await uncaughtOf("const o = {}; o.on('x', function () { o.emit('x'); }); o.emit('x');");
    expect(uncaught[0]).to.match(/without end/);
  });

  it("load() and reset() start again, reset() without the boot code", async () => {
    const device = await boot("emulator", "const ran = E.hwRand(); print('boot');");
    await device.eval("load()");
    await eventually(() => device.lines.filter((line) => line === "boot").length === 2);
    await device.eval("reset()");
    await eventually(() => device.eval("typeof ran == 'undefined'"));
    expect(device.lines.filter((line) => line === "boot")).to.have.length(2);
    await device.stop();
  });
});
