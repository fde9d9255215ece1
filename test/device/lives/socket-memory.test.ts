/** A socket of the real interpreter whose listener ran out of memory: ended, it leaves nothing behind. */

import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { expect } from "chai";

import { InterpreterDevice } from "../../../sim/emulator/index.js";
import { bundle } from "../../support/bundle.js";
import { eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";

/** Bytes that come after Espruino has removed the listener. */
const LATE = 6000;
/** JsVars that Espruino makes at the first socket of all, and keeps; the bytes alone would take 500. */
const LEFT = 20;

/** `received` takes all memory at its first call, as the answers to a thousand questions would. */
const PROGRAM = `
import { espruino } from "./src/hal/espruino/index.js";
declare const global: Record<string, unknown>;
let link: { end(): void } | undefined;
let heard = 0;
let junk: unknown[] = [];
global.calls = () => heard;
global.dial = (port: number) => {
  heard = 0;
  link = espruino.connect("127.0.0.1", port, undefined, {
    received: () => {
      heard++;
      // Set up before: nothing can be when the memory is gone.
      setTimeout(() => { junk = []; }, 0);
      for (;;) junk.push([]);
    },
    closed() {},
    opened() {},
  }) as { end(): void };
};
global.giveUp = () => {
  link!.end();
  link = undefined;
};
`;

describe("a socket whose listener ran out of memory, on the real interpreter", function () {
  this.timeout(60_000);
  let device: InterpreterDevice;
  let server: Server;
  let peer: Socket | undefined;

  before(async function () {
    if (!hasEngine("espruino")) return this.skip();
    device = await InterpreterDevice.start({ storage: { ".bootcde": await bundle(PROGRAM) } });
    // The plain build has more memory than it says.
    if (Number(await device.eval("process.memory().blocksize")) > 14) this.skip();
    server = createServer((socket) => (peer = socket.on("error", () => {})));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  after(async () => {
    await device?.stop();
    peer?.destroy();
    server?.close();
  });

  const usage = async (): Promise<number> => (await device.eval("process.memory().usage")) as number;

  it("is closed by its end, and its bytes are gone", async () => {
    const before = await usage();
    await device.eval(`(dial(${(server.address() as AddressInfo).port}),0)`);
    const socket = await eventually(() => peer);
    let closed = false;
    socket.on("end", () => (closed = true)).resume();
    socket.write("x");
    await eventually(() => device.lines.some((line) => line.includes("removing it")), 20_000);
    socket.write("y".repeat(LATE));
    await pause(500);
    expect(await device.eval("calls()"), "the listener is removed").to.equal(1);
    expect(await usage()).to.be.above(before + LATE / 20);
    await device.eval("(giveUp(),0)");
    await eventually(() => closed);
    await pause(200);
    expect(await usage()).to.be.at.most(before + LEFT);
  });
});
