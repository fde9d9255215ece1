/** The cloud as a client of a real Mosquitto, as Debian has it: the main job, a reconnection, a broker that restarts. */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { demoProducts, startCloud } from "../../../sim/cloud/index.js";
import { Run } from "../../unit/tools/command/harness.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { World } from "./world.js";

const BINARY = ["mosquitto", "/usr/sbin/mosquitto"].find((file) => spawnSync(file, ["-h"]).stdout !== null);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("a cloud behind Mosquitto", function () {
  this.timeout(40_000);
  let folder: string;
  let port: number;
  let broker: ChildProcess;
  let world: World | undefined;

  const startBroker = async (): Promise<void> => {
    broker = spawn(BINARY!, ["-c", join(folder, "mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(broker.exitCode, "mosquitto runs").to.equal(null);
  };

  const stopBroker = async (): Promise<void> => {
    if (broker.exitCode !== null) return;
    const gone = new Promise((resolve) => broker.once("exit", resolve));
    broker.kill();
    await gone;
  };

  before(function () {
    if (!BINARY) this.skip();
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
    port = await freePort();
    const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "log_dest topic"];
    // Started as root, it would want to become another user, which a container may not know.
    lines.push("log_type subscribe", "log_type notice", `user ${userInfo().username}`, "");
    writeFileSync(join(folder, "mosquitto.conf"), lines.join("\n"));
    await startBroker();
  });

  afterEach(async () => {
    await world?.stop();
    await stopBroker();
    rmSync(folder, { recursive: true });
    expect(world?.device.uncaught.slice(0, 5) ?? []).to.deep.equal([]);
    world = undefined;
  });

  const count = (event: string): number => world!.seen().filter((one) => one === event).length;

  it("binds a device, which is told, and unbinds it after a reboot and a restart of the broker", async () => {
    const url = `mqtt://127.0.0.1:${port}`;
    world = await World.start("emulator", {
      program: "library",
      options: { username: "device" },
      cloud: { broker: { url } },
    });
    expect(world.cloud.mqtt).to.equal(url);
    await world.own();
    await world.reboot();
    await eventually(() => count("connected") === 2);
    await stopBroker();
    await startBroker();
    // Whichever of the two comes back first: the cloud, or the device, whose subscription it does not hear then.
    await eventually(() => count("connected") === 3, 15_000);
    const { pk } = world.products.products[0];
    const unbound = await fetch(
      `${world.cloud.http}/v2/binding/enduserapi/unbundlingDeviceDk?pk=${pk}&dk=ABCD12345678`,
      {
        method: "DELETE",
        headers: { authorization: world.products.users[0].token },
      },
    );
    expect(((await unbound.json()) as { code: number }).code).to.equal(200);
    await world.reaches("online");
    expect(count("malformed") + count("refused")).to.equal(0);
  });

  it("is asked by the broker's hook who a device is, and refuses a wrong secret by 00A3", async () => {
    const products = demoProducts();
    const cloud = await startCloud({ ...products, broker: { url: `mqtt://127.0.0.1:${port}` } });
    const ask = async (clientid: string, password: string): Promise<[number, unknown]> => {
      const response = await fetch(`${cloud.http}/mqtt/auth`, {
        method: "POST",
        body: JSON.stringify({ clientid, username: "", password }),
      });
      return [response.status, await response.json()];
    };
    const { pk } = products.products[0];
    expect(await ask("stranger", "x")).to.deep.equal([403, { result: "deny" }]);
    expect(await ask(`qd${pk}ABCD12345678`, "1;0000;0123456789abcdef;AAAA")).to.deep.equal([200, { result: "allow" }]);
    await cloud.stop();
  });

  it("warns at start that nobody verifies the devices, unless the broker is said to ask", async () => {
    for (const [flags, warned] of [
      [[], true],
      [["--broker-auth"], false],
    ] as const) {
      const cloud = new Run("cloud", "--broker", `mqtt://127.0.0.1:${port}`, ...flags);
      await cloud.line((line) => line.includes("wifi-binding device"));
      expect(cloud.out.join("\n").includes("devices are not verified")).to.equal(warned);
      expect(cloud.out.join("\n")).to.include("--username device");
      expect(await cloud.stop()).to.equal(0);
    }
  });

  it("says clearly when the broker is not there", async () => {
    const failed = await startCloud({ ...demoProducts(), broker: { url: "mqtt://127.0.0.1:9" } }).then(
      () => expect.fail("it should not have started"),
      (error: Error) => error.message,
    );
    expect(failed).to.match(/no broker at mqtt:\/\/127\.0\.0\.1:9 .*check its address/);
  });
});
