/** The rules of a bindingCode, one by one, in every engine: how long it lives, when another takes its place, that it never comes back. */

import { expect } from "chai";

import { CMD_WINDOW, EXT_CODE } from "../../../src/codec/commands.js";
import { findBytes, type Node } from "../../../src/codec/ttlv.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK } from "../scenarios/world.js";
import { Life } from "./life.js";
import type { Start } from "./table.js";

const CODE = "0123456789ABCDEF";
/** How many times faster a device lives whose windows are waited for. */
const HASTE = 8;

for (const engine of ENGINES) {
  describe(`the rules of a bindingCode in the engine ${engine}`, function () {
    this.timeout(40_000);
    let life: Life;

    before(function () {
      if (!hasEngine(engine)) this.skip();
    });

    afterEach(async () => {
      await life.stop();
      expect(life.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const begin = async (start: Start, autoRotate?: number, haste?: number): Promise<void> => {
      life = await Life.begin(engine, start, { autoRotate }, haste);
    };
    const code = (): Promise<string> => life.device.eval("(W.window()||{code:''}).code") as Promise<string>;
    const open = async (args: string): Promise<string> => {
      await life.until("window", () => life.device.eval(`W.openWindow(${args})`));
      return code();
    };
    const refusal = (args: string): Promise<string> =>
      life.device.eval(`W.openWindow(${args})`).then(
        () => "",
        (error: Error) => error.message,
      );
    /** What the API answers to a user who binds with this code. */
    const verdict = async (bindingCode: string): Promise<number> => {
      const body = { productKey: life.pk, deviceKey: DK, bindingCode };
      const { token } = life.world.products.users[1];
      return (await life.call("POST", "/v2/binding/enduserapi/v2/deviceBindingByWifi", token, body)).code;
    };

    it("it lives 1 to 3600 s, no shorter and no longer", async () => {
      await begin("fresh");
      for (const seconds of ["1", "3600"]) expect(await life.device.eval(`W.openWindow(${seconds})`)).to.equal(true);
      const before = await code();
      for (const seconds of ["0", "0.5", "3601", "-1", "NaN", "1/0", "null"]) {
        expect(await refusal(seconds), seconds).to.match(/seconds must be 1-3600/);
      }
      expect(await code()).to.equal(before);
    });

    it("a caller's code is what the API takes for one, and nothing else", async () => {
      await begin("online");
      const before = await code();
      for (const bad of ["", CODE.slice(1), CODE + "0", CODE.toLowerCase(), "0123456789ABCDEG", " 123456789ABCDEF"]) {
        expect(await refusal(`60,"${bad}"`), bad).to.match(/16 characters 0-9A-F/);
        if (bad) expect(await verdict(bad), bad).to.equal(5213);
      }
      expect(await code()).to.equal(before);
      expect(await open(`60,"${CODE}"`)).to.equal(CODE);
      expect(await verdict(CODE)).to.equal(200);
    });

    it("each window has another, and only the last is good", async () => {
      await begin("online");
      const codes = [await code()];
      for (let n = 0; n < 4; n++) codes.push(await open("60"));
      expect(new Set(codes).size).to.equal(codes.length);
      for (const old of codes.slice(0, -1)) expect(await verdict(old)).to.equal(5461);
      expect(await verdict(codes.at(-1)!)).to.equal(200);
    });

    it("a spent one is dead, and does not come back with a boot", async () => {
      await begin("online");
      const spent = await code();
      expect(await verdict(spent)).to.equal(200);
      await life.reaches("bound");
      for (let boots = 0; boots < 2; boots++) {
        expect([await code(), await verdict(spent)]).to.deep.equal(["", 5049]);
        expect(await life.accepts(spent)).to.equal(false);
        await life.until("connected", () => life.device.reboot());
      }
    });

    it("one whose time is over is dead, and does not come back with a boot", async () => {
      await begin("online");
      const expired = await open("1");
      await eventually(async () => !(await code()));
      // It heard of the code later than the device had it.
      await eventually(async () => !(await life.accepts(expired)));
      for (let boots = 0; boots < 2; boots++) {
        expect([await code(), await verdict(expired)]).to.deep.equal(["", 5461]);
        await life.until("window", () => life.device.reboot());
      }
    });

    it("one that nobody has heard of dies with the power", async () => {
      await begin("bound");
      await life.proxy.down();
      expect(await life.device.eval(`W.openWindow(600,"${CODE}")`)).to.equal(true);
      await life.device.reboot();
      await life.proxy.up();
      await life.reaches("bound");
      expect([await code(), await life.accepts(CODE)]).to.deep.equal(["", false]);
    });

    it("one that the cloud has not acknowledged is reported after a reconnection, and lives as long as the device says", async () => {
      await begin("bound", undefined, HASTE);
      await life.proxy.down();
      await life.device.eval(`W.openWindow(300,"${CODE}")`);
      await pause(1000);
      await life.until("window", () => life.proxy.up(), 12_000);
      expect(await life.device.eval("W.window().seconds")).to.be.within(1, 300 - 6);
      expect(await life.accepts(CODE)).to.equal(true);
    });

    it("one that is reported again over each connection is the same one, and good", async () => {
      await begin("bound", undefined, HASTE);
      expect(await open(`3600,"${CODE}"`)).to.equal(CODE);
      for (let n = 0; n < 3; n++) await life.until("window", () => life.proxy.passages.at(-1)!.cut(), 12_000);
      expect([await code(), await life.accepts(CODE)]).to.deep.equal([CODE, true]);
    });

    it("one that another has replaced is withdrawn, though the other ended before the cloud heard of it", async () => {
      await begin("bound", undefined, HASTE);
      expect(await open(`3600,"${CODE}"`)).to.equal(CODE);
      expect(await life.accepts(CODE)).to.equal(true);
      await life.proxy.down();
      await life.device.eval("W.openWindow(1)");
      await eventually(() => life.device.eval("!W.window()"));
      await life.until("window", () => life.proxy.up(), 12_000);
      expect(await life.accepts(CODE)).to.equal(false);
    });

    it("all who ask when it is about to end get the same fresh one, at once", async () => {
      await begin("bound");
      const last = await open("5");
      const link = await life.connect();
      const ids = Array.from({ length: 10 }, () => link.send(CMD_WINDOW));
      const answers = new Map<number, Node[]>();
      await life.until("window", async () => {
        for (let n = 0; n < ids.length; n++) {
          const { id, nodes } = (await link.receive(3000))!;
          answers.set(id, nodes);
        }
      });
      link.close();
      const fresh = await code();
      expect(fresh).to.not.equal(last);
      const codes = ids.map((id) => findBytes(answers.get(id)!, EXT_CODE) ?? "");
      expect(codes).to.deep.equal(Array<string>(10).fill(fresh));
      expect(await life.accepts(fresh)).to.equal(true);
    });

    for (const [how, end] of [
      ["closed", "W.closeWindow()"],
      ["replaced", "W.openWindow(60)"],
      ["over", "!W.window()"],
    ] as const) {
      it(`one that is ${how} is revoked by the next, which the cloud has never seen`, async () => {
        await begin("online");
        const seen = [await code(), await open(how === "over" ? "1" : "60")];
        const before = life.world.count("window");
        await eventually(() => life.device.eval(how === "over" ? end : `(${end},1)`));
        await eventually(() => life.world.count("window") > before);
        expect(life.world.seen()).not.to.include("stale");
        expect(await verdict(seen[1])).to.equal(5461);
        expect(seen).not.to.include(await code());
      });
    }

    it("one that was open is revoked by a reset and by a boot, at the next connection", async () => {
      await begin("online");
      const first = await code();
      await life.until("window", () => life.device.reboot());
      expect(await verdict(first)).to.equal(5461);
      const second = await open("60");
      await life.device.eval("W.reset()");
      await life.provision();
      expect(await verdict(second)).to.equal(5461);
      expect(await verdict(await code())).to.equal(200);
    });

    it("a new bindingSecret is reported after a power cut, which tells the cloud of the reset", async () => {
      await begin("bound");
      const old = await life.look();
      await life.device.eval("W.reset()");
      life.authKey = "";
      await life.device.reboot();
      const { bindingSecret, secretReported } = await life.look();
      expect([bindingSecret === old.bindingSecret, secretReported]).to.deep.equal([false, false]);
      await life.provision();
      await eventually(async () => (await life.look()).secretReported);
      expect((await life.look()).bindingSecret).to.equal(bindingSecret);
      expect(life.world.count("reset")).to.equal(1);
    });

    it("with autoRotate one follows the other, and one that an app has read stays until its end", async () => {
      await begin("online", 24, HASTE);
      let current = await open("24");
      const seen = [current];
      for (let windows = 0; windows < 2; windows++) {
        const read = (await life.readCode())!;
        expect(read.bindingCode).to.equal(current);
        const end = Date.now() + ((read.seconds - 1) * 1000) / HASTE;
        await eventually(async () => (await code()) !== current);
        expect(Date.now()).to.be.at.least(end);
        current = await eventually(code);
        expect(seen).not.to.include(current);
        seen.push(current);
        await eventually(() => life.accepts(current));
      }
    });

    it("with autoRotate there is none while it is bound, and one again when it is not", async () => {
      await begin("online", 24, HASTE);
      const spent = await code();
      expect(await verdict(spent)).to.equal(200);
      await life.reaches("bound");
      await pause(24_000 / HASTE);
      expect(await code()).to.equal("");
      const path = `/v2/binding/enduserapi/unbundlingDeviceDk?pk=${life.pk}&dk=${DK}`;
      expect((await life.call("DELETE", path, life.world.products.users[1].token)).code).to.equal(200);
      expect(await eventually(code)).not.to.equal(spent);
    });

    it("an app is given none that has less than 10 s left, but a new one", async () => {
      await begin("online");
      for (const [seconds, same] of [
        [60, true],
        [9, false],
      ] as const) {
        const old = await open(String(seconds));
        const before = life.world.count("window");
        const given = (await life.readCode())!;
        expect(given.seconds).to.be.at.least(10);
        expect(given.bindingCode === old, `${seconds} s`).to.equal(same);
        if (!same) await eventually(() => life.world.count("window") > before);
        expect(await life.accepts(given.bindingCode)).to.equal(true);
      }
    });

    it("an app is given one that the cloud does not know yet, and asks there until it does", async () => {
      await begin("bound", undefined, HASTE);
      await life.proxy.down();
      await life.device.eval("W.openWindow(600)");
      const { bindingCode } = (await life.readCode())!;
      expect(await verdict(bindingCode)).to.equal(5460);
      await life.until("window", () => life.proxy.up(), 12_000);
      expect(await verdict(bindingCode)).to.equal(200);
    });
  });
}
