/** Sockets of a device, in both engines where they are alike. */

import { expect } from "chai";
import { createSocket } from "node:dgram";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

import type { Device } from "../../../../sim/emulator/index.js";
import { boot, ENGINES, eventually, hasEngine } from "./harness.js";

/** A server of the host on a free port. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port that nobody uses now. */
async function freePort(): Promise<number> {
  const { server, port } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Device code that connects, notes all events in `seen`, and does `then` when connected. */
const client = (port: number, then: string): string => `const seen = [];
  const s = require("net").connect({ host: "127.0.0.1", port: ${port} }, function (s) { seen.push("connect"); ${then} });
  s.on("data", function (d) { seen.push(d.length); });
  s.on("error", function (e) { seen.push("error", e.code, e.message); });
  s.on("end", function () { seen.push("end"); });
  s.on("close", function (e) { seen.push("close", e); });`;

const closed = (device: Device) => eventually(() => device.eval('seen.indexOf("close") >= 0'));

for (const name of ENGINES) {
  describe(`sockets of a device (${name})`, () => {
    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    it("receive at most 536 bytes at a time, in order", async () => {
      const { server, port } = await listen((socket) => socket.end(Buffer.alloc(2000, "x")));
      const device = await boot(name, client(port, ""));
      await closed(device);
      const sizes = ((await device.eval("seen")) as unknown[]).filter((one) => typeof one === "number");
      expect(sizes.reduce((sum, one) => sum + one, 0)).to.equal(2000);
      expect(Math.max(...sizes)).to.be.at.most(536);
      await device.stop();
      server.close();
    });

    it("turn everything but strings into text", async () => {
      let got = "";
      const { server, port } = await listen((socket) => socket.on("data", (data) => (got += data.toString("latin1"))));
      const device = await boot(name, client(port, 's.write(new Uint8Array([1, 2, 255])); s.write("\\xff\\x00");'));
      await eventually(() => got.length >= 9);
      expect(got).to.equal("1,2,255\xff\x00");
      await device.stop();
      server.close();
    });

    it("write returns false, 'drain' comes when all is sent, and after end a write throws", async () => {
      const { server, port } = await listen((socket) => socket.resume());
      const then = `s.on("drain", function () { seen.push("drain"); });
        seen.push(s.write("x"));
        setTimeout(function () { s.end(); try { s.write("y"); } catch (e) { seen.push(String(e)); } }, 50);`;
      const device = await boot(name, client(port, then));
      await closed(device);
      const seen = (await device.eval("seen")) as unknown[];
      expect(seen.slice(0, 2)).to.deep.equal(["connect", false]);
      expect(seen.slice(2)).to.include("drain");
      expect(seen.slice(-4)).to.deep.equal(["Error: This socket is closed", "end", "close", false]);
      await device.stop();
      server.close();
    });

    it("end sends what was written before", async () => {
      let got = 0;
      const { server, port } = await listen((socket) => socket.on("data", (data) => (got += data.length)));
      const device = await boot(name, client(port, 's.write("0123456789".repeat(300)); s.end();'));
      await closed(device);
      await eventually(() => got === 3000);
      await device.stop();
      server.close();
    });

    it("close at once when the peer has ended, and tell when that has cost data", async () => {
      const { server, port } = await listen((socket) => socket.once("data", () => socket.end()).resume());
      const device = await boot(
        name,
        client(
          port,
          `setInterval(function () { if (s) s.write("0123456789".repeat(500)); }, 1);
          s.on("end", function () { s = undefined; });`,
        ),
      );
      await closed(device);
      const seen = (await device.eval("seen")) as unknown[];
      expect(seen).to.deep.equal(["connect", "error", -8, "unsent data", "end", "close", true]);
      await device.stop();
      server.close();
    });

    it("a server answers several clients", async () => {
      const port = await freePort();
      const device = await boot(
        name,
        `require("net").createServer(function (c) {
          c.on("data", function (d) { c.write("<" + d + ">"); });
          c.on("close", function () {});
        }).listen(${port});`,
      );
      const answers = await Promise.all(
        ["a", "b", "c"].map(
          (text) =>
            new Promise<string>((resolve) => {
              const socket = connect(port, "127.0.0.1", () => socket.write(text));
              socket.once("data", (data) => {
                resolve(data.toString());
                socket.destroy();
              });
            }),
        ),
      );
      expect(answers).to.deep.equal(["<a>", "<b>", "<c>"]);
      expect(device.uncaught).to.deep.equal([]);
      await device.stop();
    });

    it("datagrams come with their sender, and are cut at 528 bytes", async () => {
      const port = await freePort();
      const device = await boot(
        name,
        `const u = require("dgram").createSocket("udp4");
        u.bind(${port}, function () {});
        u.on("message", function (m, f) { u.send(m.length + " " + f.size + " " + f.address, f.port, f.address); });`,
      );
      const socket = createSocket("udp4");
      const answers: string[] = [];
      socket.on("message", (data) => answers.push(data.toString()));
      socket.send(Buffer.alloc(528), port, "127.0.0.1");
      await eventually(() => answers.length === 1);
      socket.send(Buffer.alloc(600), port, "127.0.0.1");
      await eventually(() => answers.length === 2);
      expect(answers).to.deep.equal(["528 528 127.0.0.1", "528 528 127.0.0.1"]);
      socket.close();
      await device.stop();
    });

    it("datagrams of no length close a bound socket, which says so twice", async () => {
      const port = await freePort();
      const device = await boot(
        name,
        `let closes = 0;
        const u = require("dgram").createSocket("udp4");
        u.bind(${port}, function () {});
        u.on("message", function () {});
        u.on("error", function () {});
        u.on("close", function () { closes++; });`,
      );
      const socket = createSocket("udp4");
      await eventually(async () => {
        socket.send(Buffer.alloc(0), port, "127.0.0.1");
        return device.eval("closes == 2");
      });
      socket.close();
      await device.stop();
    });
  });
}

describe("sockets of the emulator", () => {
  const HOST = "127.77.0.5";

  it("belong to the device's address", async () => {
    const port = await freePort();
    let from = "";
    const { server, port: hostPort } = await listen((socket) => (from = socket.remoteAddress!));
    const code = `${client(hostPort, "")} require("net").createServer(function (c) { c.on("data", print); }).listen(${port});`;
    const device = await boot("emulator", code, { host: HOST });
    await eventually(() => from);
    expect(from).to.equal(HOST);
    const refused = await new Promise((resolve) => connect(port, "127.0.0.1").once("error", resolve));
    expect(refused).to.have.property("code", "ECONNREFUSED");
    await device.stop();
    server.close();
  });

  it("refuse loudly a 'data' handler that comes late", async () => {
    const { server, port } = await listen((socket) => socket.write("early"));
    const code = `require("net").connect({ host: "127.0.0.1", port: ${port} }, function (s) {
      setTimeout(function () { s.on("data", function () {}); }, 10);
    });`;
    const device = await boot("emulator", code);
    await eventually(() => device.uncaught.length);
    expect(device.uncaught[0]).to.match(/'data' handler attached after the connection callback/);
    await device.stop();
    server.close();
  });

  it("refuse loudly a datagram that is no string", async () => {
    const code = 'require("dgram").createSocket("udp4").send(new Uint8Array(3), 9, "127.0.0.1");';
    const device = await boot("emulator", code);
    expect(device.uncaught[0]).to.match(/dgram\.send of something that is no string/);
    await device.stop();
  });

  it("are ten", async () => {
    const { server, port } = await listen(() => {});
    const code = `let open = 0, error = "";
      try {
        for (let i = 0; i < 20; i++) {
          require("net").connect({ host: "127.0.0.1", port: ${port} }, function () {}).on("data", print);
          open++;
        }
      } catch (e) { error = String(e); }`;
    const device = await boot("emulator", code);
    expect(await device.eval("[open, error]")).to.deep.equal([10, "InternalError: Unable to create socket"]);
    await device.stop();
    server.close();
  });

  it("reach nothing beyond loopback", async () => {
    const code = `let error = ""; try { require("net").connect({ host: "192.0.2.1", port: 80 }, function () {}); } catch (e) { error = String(e); }`;
    const device = await boot("emulator", code);
    expect(await device.eval("error")).to.equal("InternalError: Unable to locate host");
    await device.stop();
  });

  it("cannot listen where somebody else does", async () => {
    const { server, port } = await listen(() => {});
    const device = await boot("emulator", `require("net").createServer(function () {}).listen(${port});`);
    expect(device.uncaught).to.deep.equal(["Uncaught InternalError: Unable to create socket"]);
    await device.stop();
    server.close();
  });
});
