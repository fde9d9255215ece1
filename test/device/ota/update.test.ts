/** A whole update by the module, in every engine: consent, ranges, trial, what is reported and by which numbers. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { application, updateFile } from "./files.js";
import { ERASED, HEADER, SECOND } from "../../../src/ota/slots.js";
import { Rig } from "./rig.js";
import { startFileServer, type FileServer } from "./server.js";

const { UPDATE_ASKED, UPDATE_DONE, UPDATE_FAILED, UPDATE_REFUSED, UPDATE_REQUESTED } = protocol;

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
      const state = HEADER + ERASED.repeat(99);
      rig = await Rig.start(name, { files: { "wb.b": application("two", "0"), "wb.s": state } });
      await rig.boots("one");
      const left = ["", UPDATE_REQUESTED, "app", "2.0.0", server.url, server.file.length, SECOND];
      const nodes = JSON.stringify(left.map((value) => [0, value]));
      await rig.device.eval(`(W.updates().task(${nodes}),require("Storage").write("wb.s","${SECOND}",1),0)`);
      await rig.device.reboot();
      await rig.boots("two");
      await rig.online();
      await rig.file(server.url, server.file.length);
      await eventually(() => rig.device.lines.some((line) => line.includes("WB ota refused")));
      expect(await rig.device.eval('require("Storage").read("wb.s").substr(1,5)')).to.equal(
        SECOND + "\0" + ERASED.repeat(3),
      );
      expect([await rig.states(), server.asked]).to.deep.equal([[], []]);
      await rig.device.eval("(appIsGood(),0)");
      await rig.reports(UPDATE_DONE);
    });
  });
}
