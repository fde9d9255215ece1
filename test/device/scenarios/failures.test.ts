/** Failures that the app is told apart, in every engine, within 20 s; after each the device is ready for another try. */

import { createServer, type AddressInfo, type Server } from "node:net";

import { expect } from "chai";
import mqtt from "mqtt-packet";

import { discoverOne, ProvisioningError } from "../../../sim/app/index.js";
import { CMD_CONFIG, CONFIG_DS, FAIL_CLOUD_UNREACHABLE, FAIL_REPORT, FAIL_TLS } from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { latin1 } from "../../support/hal.js";
import { World } from "./world.js";

const PATIENCE = 20_000;
/** Time of the device against that of the test. */
const HASTE = 4;

/** Lets every device in and gives it a DS, but acknowledges nothing that it publishes. */
function deafServer(): Server {
  return createServer((socket) => {
    const send = (packet: mqtt.Packet): void => void socket.write(mqtt.generate(packet));
    const parser = mqtt.parser().on("packet", (packet) => {
      if (packet.cmd === "connect") send({ cmd: "connack", sessionPresent: false, returnCode: 0 });
      if (packet.cmd !== "subscribe") return;
      send({ cmd: "suback", messageId: packet.messageId!, granted: [1] });
      const payload = latin1(encodeFrame(1, CMD_CONFIG, encodeTtlv([[CONFIG_DS, "D".repeat(32)]])));
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
  describe(`failures in the engine ${name}`, function () {
    this.timeout(PATIENCE + 20_000);
    let world: World;
    let server: Server;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      server.close();
      // The real interpreter prints why TLS failed.
      expect(world.device.uncaught.filter((line) => !/mbedtls/.test(line))).to.deep.equal([]);
    });

    for (const [what, make, scheme, code] of [
      ["a report that nobody acknowledges", deafServer, "mqtt", FAIL_REPORT],
      ["a cloud that takes the connection and says nothing", silentServer, "mqtt", FAIL_CLOUD_UNREACHABLE],
      ["a port that does not speak TLS", plainServer, "mqtts", FAIL_TLS],
    ] as const) {
      it(`${what}: code ${code}`, async () => {
        server = make();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
        world = await World.start(name, { server: url, haste: HASTE });
        const start = performance.now();
        const error = await world.bind().then(
          () => expect.fail("it should have failed"),
          (reason: ProvisioningError) => reason,
        );
        expect(error.code, error.message).to.equal(code);
        expect((performance.now() - start) * HASTE).to.be.below(PATIENCE);
        await eventually(async () => (await discoverOne(world.device.host, {})).state === "provisioning");
        // The network works; it was the cloud.
        expect((await world.bind({ server: world.cloud.mqtt })).envelope.code).to.equal(200);
      });
    }
  });
}
