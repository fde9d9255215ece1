/**
 * What the owner of a product does: `update push` brings a new firmware to a running device of every engine, which goes on
 * answering the LAN. Cloud, device and command are processes of the bundle that people install.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";

import { discover, LanSession } from "../../../sim/app/index.js";
import type { Products } from "../../../sim/cloud/index.js";
import { packageFile } from "../../../tools/command/package.js";
import { watch } from "../../support/secrets.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

const NETWORK = { ssid: "home", password: "correct horse" };
/** Milliseconds in which an app at home has its answer while the device updates. */
const PATIENCE = 3000;
/** That ask at the same time: the emulator is through with an update in a tenth of a second. */
const APPS = 3;

interface Line {
  event: string;
  [key: string]: unknown;
}

/** A process of the command, and what it has printed. */
class Process {
  readonly lines: Line[] = [];
  readonly errors: string[] = [];
  readonly status: Promise<number>;

  constructor(
    readonly child: ChildProcess,
    name: string,
  ) {
    createInterface(child.stdout!).on("line", (line) => {
      watch.said(name, line);
      this.lines.push(JSON.parse(line) as Line);
    });
    createInterface(child.stderr!).on("line", (line) => {
      watch.said(name, line);
      this.errors.push(line);
    });
    this.status = once(child, "exit").then(([status]) => Number(status));
  }

  event(name: string, milliseconds = 60_000): Promise<Line> {
    return eventually(() => this.lines.find(({ event }) => event === name), milliseconds);
  }
}

/** Asks the device over UDP and logs in over TCP, again and again. @returns the milliseconds that each round took */
async function askOnTheLan(host: string, authKey: string, until: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!until()) {
    const start = performance.now();
    try {
      const [found] = await discover({ addresses: [host], count: 1, timeout: PATIENCE });
      if (!found) throw new Error("it does not answer 7030");
      (await LanSession.open(host, authKey)).close();
      times.push(performance.now() - start);
    } catch (error) {
      // Its console is behind its sockets: it reboots for the new version.
      await pause(1000);
      if (!until()) throw error;
    }
  }
  return times;
}

for (const engine of ENGINES) {
  describe(`update push (${engine})`, function () {
    this.timeout(180_000);
    const host = engine === "emulator" ? "127.88.0.1" : "127.0.0.1";
    const folder = temporaryFolder();
    const children: ChildProcess[] = [];

    const start = (...argv: string[]): Process => {
      const env = { ...process.env, WIFI_BINDING_PASSWORD: NETWORK.password };
      const child = spawn(process.execPath, [packageFile("build", "cli.js"), ...argv], { cwd: folder, env });
      children.push(child);
      return new Process(child, argv.slice(0, 2).join(" "));
    };

    before(function () {
      if (!hasEngine(engine)) this.skip();
    });
    after(() => {
      for (const child of children) child.kill("SIGTERM");
    });

    /** The key that the device's owner logs in with. */
    const authKeyOf = async (http: string, { products, users, operator }: Products, dk: string): Promise<string> => {
      watch.secret("a ProductSecret", products[0].ps);
      for (const token of [users[0].token, operator]) watch.secret("a token", token);
      const body = new URLSearchParams({ pk: products[0].pk, dk });
      const path = "/v2/binding/enduserapi/getAuthKey";
      const answer = await fetch(http + path, { method: "POST", headers: { authorization: users[0].token }, body });
      return ((await answer.json()) as { data: { authKey: string } }).data.authKey;
    };

    it("updates a running device, which goes on answering the LAN, and says when the trial is over", async () => {
      const cloud = start("cloud", "--write-products", "products.json", "--json");
      const { http, mqtt } = (await cloud.event("listening")) as unknown as Record<string, string>;
      expect(await start("update", "key", "--write", "update.key", "--json").status).to.equal(0);
      watch.secret("a secret key of updates", readFileSync(join(folder, "update.key"), "latin1").trim());
      const place = ["--engine", engine, "--host", host, "--cloud", mqtt, "--dk", "PUSHED01", "--state", "none"];
      const radio = ["--ap", `${NETWORK.ssid}:${NETWORK.password}`];
      const own = ["--products", "products.json", "--update-key", "update.pub", "--json"];
      const device = start("device", ...place, ...radio, ...own);
      await device.event("state");
      const bound = start(
        ...["bind", "--device", host, "--cloud", http, "--products", "products.json", "--ssid", NETWORK.ssid, "--json"],
      );
      expect(await bound.status, bound.errors.join()).to.equal(0);
      const products = JSON.parse(readFileSync(join(folder, "products.json"), "utf8")) as Products;
      const authKey = await authKeyOf(http, products, "PUSHED01");
      await eventually(() => cloud.lines.some(({ event }) => event === "keyConfirmed"), 20_000);

      const push = (version: string) =>
        start(
          "update",
          "push",
          "--cloud",
          http,
          "--file",
          packageFile("build", "firmware.min.js"),
          "--version",
          version,
          "--json",
        );
      const first = push("1.2.0");
      await eventually(() => cloud.lines.some(({ event }) => event === "updateOffered"), 120_000);
      const installs = () => device.lines.some(({ line }) => String(line).startsWith("WB ota state=9"));
      const apps = Array.from({ length: APPS }, () => askOnTheLan(host, authKey, installs));
      const times = (await Promise.all(apps)).flat();
      console.log(
        `      ${times.length} answers while it updates, the slowest in ${Math.round(Math.max(...times))} ms`,
      );
      expect(times).to.have.length.above(3);
      expect(Math.max(...times)).to.be.below(PATIENCE);

      expect(await first.status, first.errors.join()).to.equal(0);
      expect(first.lines.at(-1)).to.deep.include({
        event: "finished",
        version: "1.2.0",
        updated: 1,
        failed: 0,
        open: 0,
      });
      const states = first.lines.filter(({ event }) => event === "device").map(({ state }) => state);
      expect(states.slice(-2)).to.deep.equal(["installing", "updated"]);
      expect((await discover({ addresses: [host], count: 1 }))[0].dk).to.equal("PUSHED01");
      (await LanSession.open(host, authKey)).close();

      // An older one is not even offered: the device is newer.
      const older = push("1.1.9");
      expect(await older.status).to.equal(0);
      expect(older.lines.at(-1)).to.deep.include({ updated: 0, failed: 0 });
      expect(cloud.lines.filter(({ event }) => event === "updateOffered")).to.have.length(1);
    });
  });
}
