/** A lamp of one's own: cloud, `device --app examples/lamp.js` and `bind` as in the documents, then read, write and watch. */
import { randomInt } from "node:crypto";
import { join } from "node:path";

import { expect } from "chai";

import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const HOST = `127.71.${randomInt(256)}.${randomInt(1, 255)}`;

describe("command: a lamp", function () {
  this.timeout(60_000);
  const products = join(temporaryFolder(), "demo.json");
  const running: Run[] = [];
  let overCloud: string[];
  let overLan: string[];

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

  before(async () => {
    const cloud = start("cloud", "--write-products", products, "--json");
    const { http, mqtt } = (await cloud.event("listening")) as { http: string; mqtt: string };
    const device = start(
      ...["device", "--host", HOST, "--cloud", mqtt, "--products", products, "--ap", "home:password"],
      ...["--app", "examples/lamp.js", "--state", "none"],
    );
    await device.line((line) => line.includes("(emulator)"));
    overCloud = ["--cloud", http, "--products", products];
    overLan = ["--device", HOST, ...overCloud];
    const bind = new Run("bind", "--device", HOST, ...overCloud, "--ssid", "home", "--password", "password");
    expect(await bind.status, bind.err.join()).to.equal(0);
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
    expect(await new Run("press", "open", "--device", HOST).status).to.equal(0);
    for (const watch of watches) {
      expect(await watch.status, watch.err.join()).to.equal(0);
      expect(watch.events().at(-1)).to.include({ event: "value", name: "switch", value: false });
    }
  });
});
