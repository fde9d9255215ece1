/** The virtual clock, alone and with devices. */

import { expect } from "chai";
import { createServer, type AddressInfo } from "node:net";

import { EmulatedDevice, VirtualClock } from "../../../../sim/emulator/index.js";

describe("the virtual clock", () => {
  it("fires alarms in the order of their time, then of their making", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.set(() => seen.push(`late ${clock.now()}`), 20);
    clock.set(() => seen.push("first"), 10);
    clock.set(() => seen.push("second"), 10);
    clock.clear(clock.set(() => seen.push("never"), 5));
    await clock.advance(10);
    expect(seen).to.deep.equal(["first", "second"]);
    await clock.advance(10);
    expect(seen).to.deep.equal(["first", "second", "late 20"]);
    expect(clock.now()).to.equal(20);
  });

  it("runs an hour of a device in no time", async () => {
    const clock = new VirtualClock();
    const bootcde = "let n = 0; setInterval(function () { n++; }, 60000);";
    const device = await EmulatedDevice.start({ storage: { ".bootcde": bootcde }, clock });
    const start = Date.now();
    await clock.advance(3600000);
    expect(await device.eval("[n, getTime()]")).to.deep.equal([60, 3600]);
    expect(Date.now() - start).to.be.below(1000);
    await device.stop();
  });

  it("stands still while sockets speak", async () => {
    const server = createServer((socket) => socket.on("data", (data) => socket.write(data)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const clock = new VirtualClock();
    const bootcde = `const seen = [];
      setTimeout(function () {
        const s = require("net").connect({ host: "127.0.0.1", port: ${(server.address() as AddressInfo).port} }, function () {
          s.write("ping");
        });
        s.on("data", function (d) { seen.push(d, getTime()); s.end(); });
      }, 1000);
      setTimeout(function () { seen.push("next"); }, 1001);`;
    const device = await EmulatedDevice.start({ storage: { ".bootcde": bootcde }, clock });
    await clock.advance(5000);
    expect(await device.eval("seen")).to.deep.equal(["ping", 1, "next"]);
    await device.stop();
    server.close();
  });

  it("goes on after a power cut that comes while sockets are being opened", async () => {
    const clock = new VirtualClock();
    const bootcde = `require("dgram").createSocket("udp4").bind(40123, function () {});`;
    const device = await EmulatedDevice.start({ host: "127.67.0.1", storage: { ".bootcde": bootcde }, clock });
    await device.reboot();
    await clock.advance(1000);
    // The second boot takes other microseconds than the first.
    expect(await device.eval("getTime() * 1000000")).to.equal(1000007);
    await device.stop();
  });

  it("is held once by whatever is released twice", async () => {
    const clock = new VirtualClock();
    const release = clock.hold();
    const other = clock.hold();
    release();
    release();
    let settled = false;
    void clock.settle().then(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(settled).to.equal(false);
    other();
    await clock.settle();
  });

  it("is shared by a hundred devices, each with its own address", async () => {
    const clock = new VirtualClock();
    const bootcde = `let ip = "";
      require("Wifi").connect("home", {}, function () { ip = require("Wifi").getIP().ip; });
      require("dgram").createSocket("udp4").bind(40123, function () {});`;
    const networks = [{ ssid: "home" }];
    const hosts = Array.from({ length: 100 }, (_, at) => `127.66.0.${at + 1}`);
    const start = (host: string) => EmulatedDevice.start({ host, storage: { ".bootcde": bootcde }, networks, clock });
    const devices = await Promise.all(hosts.map(start));
    await clock.advance(1000);
    expect(await Promise.all(devices.map((device) => device.eval("ip")))).to.deep.equal(hosts);
    expect(devices.flatMap((device) => device.uncaught)).to.deep.equal([]);
    await Promise.all(devices.map((device) => device.stop()));
  });
});
