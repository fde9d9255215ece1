/** A whole update by the module, in every engine: consent, ranges, trial, what is reported and by which numbers. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { application, imageOf, updateFile } from "./files.js";
import { ERASED, FIRST, HEADER, MARK, SECOND } from "../../../src/ota/slots.js";
import { Rig } from "./rig.js";
import { startFileServer, type FileServer } from "./server.js";

const { UPDATE_ASKED, UPDATE_CONFIRMED, UPDATE_DONE, UPDATE_FAILED, UPDATE_INSTALLING } = protocol;
const { UPDATE_REFUSED, UPDATE_REQUESTED } = protocol;

for (const name of ENGINES) {
  describe(`an update over the cloud (${name})`, function () {
    this.timeout(90_000);
    let rig: Rig;
    let server: FileServer;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      server.stop();
      await rig.device.stop();
      expect(rig.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("is asked for, confirmed, loaded, tried and reported", async () => {
      server = await startFileServer(updateFile());
      rig = await Rig.start(name);
      await rig.push(server.url, server.file.length);
      await rig.boots("two");
      await rig.online();
      await rig.reports(UPDATE_DONE);
      expect(await rig.told("done")).to.deep.equal([{ code: "", version: "2.0.0" }]);
      const [kind, cmd, nodes] = (await rig.sent()).at(-1)!;
      expect([kind, cmd, nodes]).to.deep.equal([
        "ota",
        protocol.CMD_UPDATE_STATE,
        [
          [13, 11],
          [14, "UPDATESUCCESS"],
          [7, 0],
          [4, "app"],
          [25, "2.0.0"],
        ],
      ]);
      expect(await rig.device.eval("W.updates().settings.firmware")).to.equal("2.0.0-app1");
      const head = server.file.length - Number(server.asked[1].split("-")[0]);
      expect(server.asked).to.deep.equal(["0-9979", `${server.file.length - head}-${server.file.length - 1}`]);
    });

    for (const image of ["good", "even"] as const) {
      it(`replaces a longer file of its slot that begins with its image (${image})`, async () => {
        server = await startFileServer(updateFile(image));
        rig = await Rig.start(name, { files: { "wb.b": imageOf(image) + 'print("app longer")\n' } });
        await rig.push(server.url, server.file.length);
        await rig.boots("two");
        await rig.online();
        await rig.reports(UPDATE_DONE);
        expect(await rig.device.eval('require("Storage").read("wb.b").length')).to.equal(imageOf(image).length);
        expect(server.asked).to.have.length(2);
      });
    }

    it("that is not good is taken back, and the cloud hears it", async () => {
      server = await startFileServer(updateFile("broken"));
      rig = await Rig.start(name);
      await rig.push(server.url, server.file.length);
      await rig.boots("broken");
      const before = rig.device.lines.length;
      for (let boots = 1; boots < 3; boots++) await rig.device.reboot();
      await rig.device.reboot();
      await rig.boots("one", before);
      await rig.online();
      await rig.reports(UPDATE_FAILED);
      expect(await rig.failure()).to.equal("trial");
      expect(await rig.device.eval("W.updates().settings.firmware")).to.equal("1.0.0-app1");
      // None is under way, and none was good.
      await eventually(async () => JSON.stringify(await rig.device.eval("W.updates().task()")) === '[[0,""],[0,0]]');
    });

    it("of an application that stops all timers, and the first by its id, is taken back as well", async () => {
      server = await startFileServer(updateFile());
      const idle = 'print("app idle");setInterval(function(){},100);clearTimeout();clearInterval();clearTimeout(1)';
      rig = await Rig.start(name, { haste: 60, files: { "wb.b": idle, "wb.s": HEADER + SECOND + ERASED.repeat(99) } });
      await rig.boots("one");
      const boots = rig.device.lines.map((line) => /app \w+/.exec(line)?.[0]).filter(Boolean);
      expect(boots).to.deep.equal(["app idle", "app idle", "app idle", "app one"]);
    });

    it("that a reboot has left at its offer is answered, not from the event: that is deep in the stack", async () => {
      server = await startFileServer(updateFile());
      rig = await Rig.start(name);
      await rig.boots("one");
      const left = ["", UPDATE_ASKED, "app", "2.0.0", "", 0, ""].map((value) => [0, value]);
      await rig.device.eval(`(W.updates().task(${JSON.stringify(left)}),0)`);
      await rig.device.reboot();
      expect(await rig.device.eval('(O.busy(true),C.state({state:"online"}),C.sent.length)')).to.equal(0);
      await rig.reports(UPDATE_REFUSED);
      expect([await rig.states(), await rig.failure()]).to.deep.equal([[UPDATE_REFUSED], "busy"]);
    });

    it("on trial, which a power cut has left without a note of it, is not begun again by its file", async () => {
      server = await startFileServer(updateFile());
      const image = imageOf("broken");
      const whole = updateFile("broken");
      const head = whole.toString("latin1", 0, whole.length - image.length);
      await cabled(image, FIRST, { "wb.mb": head });
      await leave(UPDATE_REQUESTED, SECOND);
      await nameAndBoot(SECOND, "broken");
      await rig.online();
      await rig.file(server.url, server.file.length);
      await eventually(() => rig.device.lines.some((line) => line.includes("WB ota refused")));
      expect(await marks(6)).to.equal(SECOND + MARK + ERASED.repeat(3));
      expect([await rig.states(), server.asked]).to.deep.equal([[], []]);
      await rig.device.eval("(appIsGood(),0)");
      await rig.reports(UPDATE_DONE);
    });

    for (const [state, letter] of [
      [UPDATE_REQUESTED, SECOND],
      [UPDATE_INSTALLING, SECOND],
      [UPDATE_REQUESTED, FIRST],
    ] as const) {
      it(`in state ${state} for ${letter}, when a cable brought another application into b: it has failed`, async () => {
        server = await startFileServer(updateFile());
        await cabled(application("cable", "0"));
        await leave(state, letter);
        const before = await file(FIRST);
        await nameAndBoot(SECOND, "cable");
        await rig.online();
        await rig.reports(UPDATE_FAILED);
        expect(await rig.failure()).to.equal("trial");
        await rig.device.eval("(appIsGood(),0)");
        await eventually(async () => JSON.stringify(await rig.device.eval("W.updates().task()")) === '[[0,""],[0,0]]');
        expect([await marks(6), await file(FIRST)]).to.deep.equal([SECOND + MARK + ERASED.repeat(2) + MARK, before]);
        // Once after each connection.
        expect([new Set(await rig.states()), server.asked]).to.deep.equal([new Set([UPDATE_FAILED]), []]);
      });
    }

    it("that was confirmed, when a cable brought another application: its trial is not ended, its file not taken", async () => {
      server = await startFileServer(updateFile());
      await cabled(application("cable", "0"));
      await leave(UPDATE_CONFIRMED, "");
      const before = await file(FIRST);
      await nameAndBoot(SECOND, "cable");
      // The cloud may send it before the subscription is acknowledged.
      await rig.file(server.url, server.file.length);
      await eventually(() => rig.device.lines.some((line) => line.includes("WB ota refused")));
      await rig.online();
      await rig.reports(UPDATE_FAILED);
      await rig.file(server.url, server.file.length);
      expect(await rig.failure()).to.equal("trial");
      expect([await marks(6), await file(FIRST)]).to.deep.equal([SECOND + MARK + ERASED.repeat(3), before]);
      expect([[...new Set(await rig.states())], server.asked]).to.deep.equal([[UPDATE_FAILED], []]);
    });

    /** A device whose first application runs, with another one that a cable has written into b. */
    async function cabled(image: string, from = FIRST, files: Record<string, string> = {}): Promise<void> {
      const state = HEADER + from + ERASED.repeat(3) + MARK + ERASED.repeat(95);
      rig = await Rig.start(name, { files: { "wb.b": image, "wb.s": state, ...files } });
      await rig.boots("one");
    }

    /** The task as flash holds it. */
    async function leave(state: number, letter: string): Promise<void> {
      const left = ["", state, "app", "2.0.0", server.url, server.file.length, letter];
      const nodes = JSON.stringify(left.map((value) => [0, value]));
      await rig.device.eval(`(W.updates().task(${nodes}),0)`);
    }

    async function nameAndBoot(letter: string, app: string): Promise<void> {
      await rig.device.eval(`(require("Storage").write("wb.s","${letter}",6),0)`);
      await rig.device.reboot();
      await rig.boots(app);
    }

    async function marks(at: number): Promise<unknown> {
      return rig.device.eval(`require("Storage").read("wb.s").substr(${at},5)`);
    }

    async function file(letter: string): Promise<unknown> {
      return rig.device.eval(`E.CRC32(require("Storage").read("wb.${letter}"))`);
    }
  });
}
