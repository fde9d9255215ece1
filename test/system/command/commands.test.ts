/** The commands at work: cloud, device and bind as three runs, and the demo. */
import { expect } from "chai";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LanSession } from "../../../sim/app/index.js";
import { findEspruino } from "../../../sim/emulator/index.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PASSWORD = "correct:horse";
const AP = "home:correct\\:horse";

describe("command: at work", () => {
  const folder = temporaryFolder();

  it("cloud keeps the demo product's secrets in a private file and removes it at the end", async () => {
    const cloud = new Run("cloud");
    const { products } = (await cloud.event("listening")) as { products: string };
    const { ps } = JSON.parse(readFileSync(products, "utf8")).products[0];
    expect(cloud.out[0]).to.match(/^\{"event":"listening","http":"http:\/\/127\.0\.0\.1:\d+","mqtt":"mqtt:/);
    expect(cloud.out.join("\n")).to.contain("wifi-binding device").and.contain("wifi-binding bind").and.not.contain(ps);
    expect(statSync(products).mode & 0o777).to.equal(0o600);
    expect(await cloud.stop()).to.equal(0);
    expect(existsSync(products)).to.equal(false);
  });

  for (const json of [false, true]) {
    it(`cloud, device and bind work together${json ? " in JSON" : ""}, and nothing secret is printed`, async () => {
      const file = join(folder, `products-${json}.json`);
      const flags = json ? ["--json"] : [];
      const cloud = new Run("cloud", "--write-products", file, ...flags);
      const { http, mqtt } = (await cloud.event("listening")) as Record<string, string>;
      const host = json ? "127.65.0.1" : "127.65.0.2";
      const place = ["--products", file, "--host", host, "--dk", "860000000000001"];
      const device = new Run("device", ...place, "--cloud", mqtt, "--ap", AP, ...flags);
      await device.line((line) => line.includes("860000000000001"));
      const call = ["--device", host, "--cloud", http, "--products", file, "--ssid", "home"];
      const bind = new Run("bind", ...call, "--password", PASSWORD, ...flags);
      expect(await bind.status, bind.err.join()).to.equal(0);
      const again = new Run("bind", "--device", host, "--cloud", http, "--token", "stranger", "--code", "0".repeat(16));
      expect(await again.status).to.equal(1);
      expect(again.err).to.have.length(1);
      expect(again.err[0]).to.contain("5032");
      expect(await device.stop()).to.equal(0);
      expect(await cloud.stop()).to.equal(0);
      if (json) {
        expect(bind.events().at(-1)).to.include({ event: "answer", code: 200, dk: "860000000000001" });
        expect(device.events().filter((event) => event.event === "state")).to.deep.include({
          event: "state",
          state: "online",
        });
        expect([...cloud.events(), ...device.events()].every((event) => typeof event.event === "string")).to.equal(
          true,
        );
      }
      const { products, users } = JSON.parse(readFileSync(file, "utf8"));
      const printed = [cloud, device, bind, again].flatMap((run) => [...run.out, ...run.err]).join("\n");
      for (const secret of [PASSWORD, products[0].ps, users[0].token]) expect(printed).to.not.contain(secret);
      expect(printed).to.not.match(/authKey|bindingCode=|\b[0-9A-F]{16}\b/);
    });
  }

  it("cloud --data goes on with its product and its state, and one cloud at a time", async () => {
    const data = join(folder, "kept");
    const first = new Run("cloud", "--data", data);
    const { products, mqtt } = (await first.event("listening")) as Record<string, string>;
    const host = "127.65.0.9";
    const place = ["--products", products, "--host", host, "--dk", "860000000000009"];
    const device = new Run("device", ...place, "--cloud", mqtt, "--ap", AP);
    await device.line((line) => line.includes("860000000000009"));
    const bind = async (http: string): Promise<string> => {
      const call = ["--device", host, "--cloud", http, "--products", products, "--ssid", "home"];
      const run = new Run("bind", ...call, "--password", PASSWORD, "--json");
      await run.status;
      return [...run.out, ...run.err].at(-1)!;
    };
    const { http } = (await first.event("listening")) as Record<string, string>;
    expect(await bind(http)).to.contain('"code":200');
    const second = new Run("cloud", "--data", data);
    expect([await second.status, second.err[0]]).to.deep.equal([2, second.err[0]]);
    expect(second.err[0]).to.contain("in use by another cloud");
    await first.stop();
    const next = new Run("cloud", "--data", data);
    const listening = (await next.event("listening")) as Record<string, string>;
    expect(listening.products).to.equal(products);
    const { users } = JSON.parse(readFileSync(products, "utf8"));
    const list = await fetch(`${listening.http}/v2/binding/enduserapi/userDeviceList`, {
      headers: { authorization: users[0].token },
    });
    expect(((await list.json()) as { data: { total: number } }).data.total).to.equal(1);
    await next.stop();
    await device.stop();
  });

  it("bind says what to check when the password is wrong, which the device itself does not tell", async () => {
    const file = join(folder, "products-wrong.json");
    const cloud = new Run("cloud", "--write-products", file);
    const { http, mqtt } = (await cloud.event("listening")) as Record<string, string>;
    const place = ["--products", file, "--host", "127.65.0.3"];
    const device = new Run("device", ...place, "--cloud", mqtt, "--ap", AP, "--json");
    await device.event("started");
    const call = ["--device", "127.65.0.3", "--cloud", http, "--products", file, "--ssid", "home"];
    const bind = new Run("bind", ...call, "--password", "wrong horse", "--timeout", "3");
    expect(await bind.status).to.equal(1);
    expect(bind.err).to.have.length(1);
    expect(bind.err[0]).to.contain("5460").and.contain("check the Wi-Fi password").and.not.contain("horse");
    await device.stop();
    await cloud.stop();
  });

  it("bind gives the authKey when it is asked for by name", async () => {
    const file = join(folder, "products-key.json");
    const cloud = new Run("cloud", "--write-products", file);
    const { http, mqtt } = (await cloud.event("listening")) as Record<string, string>;
    const place = ["--products", file, "--host", "127.65.0.4"];
    const device = new Run("device", ...place, "--cloud", mqtt, "--ap", "open", "--json");
    await device.event("started");
    const call = ["--device", "127.65.0.4", "--cloud", http, "--products", file, "--ssid", "open"];
    const bind = new Run("bind", ...call, "--json", "--show-auth-key");
    expect(await bind.status, bind.err.join()).to.equal(0);
    const { authKey } = bind.events().at(-1) as { authKey: string };
    expect(Buffer.from(authKey, "base64")).to.have.length(16);
    const session = await LanSession.open("127.65.0.4", authKey);
    expect(await session.ping()).to.equal(true);
    session.close();
    await device.stop();
    await cloud.stop();
  });

  it("a device that is started again with the same options is the same device: bound, with its network", async () => {
    const file = join(folder, "products-again.json");
    const cloud = new Run("cloud", "--write-products", file);
    const { http, mqtt } = (await cloud.event("listening")) as Record<string, string>;
    const place = ["--products", file, "--host", "127.65.0.5", "--dk", "860000000000005"];
    const start = async (...more: string[]): Promise<Run> => {
      const run = new Run("device", ...place, "--cloud", mqtt, "--ap", "open", "--json", ...more);
      await run.event("started");
      return run;
    };
    const call = ["--device", "127.65.0.5", "--cloud", http, "--products", file, "--ssid", "open"];
    const first = await start();
    expect(await new Run("bind", ...call, "--json").status).to.equal(0);
    await first.stop();
    const second = await start();
    await second.line((line) => line.includes('"state":"bound"'));
    await second.stop();
    const flash = join(folder, "products-again.860000000000005.flash");
    expect(statSync(flash).mode & 0o777).to.equal(0o600);
    // Without its flash it is a device that was reset, and can be bound again.
    const third = await start("--state", "none");
    const again = new Run("bind", ...call, "--json");
    expect(await again.status, again.err.join()).to.equal(0);
    expect(again.events().at(-1)).to.include({ event: "answer", code: 200 });
    await third.stop();
    await cloud.stop();
  });

  for (const engine of ["emulator", "espruino"]) {
    it(`demo binds in the ${engine} and ends with the figure`, async function () {
      if (engine === "espruino" && !findEspruino()) this.skip();
      const demo = new Run("demo", "--engine", engine, "--json");
      expect(await demo.status, demo.err.join()).to.equal(0);
      expect(demo.events().at(-1)).to.include({ event: "bound", code: 200, engine });
      expect(demo.events().at(-1)!.ms).to.be.a("number");
      expect(demo.out.join()).to.not.match(/authKey|password|token|\b[0-9A-F]{16}\b/i);
    });

    it(`demo --data reads, writes and hears a lamp over the cloud and on the LAN in the ${engine}`, async function () {
      if (engine === "espruino" && !findEspruino()) this.skip();
      this.timeout(30_000);
      const demo = new Run("demo", "--data", "--engine", engine, "--json");
      expect(await demo.status, demo.err.join()).to.equal(0);
      const data = demo.events().filter(({ over }) => over !== undefined);
      expect(data.map(({ event, over }) => `${String(event)} ${String(over)}`)).to.deep.equal([
        ...["read cloud", "written cloud", "reported cloud", "written lan", "reported cloud"],
      ]);
      const last = data.at(-1)!.values as { name: string; value: unknown }[];
      expect(last.map(({ name, value }) => [name, value])).to.deep.equal([["switch", true], ["brightness", 40]]); // prettier-ignore
      expect(demo.events().at(-1)).to.include({ event: "bound", code: 200, engine });
    });
  }

  it("demo shows people a timeline", async () => {
    const demo = new Run("demo");
    expect(await demo.status, demo.err.join()).to.equal(0);
    expect(demo.out.slice(0, -1).every((line) => line.startsWith("✔"))).to.equal(true);
    expect(demo.out.at(-1)).to.match(/^bound, all in \d/);
  });

  it("demo stops and cleans up when it is interrupted", async () => {
    const demo = new Run("demo", "--json");
    await demo.event("device");
    expect(await demo.stop()).to.equal(130);
    expect(demo.err).to.deep.equal([]);
  });
});
