/** Modules and globals of the emulator that have no test of their own elsewhere. */

import { expect } from "chai";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";

import { CERTIFICATE, KEY } from "./certificate.js";
import { boot, eventually, valueOf } from "./harness.js";

describe("modules of the emulator", () => {
  it("tls: encrypts, and verifies nothing, as Espruino", async () => {
    const server = createServer({ key: KEY, cert: CERTIFICATE }, (socket) =>
      socket.on("data", (data) => socket.write(data)),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = (server.address() as AddressInfo).port;
    const code = `let got = "";
      const s = require("tls").connect({ host: "127.0.0.1", port: ${port} }, function () { s.write("secret"); });
      s.on("data", function (d) { got += d; s.end(); });`;
    const device = await boot("emulator", code);
    await eventually(async () => (await device.eval("got")) === "secret");
    expect(device.uncaught).to.deep.equal([]);
    await device.stop();
    server.close();
  });

  it("process: an ESP32 with Espruino 2v29", async () => {
    const env = (await valueOf("", "process.env")) as Record<string, string>;
    expect(env).to.include({ VERSION: "2v29", BOARD: "ESP32" });
    expect(env.MODULES.split(",")).to.include.members(["net", "dgram", "tls", "crypto", "Wifi", "TelnetServer"]);
    expect(await valueOf("", "process.memory().blocksize")).to.equal(14);
  });

  it("process: each device has a serial number of its own", async () => {
    const one = await valueOf("", "process.env.SERIAL", { host: "127.0.0.2" });
    expect(await valueOf("", "process.env.SERIAL", { host: "127.0.0.3" })).to.not.equal(one);
  });

  it("TelnetServer, E and timer: can be set up", async () => {
    const code = `require("TelnetServer").setOptions({ mode: "off" });
      E.enableWatchdog(10, false); E.kickWatchdog(); E.setPassword("x"); E.lockConsole(); E.srand(1);
      const flags = E.getErrorFlags(), size = E.getSizeOf("0123456789");`;
    expect(await valueOf(code, "[flags, size > 1, require('timer').list()]")).to.deep.equal([[], true, []]);
  });

  it("require: a module that is not there throws", async () => {
    const device = await boot("emulator", "");
    const message = await device.eval("require('nowhere')").then(String, (error: Error) => error.message);
    expect(message).to.equal('Error: Module "nowhere" not found');
    await device.stop();
  });

  it("Modules: names what is there, takes objects, forgets", async () => {
    const code = 'Modules.addCached("mine", { a: 1 }); const got = require("mine").a; Modules.removeCached("mine");';
    const names = "[got, Modules.getCached().indexOf('mine'), Modules.getCached().indexOf('net') >= 0]";
    const device = await boot("emulator", code, { storage: { mine: "exports.a = 2;" } });
    expect(await device.eval(names)).to.deep.equal([1, -1, false]);
    expect(await device.eval("require('mine').a")).to.equal(2);
    await device.stop();
  });

  it("print: values as Espruino shows them", async () => {
    const code = `print({ a: "x", b: [1, "two"] }, new Uint8Array([1, 2]), E.toArrayBuffer("a"), [], {}, new Error("e"));
      print(1e15, -0, 0.1, 1 / 0, NaN);`;
    const device = await boot("emulator", code);
    expect(device.lines.join("\n")).to.equal(
      '{ \n  "a": "x", \n  "b": [ 1, "two" ]\n } new Uint8Array([1, 2]) new Uint8Array([97]).buffer [  ] {  } Error: e\n' +
        "1000000000000000 0 0.1 Infinity NaN",
    );
    await device.stop();
  });
});
