/**
 * A lamp of one's own, in every engine: cloud, `device --app examples/lamp.js` and `bind` as in the documents, then read,
 * write and watch; and an app that shares no code with this project.
 */
import { randomInt } from "node:crypto";
import { join } from "node:path";

import { expect } from "chai";

import { canRunClient, client } from "../../support/client.js";
import { ENGINES, hasEngine } from "../../unit/sim/emulator/harness.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

for (const engine of ENGINES) {
  describe(`command: a lamp in the engine ${engine}`, function () {
    this.timeout(60_000);
    const host = engine === "espruino" ? "127.0.0.1" : `127.71.${randomInt(256)}.${randomInt(1, 255)}`;
    const products = join(temporaryFolder(), "demo.json");
    const running: Run[] = [];
    let overCloud: string[];
    let overLan: string[];
    let authKey: string;

    const start = (...argv: string[]): Run => {
      const run = new Run(...argv);
      running.push(run);
      return run;
    };
    const values = async (...argv: string[]): Promise<Record<string, unknown>> => {
      const run = new Run(...argv, "--json");
      expect(await run.status, run.err.join()).to.equal(0);
      const told = run.events().filter(({ event }) => event === "value");
      return Object.fromEntries(told.map(({ name, value }) => [name, value]));
    };

    before(async function () {
      if (!hasEngine(engine)) return this.skip();
      const cloud = start("cloud", "--write-products", products, "--json");
      const { http, mqtt } = (await cloud.event("listening")) as { http: string; mqtt: string };
      const device = start(
        ...["device", "--engine", engine, "--host", host, "--cloud", mqtt, "--products", products],
        ...["--ap", "home:password", "--app", "examples/lamp.js", "--state", "none"],
      );
      await device.line((line) => line.includes(`(${engine})`));
      overCloud = ["--cloud", http, "--products", products];
      overLan = ["--device", host, ...overCloud];
      const network = ["--ssid", "home", "--password", "password"];
      const bind = new Run("bind", "--device", host, ...overCloud, ...network, "--show-auth-key");
      expect(await bind.status, bind.err.join()).to.equal(0);
      authKey = /authKey (\S+)/.exec(bind.out.join("\n"))![1];
    });
    after(async () => {
      for (const run of running.reverse()) await run.stop();
    });

    it("is read over the cloud, which asks it, and on the LAN", async () => {
      const dark = { switch: false, brightness: 100 };
      expect(await values("read", "--fresh", ...overCloud)).to.deep.equal(dark);
      expect(await values("read", ...overLan)).to.deep.equal(dark);
    });

    it("is written over the cloud and on the LAN, by name and by number, and reports each time", async () => {
      const first = await values("write", "switch=true", "brightness=40", "--wait", "5", ...overCloud);
      expect(first).to.deep.equal({ switch: true, brightness: 40 });
      expect(await values("write", "2=41", "--wait", "5", ...overLan)).to.include({ brightness: 41 });
      expect(await values("read", "brightness", ...overCloud)).to.deep.equal({ brightness: 41 });
    });

    it("is watched on both ways while its button is pressed", async () => {
      const watches = [overCloud, overLan].map((way) => start("watch", "switch", "--count", "1", "--json", ...way));
      await Promise.all(watches.map((watch) => watch.event("watching")));
      // The first look of the one over the cloud.
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(await new Run("press", "open", "--device", host).status).to.equal(0);
      for (const watch of watches) {
        expect(await watch.status, watch.err.join()).to.equal(0);
        expect(watch.events().at(-1)).to.include({ event: "value", name: "switch", value: false });
      }
    });

    it("is read, written and heard by an independent app on the LAN (python3 with cryptography)", async function () {
      if (!canRunClient) return this.skip();
      expect(await values("write", "switch=false", "brightness=7", "--wait", "5", ...overCloud)).to.have.keys(
        "switch",
        "brightness",
      );
      let press: Promise<number> | undefined;
      const login = ["login", "--host", host, "--auth-key", authKey];
      const { status, told, error } = await client([...login, "--read", "", "--stay", "2"], ({ event }) => {
        if (event === "read") press = new Run("press", "open", "--device", host).status;
      });
      expect(status, error).to.equal(0);
      expect(await press).to.equal(0);
      expect(told.find(({ event }) => event === "read")).to.deep.include({ values: { 1: false, 2: 7 } });
      // The last is what the button has done; before it the answer to the read comes as a report, too.
      const reports = told.filter(({ event }) => event === "report");
      expect(reports.at(-1)).to.deep.equal({ event: "report", id: 0, values: { 1: true, 2: 7 } });

      const written = await client([...login, "--write", '{"1":false,"2":55}', "--stay", "1"]);
      expect(written.told).to.deep.include({ event: "write", result: 0 });
      expect(written.told).to.deep.include({ event: "report", id: 0, values: { 1: false, 2: 55 } });
      expect(await values("read", ...overCloud)).to.deep.equal({ switch: false, brightness: 55 });
    });
  });
}
