/**
 * Failures, in every engine, within 20 s of the device; after each it is ready for another try. A device with a proof tells
 * its app by name; on the platform's own wire the app asks the cloud in vain, and the console has the number.
 */

import { createServer, type AddressInfo, type Server } from "node:net";

import { expect } from "chai";
import mqtt from "mqtt-packet";

import type { BindDeviceOptions, ProvisioningError } from "../../../sim/app/index.js";
import { startCloud, type Cloud } from "../../../sim/cloud/index.js";
import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { latin1 } from "../../support/hal.js";
import { World, type Setup } from "./world.js";

/** Milliseconds of the device. */
const PATIENCE = 60_000;
/** Time of the device against that of the test. */
const HASTE = 10;

/** Lets every device in and gives it a DS, but acknowledges nothing that it publishes. */
function deafServer(): Server {
  return createServer((socket) => {
    const send = (packet: mqtt.Packet): void => void socket.write(mqtt.generate(packet));
    const parser = mqtt.parser().on("packet", (packet) => {
      if (packet.cmd === "connect") send({ cmd: "connack", sessionPresent: false, returnCode: 0 });
      if (packet.cmd !== "subscribe") return;
      send({ cmd: "suback", messageId: packet.messageId!, granted: [1] });
      const payload = latin1(encodeFrame(1, protocol.CMD_CONFIG, encodeTtlv([[protocol.CONFIG_DS, "D".repeat(32)]])));
      send({ cmd: "publish", topic: "q/1/d/x/sys", payload, qos: 0, dup: false, retain: false });
    });
    socket.on("data", (data) => parser.parse(data)).on("error", () => socket.destroy());
  });
}

/** Takes connections, and says nothing. */
const silentServer = (): Server => createServer((socket) => void socket.on("error", () => {}).resume());

/** Takes connections, and breaks them off when something is said: what a plain MQTT port does with TLS. */
const plainServer = (): Server =>
  createServer((socket) => void socket.on("error", () => {}).once("data", () => socket.destroy()));

for (const name of ENGINES) {
  for (const pop of [undefined, newPop()]) {
    describe(`failures in the engine ${name}, ${pop ? "told to an app with a proof" : "on the platform's wire"}`, function () {
      this.timeout(60_000);
      let world: World;
      let server: Server | undefined;
      let stranger: Cloud | undefined;

      before(function () {
        if (!hasEngine(name)) this.skip();
      });

      afterEach(async () => {
        await world.stop();
        server?.close();
        await stranger?.stop();
        server = stranger = undefined;
        // The real interpreter prints why TLS failed.
        expect(world.device.uncaught.filter((line) => !/mbedtls/.test(line))).to.deep.equal([]);
      });

      const start = async (setup: Setup = {}): Promise<void> => {
        world = await World.start(name, { pop, ...setup });
      };

      /** A try that fails with that number; then one that works. */
      async function fails(code: number, more: Partial<BindDeviceOptions> = {}): Promise<void> {
        const began = performance.now();
        const done = new AbortController();
        const told = world.bind({ ...more, signal: done.signal }).then(
          ({ envelope }) => envelope.code,
          (error: ProvisioningError) => error.code,
        );
        await world.prints(new RegExp(`^WB state=provisioning reason=${code}$`), PATIENCE / HASTE);
        if (pop) expect(await told).to.equal(code);
        else done.abort();
        await told;
        expect((performance.now() - began) * HASTE).to.be.below(PATIENCE + 5000);
        await world.reaches("provisioning");
      }

      const works = async (): Promise<void> => void (await world.own({ server: world.cloud.mqtt }));

      it("a wrong Wi-Fi password", async () => {
        await start();
        await fails(protocol.FAIL_PASSWORD, { password: "wrong-password" });
        await works();
      });

      it("a network that is not there", async () => {
        await start();
        await fails(protocol.FAIL_NO_NETWORK, { ssid: "nowhere" });
        await works();
      });

      it("a network that gives no address", async () => {
        await start({ haste: HASTE });
        await world.device.radio.setNetworks([{ ssid: "mute", dhcp: false }]);
        await fails(protocol.FAIL_NO_ADDRESS, { ssid: "mute", password: "" });
      });

      it("a cloud that is away", async () => {
        await start({ server: "mqtt://127.0.0.1:9", haste: HASTE });
        await fails(protocol.FAIL_CLOUD_UNREACHABLE);
        await works();
      });

      it("a server name that does not resolve", async () => {
        await start({ server: "mqtt://no-such-host.invalid", haste: HASTE });
        await fails(protocol.FAIL_HOST_UNKNOWN);
      });

      it("a cloud that refuses the device", async () => {
        await start();
        stranger = await startCloud({ products: [{ ...world.products.products[0], pk: "other" }], users: [] });
        await fails(protocol.FAIL_CLOUD_REFUSED, { server: stranger.mqtt });
        await works();
      });

      for (const [what, make, scheme, code] of [
        ["a report that nobody acknowledges", deafServer, "mqtt", protocol.FAIL_REPORT],
        ["a cloud that takes the connection and says nothing", silentServer, "mqtt", protocol.FAIL_CLOUD_UNREACHABLE],
        ["a port that does not speak TLS", plainServer, "mqtts", protocol.FAIL_TLS],
      ] as const) {
        it(what, async () => {
          server = make();
          await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
          const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
          await start({ server: url, haste: HASTE });
          await fails(code);
          // The network works; it was the cloud.
          await works();
        });
      }

      it("no failure of the new network costs the saved one: when pairing ends, the device is back", async () => {
        await start({ program: "library", haste: 60, options: { provisioning: 180 } });
        const authKey = await world.own();
        await world.device.eval("W.provision()");
        await world.reaches("provisioning");
        await fails(protocol.FAIL_NO_NETWORK, { ssid: "nowhere", authKey: pop && authKey });
        await world.reaches("bound", 20_000);
        expect(await world.device.radio.station()).to.equal("home");
        await eventually(async () => !(await world.device.radio.softAp()), 20_000);
      });
    });
  }
}
