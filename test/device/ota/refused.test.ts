/** Updates that a device does not take, or takes in the end: each by the code that its application is told. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { ERASED, HEADER, MARK, SECOND, TRIALS } from "../../../src/ota/slots.js";
import { application, updateFile } from "./files.js";
import { Rig, type RigOptions } from "./rig.js";
import { serveRange, startFileServer, type FileServer } from "./server.js";

const { UPDATE_ASKED, UPDATE_CONFIRMED, UPDATE_DONE, UPDATE_FAILED, UPDATE_INTERRUPTED } = protocol;
const { UPDATE_REFUSED } = protocol;

for (const name of ENGINES) {
  describe(`updates that are not taken (${name})`, function () {
    this.timeout(90_000);
    let rig: Rig;
    let server: FileServer | undefined;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      server?.stop();
      server = undefined;
      await rig.device.stop();
      expect(rig.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const start = async (options?: RigOptions): Promise<void> => {
      rig = await Rig.start(name, options);
      await rig.online();
    };
    const isOld = async (): Promise<void> => {
      expect(await rig.device.eval("appSlot")).to.equal("a");
      expect(await rig.device.eval('require("Storage").read("wb.s")||0')).to.equal(0);
    };

    for (const code of ["product", "http"]) {
      it(`nothing of a download goes on after its failure: ${code}`, async () => {
        await start({ haste: 60 });
        server = await startFileServer(updateFile("good", { product: "p2other" }));
        if (code === "http") server.answer = (_, response) => response.writeHead(404).end("no");
        await rig.push(server.url, server.file.length);
        expect(await rig.failure(60_000)).to.equal(code);
        await rig.reports(UPDATE_FAILED);
        const { length } = server.asked;
        // The time of all looks at a connection, and of the attempt that would follow.
        await pause(1000);
        expect([(await rig.states()).at(-1), server.asked.length]).to.deep.equal([UPDATE_FAILED, length]);
      });
    }

    it("an older version, or none: refused before anything is asked for", async () => {
      await start();
      for (const target of ["0.9.9", "", "1..2", "2.0.0x", "1.2.3.4.5", "1.0000000"]) {
        await rig.device.eval("(C.told=[],C.sent=[],0)");
        await rig.task(target);
        expect(await rig.failure(), target).to.equal("version");
        expect(await rig.states()).to.deep.equal([UPDATE_ASKED, UPDATE_REFUSED]);
      }
    });

    it("a version that is older than one that was good here", async () => {
      server = await startFileServer(updateFile());
      await start();
      await rig.push(server.url, server.file.length);
      await rig.boots("two");
      await rig.online();
      await rig.reports(UPDATE_DONE);
      await rig.task("1.9.9");
      expect(await rig.failure()).to.equal("version");
    });

    it("no key in the identity, no slots, an application that is busy or declines", async () => {
      await start({ keyed: false });
      await rig.task();
      expect(await rig.failure()).to.equal("key");
      await rig.device.stop();
      await start();
      const codes: [string, string][] = [
        [
          '(function(s){global.slh=s.read("WifiBindingSlh")+"";s.erase("WifiBindingSlh")})(require("Storage"))',
          "module",
        ],
        ['require("Storage").write("WifiBindingSlh",slh),global.slot=appSlot,delete global.appSlot', "slots"],
        ["global.appSlot=slot,O.busy(true)", "busy"],
        ["O.busy(false),O.on('task',function(t){C.task=t;if(C.no)t.decline()}),C.no=1", "declined"],
      ];
      for (const [code, expected] of codes) {
        await rig.device.eval(`(${code},C.told=[],C.sent=[],0)`);
        await rig.task();
        expect(await rig.failure()).to.equal(expected);
        expect(await rig.states()).to.deep.equal([UPDATE_ASKED, UPDATE_REFUSED]);
      }
      await rig.device.eval("(C.no=0,C.sent=[],0)");
      await rig.task("2.0.0", [[protocol.UPDATE_SOURCE, "1.0.0"], [protocol.UPDATE_BATTERY, 30]]); // prettier-ignore
      await rig.reports(UPDATE_CONFIRMED);
      const task = await rig.device.eval("[C.task.version,C.task.source,C.task.battery,C.task.space]");
      expect(task).to.deep.equal(["2.0.0", "1.0.0", 30, 0]);
    });

    it("what the session does not take is reported again: a refusal, and the end of an update", async () => {
      const publish = "publish:function(k,c,n,d){";
      await start({ haste: 60, app: application("one").replace(publish, `${publish}if(C.full)return 0;`) });
      await rig.device.eval("(C.full=1,0)");
      await rig.task("0.9.9");
      expect(await rig.failure()).to.equal("version");
      await rig.device.eval("(C.full=0,C.told=[],0)");
      await rig.reports(UPDATE_REFUSED);
      await rig.task();
      await rig.reports(UPDATE_CONFIRMED);
      await rig.device.eval("(C.full=1,0)");
      await rig.file("ftp://127.0.0.1/x", 20_000);
      expect(await rig.failure()).to.equal("url");
      await rig.device.eval("(C.full=0,0)");
      await rig.reports(UPDATE_FAILED);
      // The time of one more try.
      await pause(1500);
      expect(await rig.states()).to.deep.equal([UPDATE_REFUSED, UPDATE_ASKED, UPDATE_CONFIRMED, UPDATE_FAILED]);
      // It is over in flash too.
      await rig.device.eval("(C.sent=[],C.state({state:'connecting'}),C.state({state:'online'}),0)");
      await pause(200);
      expect(await rig.states()).to.deep.equal([]);
    });

    it("a file without a task, and one of another version", async () => {
      server = await startFileServer(updateFile());
      await start();
      await rig.file(server.url, server.file.length);
      await rig.task();
      await rig.reports(UPDATE_CONFIRMED);
      await rig.file(server.url, server.file.length, "3.0.0");
      await pause(200);
      expect(server.asked).to.deep.equal([]);
      expect(await rig.states()).to.deep.equal([UPDATE_ASKED, UPDATE_CONFIRMED]);
      expect(rig.device.lines.filter((line) => line.includes("WB ota refused")).length).to.equal(2);
    });

    it("a task without a file within 30 s, and a malformed address", async () => {
      await start({ haste: 60 });
      await rig.task();
      expect(await rig.failure()).to.equal("timeout");
      for (const url of [
        "",
        "ftp://127.0.0.1/x",
        "http://127.0.0.1",
        "http://user@host/x",
        "http://a b/x",
        "http://h:0/x",
        "http://h:65536/x",
        `http://h:${"1".repeat(99)}/x`,
      ]) {
        await rig.device.eval("(C.told=[],C.sent=[],0)");
        await rig.task();
        await rig.reports(UPDATE_CONFIRMED);
        await rig.file(url, 20_000);
        expect(await rig.failure(), url).to.equal("url");
      }
    });

    it("a Storage that is too full, before the first byte is written", async () => {
      await start();
      server = await startFileServer(updateFile());
      await rig.device.eval(
        '(function(s){var f=s.getStats().freeBytes-9000;s.write("big","x",0,f)})(require("Storage")),0',
      );
      const before = await rig.device.eval('require("Storage").getStats().freeBytes');
      await rig.push(server.url, server.file.length);
      expect(await rig.failure()).to.equal("space");
      expect(await rig.device.eval('require("Storage").getStats().freeBytes')).to.equal(before);
      expect(server.asked).to.deep.equal(["0-9979"]);
    });

    it("a Storage that never takes one place of the image: not for ever", async () => {
      await start({ haste: 60 });
      server = await startFileServer(updateFile());
      await rig.device.eval(
        '(function(s){var w=s.write.bind(s);s.write=function(f,b,o,z){b=f+o=="wb.b2048"?b.replace("0","1"):b;' +
          'return z===undefined?w(f,b,o):w(f,b,o,z)}})(require("Storage")),0',
      );
      await rig.push(server.url, server.file.length);
      expect(await rig.failure(60_000)).to.equal("storage");
      // One for manifest and signature, and the first that came that far.
      expect(server.asked).to.have.length(1 + 6);
    });

    it("a Storage that never takes one place of the next state file: the full one stays", async () => {
      const full = HEADER + (SECOND + ERASED.repeat(TRIALS) + MARK).repeat(50);
      await start({ haste: 20, files: { "wb.b": application("one"), "wb.s": full } });
      server = await startFileServer(updateFile());
      await rig.boots("one");
      await rig.device.eval(
        '(function(s){var w=s.write.bind(s);s.write=function(f,b,o,z){if(f+o!="wb.t1")' +
          'return z===undefined?w(f,b,o):w(f,b,o,z)}})(require("Storage")),0',
      );
      const before = rig.device.lines.length;
      await rig.push(server.url, server.file.length);
      await rig.boots("one", before);
      await rig.online();
      await rig.reports(UPDATE_FAILED);
      expect(await rig.device.eval('[appSlot,require("Storage").read("wb.s").length]')).to.deep.equal(["b", 251]);
      expect(await rig.failure()).to.equal("trial");
    });

    it("a file without the sums that the vendor's SDK needs", async () => {
      await start({ haste: 60 });
      for (const without of [protocol.UPDATE_MD5, protocol.UPDATE_CRC]) {
        await rig.device.eval("(C.told=[],C.sent=[],0)");
        await rig.task();
        await rig.reports(UPDATE_CONFIRMED);
        await rig.file("http://127.0.0.1:1/x", 20_000, "2.0.0", without);
        expect(await rig.failure()).to.equal("format");
        await pause(700); // until it would have been too late for a file
        expect((await rig.told("failed")).length).to.equal(1);
        expect((await rig.states()).slice(-1)).to.deep.equal([UPDATE_FAILED]);
      }
    });

    it("of a task with several components that of the module, and no task without one", async () => {
      await start();
      const of = (type: number, target: string): Node => [
        0,
        [
          [protocol.UPDATE_COMPONENT, `c${type}`],
          [protocol.UPDATE_TARGET, target],
          [protocol.UPDATE_TYPE, type],
        ],
      ];
      await rig.tasks([of(1, "9.0.0"), of(1, "8.0.0")]);
      expect(await rig.failure()).to.equal("component");
      await rig.device.eval("(C.told=[],C.sent=[],0)");
      await rig.tasks([of(1, "9.0.0"), of(0, "2.0.0"), of(0, "7.0.0")]);
      await rig.reports(UPDATE_CONFIRMED);
      const [, , nodes] = (await rig.sent()).at(-1)!;
      expect(nodes.at(-1)).to.deep.equal([protocol.UPDATE_COMPONENT, "c0"]);
      // None of it is a list of components.
      for (const list of ["text", 5, [[0, 5]], [[0, "text"]], []]) {
        await rig.device.eval("(C.told=[],C.sent=[],0)");
        await rig.tasks(list as Node[]);
        await pause(100);
      }
    });

    it("two tasks at once: the time of the first one is over when the second one is confirmed", async () => {
      await start({ haste: 20 });
      server = await startFileServer(updateFile());
      server.answer = () => {};
      await Promise.all([rig.task(), rig.task()]);
      await rig.reports(UPDATE_CONFIRMED);
      await rig.file(server.url, server.file.length);
      expect(await rig.failure(60_000)).to.equal("stalled");
      expect((await rig.states()).filter((state) => state === UPDATE_CONFIRMED).length).to.equal(1);
    });

    it("a task that comes again, or another one: only the last one counts", async () => {
      await start({ haste: 60 });
      await rig.device.eval("(C.later=[],O.on('task',function(t){C.later.push(t.version);t.later(20)}),0)");
      await rig.task();
      await rig.task("2.0.1");
      const asked = async (): Promise<string[]> => (await rig.device.eval("C.later")) as string[];
      const again = async (): Promise<boolean> => (await asked()).filter((version) => version === "2.0.1").length === 3;
      await eventually(again, 10_000);
      expect((await asked()).slice(-3)).to.deep.equal(["2.0.1", "2.0.1", "2.0.1"]);
      expect(await rig.told("failed")).to.deep.equal([]);
    });

    it("a device that stops while it updates goes on when it has started again", async () => {
      await start();
      server = await startFileServer(updateFile());
      server.answer = () => {};
      await rig.push(server.url, server.file.length);
      await eventually(() => server!.asked.length);
      await rig.device.eval('(W.stop(),C.told=[],C.sent=[],setTimeout(C.state,0,{state:"idle"}),0)');
      await pause(6000);
      expect(await rig.device.eval("[C.told,C.sent]")).to.deep.equal([[], []]);
      const before = server.asked.length;
      server.answer = undefined;
      await pause(500);
      expect(server.asked.length).to.equal(before).and.to.equal(1);
      await rig.device.eval('(W.start(),C.state({state:"online"}),0)');
      await rig.boots("two");
    });

    it("a second update while one is loaded", async () => {
      await start();
      server = await startFileServer(updateFile());
      server.answer = () => {};
      await rig.push(server.url, server.file.length);
      await eventually(() => server!.asked.length);
      await rig.task("3.0.0");
      await pause(200);
      expect((await rig.states()).filter((state) => state === UPDATE_ASKED).length).to.equal(1);
      expect(rig.device.lines.some((line) => line.includes("WB ota busy: 3.0.0"))).to.equal(true);
    });

    it("connections that break are taken up where they broke", async () => {
      await start({ haste: 20 });
      server = await startFileServer(updateFile());
      server.answer = (request, response, range) => {
        // A kilobyte more each time than is needed for the next piece.
        if (range[1] - range[0] <= 3000) return serveRange(server!.file, response, range);
        const end = range[0] ? range[0] + 3000 : range[1];
        response.writeHead(206, {
          "content-range": `bytes ${range[0]}-${range[1] - 1}/${server!.file.length}`,
          "content-length": range[1] - range[0],
        });
        response.write(server!.file.subarray(range[0], end), () => setTimeout(() => request.socket.destroy(), 50));
      };
      await rig.push(server.url, server.file.length);
      await rig.boots("two", 0, 60_000);
      const starts = server.asked.slice(1).map((range) => Number(range.split("-")[0]));
      expect(starts.map((start) => (start - starts[0]) / 2048)).to.deep.equal([0, 1, 2].slice(0, starts.length));
      expect(starts.length).to.be.at.least(2);
    });

    it("a server that knows no ranges, and writes its header in any letters", async () => {
      await start();
      server = await startFileServer(updateFile());
      server.answer = ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\nCONTENT-length:  ${server!.file.length}  \r\nConnection: close\r\n\r\n`);
        socket.end(server!.file);
      };
      await rig.push(server.url, server.file.length);
      await rig.boots("two");
    });

    it("an attempt that failed is reported, and another address is taken at once", async () => {
      await start();
      server = await startFileServer(updateFile());
      server.answer = (_, response) => response.writeHead(503).end();
      await rig.push(server.url, server.file.length);
      await rig.reports(UPDATE_INTERRUPTED);
      server.answer = undefined;
      await rig.file(server.url, server.file.length);
      await rig.boots("two");
    });

    it("an application that is busy when all is loaded boots later", async () => {
      await start({ app: application("one", 'O.on("progress",function(){O.busy(true)})') });
      server = await startFileServer(updateFile());
      await rig.push(server.url, server.file.length);
      await rig.reports(protocol.UPDATE_LOADED);
      await pause(1500);
      await isOld();
      await rig.device.eval("(O.busy(false),0)");
      await rig.boots("two");
    });
  });
}
