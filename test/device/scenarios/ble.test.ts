/** A device that is bound over Bluetooth as an app does it, in every engine: provisioning, session, and what the air tells. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import {
  callBinding,
  LanSession,
  openGatt,
  provision,
  readAdvertised,
  scan,
  type Advertised,
} from "../../../sim/app/index.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

/** The device has not reported its code, its secret, or itself: the app has it from 7011 before the cloud. */
const NOT_YET = [5460, 5465, 5314];
const ADDRESS = "the phone's Bluetooth";

for (const name of ENGINES) {
  describe(`binding over Bluetooth (${name})`, function () {
    this.timeout(60_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    async function start(setup: Setup = {}): Promise<void> {
      const files = { WifiBindingBle: readFileSync("build/WifiBindingBle.min.js", "latin1") };
      world = await World.start(name, { program: "firmware", bluetooth: true, ...setup, files });
    }

    /** Once the app before has gone. */
    const transport = () =>
      openGatt(async (mtu) => {
        await eventually(() => world.device.bluetooth.advertisement());
        return world.device.bluetooth.connect(mtu);
      });

    async function told(): Promise<Advertised | undefined> {
      const packet = await world.device.bluetooth.advertisement();
      return packet && readAdvertised(packet.manufacturer, packet.data);
    }

    /** @returns the authKey, in base64 */
    async function bind(): Promise<string> {
      const { pk, dk, bindingCode } = await provision({ address: ADDRESS, transport, ...NETWORK });
      expect([pk, dk]).to.deep.equal([world.products.products[0].pk, DK]);
      const request = { productKey: pk, deviceKey: dk, bindingCode };
      for (;;) {
        const { code, data } = await callBinding(world.cloud.http, world.products.users[0].token, request);
        if (code === 200) return data!.authKey;
        expect(code).to.be.oneOf(NOT_YET);
        await pause(200);
      }
    }

    it("binds, and tells what it is before and after", async () => {
      await start();
      const { pk } = world.products.products[0];
      expect(await eventually(told)).to.deep.equal({
        ...{ version: 1, pk, dk: DK, configured: false, bound: false, bindable: true },
        ...{ capabilities: 7, access: "tcp" },
      });
      await bind();
      await eventually(async () => (await told())?.bound);
      expect(await told()).to.include({ dk: DK, configured: true, bindable: false });
      await world.device.reboot();
      await eventually(async () => (await told())?.bound);
    });

    it("names the networks that it hears, in pieces", async () => {
      await start();
      const networks = Array.from({ length: 16 }, (_, i) => ({ ssid: `network-with-a-long-name-${i}`, rssi: -40 - i }));
      await world.device.radio.setNetworks(networks);
      expect(await scan(ADDRESS, { transport })).to.deep.equal(networks.map(({ ssid }) => ssid));
    });

    it("logs an app in as over TCP, and refuses one with another key", async () => {
      await start();
      const authKey = await bind();
      const session = await eventually(
        () => LanSession.open(ADDRESS, authKey, { transport }).catch(() => undefined),
        20_000,
      );
      expect(await session.ping()).to.equal(true);
      session.close();
      const other = Buffer.alloc(16, 7).toString("base64");
      expect(await LanSession.open(ADDRESS, other, { transport }).catch(String)).to.match(/authKey/);
    });

    it("gives no code to an app once it is bound", async () => {
      await start();
      await bind();
      const again = provision({ address: ADDRESS, transport, ssid: "home", password: "another-one" });
      expect(
        await again.then(
          () => "a code",
          (error: Error) => error.constructor.name,
        ),
      ).to.equal("ProvisioningError");
      expect(await world.device.radio.station()).to.equal("home");
    });
  });
}
