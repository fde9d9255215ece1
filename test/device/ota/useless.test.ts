/** Files and servers that never become an update: the device fails by a code, and goes on with what it has. */

import { expect } from "chai";

import { UPDATE_FAILED } from "../../../src/codec/commands.js";
import { ENGINES, eventually } from "../../unit/sim/emulator/harness.js";
import { together } from "./answers.js";
import { updateFile } from "./files.js";
import { Rig } from "./rig.js";
import { startFileServer, type Answer } from "./server.js";

/** An update with one bit changed. */
function damaged(at: (file: Buffer) => number): Buffer {
  const file = updateFile();
  file[at(file)] ^= 1;
  return file;
}

/** Files and servers that never become an update, and the code. */
const USELESS: [what: string, code: string, file: Buffer, answer?: Answer, announced?: number][] = [
  ["a signature with another bit", "signature", damaged(() => 2000)],
  ["a manifest with another bit", "signature", damaged(() => 60)],
  ["another product's image", "product", updateFile("good", { product: "p2other" })],
  ["another version than was announced", "version", updateFile("good", { version: "2.0.1" })],
  ["no update file at all", "format", Buffer.alloc(20_000, "<html>")],
  ["a format of another number", "format", damaged(() => 3)],
  ["a file that is cut short", "size", updateFile().subarray(0, 9_000), undefined, updateFile().length],
  ["a file that is longer than was announced", "size", Buffer.concat([updateFile(), Buffer.alloc(9)]), undefined, -9],
  ["a size that the manifest does not have", "size", Buffer.concat([updateFile(), Buffer.alloc(9)])],
  ["an image with another bit", "image", damaged((file) => file.length - 1)],
  ["a redirect", "http", updateFile(), (_, response) => response.writeHead(302, { location: "/other" }).end()],
  ["no such file", "http", updateFile(), (_, response) => response.writeHead(404).end("no")],
  ["a page in place of the file", "http", updateFile(), (_, r) => r.setHeader("content-type", "text/html").end("<p>")],
  ["chunks", "http", updateFile(), (_, response) => response.writeHead(200).write("part")],
  ["a header without an end", "http", updateFile(), ({ socket }) => socket.write("HTTP/1.1 " + "2".repeat(3000))],
  ["a server that hangs up", "connection", updateFile(), ({ socket }) => socket.destroy()],
  ["a server that says nothing", "stalled", updateFile(), () => {}],
  [
    "a server that stops in the middle",
    "stalled",
    updateFile(),
    (_, response, [from]) => {
      const total = updateFile().length;
      const range = `bytes ${from}-${total - 1}/${total}`;
      response.writeHead(206, { "content-range": range, "content-length": total - from }).write("WBU1");
    },
  ],
];

for (const name of ENGINES) {
  describe(`updates that cannot be used (${name})`, function () {
    this.timeout(90_000);
    const outcome = together(name, USELESS, async ([, , file, answer, announced = 0]) => {
      const rig = await Rig.start(name, { haste: 20 });
      await rig.online();
      const server = await startFileServer(file);
      server.answer = answer;
      return async () => {
        try {
          await rig.push(server.url, announced > 0 ? announced : file.length + announced);
          const code = await rig.failure(60_000);
          await eventually(async () => (await rig.states()).at(-1) === UPDATE_FAILED);
          const slot = await rig.device.eval("appSlot");
          const state = await rig.device.eval('require("Storage").read("wb.s")||0');
          return { code, slot, state, uncaught: rig.device.uncaught.slice(0, 5) };
        } finally {
          server.stop();
          await rig.device.stop();
        }
      };
    });

    for (const [at, [what, code]] of USELESS.entries()) {
      it(`${what}: ${code}`, async () => {
        expect(await outcome(at)).to.deep.equal({ code, slot: "a", state: 0, uncaught: [] });
      });
    }
  });
}
