/** Wrong usage: one line on standard error that says what to do, and the exit status. */
import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { listenersOn } from "../../../tools/command/listeners.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PS = "secret-of-product";
const MQTT = ["--cloud", "mqtt://127.0.0.1:1"];
const HTTP = ["--cloud", "http://127.0.0.1:1"];

describe("command: wrong usage", () => {
  const folder = temporaryFolder();
  const broken = join(folder, "broken.json");
  const { PATH, ESPRUINO } = process.env;
  before(() => writeFileSync(broken, "{"));
  afterEach(() => {
    process.env.PATH = PATH;
    if (ESPRUINO) process.env.ESPRUINO = ESPRUINO;
  });

  const cases: [name: string, argv: string[], status: number, says: RegExp][] = [
    ["an unknown command", ["bnd"], 2, /unknown command 'bnd'/],
    ["an unknown option", ["demo", "--fast"], 2, /unknown option '--fast'/],
    ["an unknown engine", ["demo", "--engine", "qemu"], 2, /Allowed choices are emulator, espruino/],
    ["a port that is none", ["cloud", "--http-port", "99999"], 2, /Give a port from 0/],
    ["a host that is not this machine", ["cloud", "--host", "192.0.2.1"], 2, /no address of this machine/],
    ["a host that is a name", ["cloud", "--host", "localhost"], 2, /IPv4 address of this machine/],
    ["a certificate without its key", ["cloud", "--tls-cert", broken], 2, /go together/],
    ["two certificates", ["cloud", "--tls-self", "--tls-cert", broken], 2, /either --tls-self/],
    ["a certificate that is none", ["cloud", "--tls-cert", broken, "--tls-key", broken], 2, /has no certificate/],
    ["hexadecimal that is none", ["decode", "AA", "0G"], 2, /"G" at position 5/],
    ["nothing to decode", ["decode", ""], 2, /no such file.*no hexadecimal digit/],
    [
      "a malformed authKey for decode",
      ["decode", "--auth-key", "short", "AA"],
      2,
      /^wifi-binding: --auth-key or WIFI_BINDING_AUTH_KEY: An authKey is 16 bytes in BASE64/,
    ],
    ["a malformed random", ["decode", "--random", "short", "AA"], 2, /16 printable characters/],
    ["no such products file", ["cloud", "--products", join(folder, "none.json")], 2, /none\.json/],
    ["a broken products file", ["cloud", "--products", broken], 2, /broken\.json/],
    ["a place for products that is taken", ["cloud", "--write-products", broken], 2, /exists: use it by --products/],
    [
      "a place for products that is none",
      ["cloud", "--write-products", join(folder, "a", "b")],
      2,
      /give another path/,
    ],
    ["a broker's options without a broker", ["cloud", "--broker-auth"], 2, /need --broker/],
    ["a broker's password in its URL", ["cloud", "--broker", `mqtt://me:${PS}@127.0.0.1`], 2, /--broker-password-file/],
    ["a password in an app's URL", ["bind", "--cloud", `http://me:${PS}@127.0.0.1`], 2, /has a user or a password/],
    ["a password in a device's URL", ["device", "--cloud", `mqtt://me:${PS}@127.0.0.1`], 2, /has a user or a password/],
    ["a cloud with a path", ["device", "--cloud", `mqtt://127.0.0.1/${PS}`], 2, /has a path/],
    ["a cloud with an IPv6 address", ["device", "--cloud", "mqtt://[::1]"], 2, /has an IPv6 address/],
    ["a prefix that no access point can have", ["identity", "--prefix", "x".repeat(36)], 2, /1-27 ASCII/],
    ["a prefix outside ASCII", ["identity", "write", "--port", "/x", "--prefix", "\u00e9"], 2, /1-27 ASCII/],
    ["a device without a cloud", ["device"], 2, /--cloud <url>' not specified/],
    ["a device without a product", ["device", ...MQTT], 2, /--products FILE/],
    ["a malformed PK", ["device", ...MQTT, "--pk", "p-1"], 2, /ProductKey has 1-32 letters and digits/],
    ["a malformed DK", ["device", ...MQTT, "--dk", "abc"], 2, /DeviceKey has 4-32 letters and digits/],
    ["a short PS", ["device", ...MQTT, "--ps", "short-secret"], 2, /ProductSecret has 16-32 characters/],
    ["a Wi-Fi password that is too short", ["device", ...MQTT, "--ap", "home:1234567"], 2, /8-63 bytes/],
    ["a network without a name", ["device", ...MQTT, "--ap", ":password"], 2, /SSID has 1-32 bytes/],
    ["a device's cloud that is no MQTT URL", ["device", "--cloud", "http://127.0.0.1"], 2, /mqtt:\/\/127/],
    ["a user name that no option can hold", ["device", ...MQTT, "--username", "\u65e5\u672c"], 2, /1-255 ASCII/],
    ["no user name", ["device", ...MQTT, "--username", ""], 2, /1-255 ASCII/],
    ["no bundle", ["device", ...MQTT, "--pk", "p1", "--ps", PS, "--firmware", "/none.js"], 2, /npm run build/],
    ["bind without a cloud", ["bind"], 2, /--cloud <url>' not specified/],
    ["an app's cloud that is no HTTP URL", ["bind", "--cloud", "mqtt://127.0.0.1"], 2, /http:\/\/127/],
    ["bind without a token", ["bind", ...HTTP], 2, /WIFI_BINDING_TOKEN/],
    [
      "a malformed bindingCode",
      ["bind", ...HTTP, "--token", "t", "--code", "0123456789abcdef"],
      2,
      /characters 0-9A-F/,
    ],
    ["an address that is none", ["discover", "--device", "esp32.local"], 2, /IPv4 address/],
    ["nobody who answers discovery", ["discover", "--device", "127.64.0.9", "--timeout", "1"], 1, /127\.64\.0\.9/],
  ];
  for (const [name, argv, status, says] of cases) {
    it(`refuses ${name}`, async () => {
      const run = new Run(...argv);
      expect(await run.status).to.equal(status);
      expect(run.err).to.have.length(1);
      expect(run.err[0])
        .to.match(says)
        .and.match(/^wifi-binding: [^\n]*$/);
      for (const secret of [PS, "short-secret", "1234567", "0123456789abcdef"])
        expect(run.err[0]).to.not.contain(secret);
      expect(run.out).to.deep.equal([]);
    });
  }

  it("says that espruino is not found", async () => {
    process.env.PATH = folder;
    delete process.env.ESPRUINO;
    const run = new Run("device", ...MQTT, "--engine", "espruino", "--pk", "p1", "--ps", PS);
    expect(await run.status).to.equal(2);
    expect(run.err[0]).to.match(/no `espruino` found/);
  });

  for (const [option, port] of [
    ["--http-port", 40871],
    ["--mqtt-port", 40872],
  ] as const) {
    it(`says that the port of ${option} is in use`, async () => {
      const other = createServer().listen(port, "127.64.0.1");
      await once(other, "listening");
      const run = new Run("cloud", "--host", "127.64.0.1", option, String(port));
      expect(await run.status).to.equal(1);
      expect(run.err.join()).to.match(new RegExp(`port ${port} of 127.64.0.1 is in use`));
      if (process.platform === "linux") expect(run.err.join()).to.contain(`by process ${process.pid} (`);
      other.close();
    });
  }

  it("says that a device's address is taken, and by which process", async () => {
    const other = createServer().listen(6607, "127.64.0.2");
    await once(other, "listening");
    const any = ["--host", "127.64.0.2", "--pk", "p1", "--ps", PS, "--firmware", broken];
    const run = new Run("device", ...MQTT, ...any);
    expect(await run.status).to.equal(1);
    expect(run.err[0]).to.match(/port 6607 of 127\.64\.0\.2 is in use/);
    expect(run.err[0]).to.contain(process.platform === "linux" ? `by process ${process.pid} (` : "by another device");
    other.close();
  });

  it("knows who listens on a port, on any address of this machine", async () => {
    const other = createServer().listen(40873, "127.64.0.3");
    await once(other, "listening");
    const found = listenersOn("tcp", 40873);
    expect(found.map(({ address, pid }) => [address, pid])).to.deep.equal([["127.64.0.3", process.pid]]);
    expect([listenersOn("udp", 40873), listenersOn("tcp", 40874)]).to.deep.equal([[], []]);
    other.close();
  });

  for (const command of ["", "demo", "cloud", "forget", "device", "press", "bind", "discover"]) {
    it(`helps with ${command || "itself"}, with examples`, async () => {
      const run = new Run(...(command ? [command] : []), "--help");
      expect(await run.status).to.equal(0);
      expect(run.out.join("\n"))
        .to.match(/Usage: wifi-binding/)
        .and.match(/Examples:\n {2}\S/);
      expect(run.err).to.deep.equal([]);
    });
  }
});
