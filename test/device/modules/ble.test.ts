/** The module WifiBindingBle as it is flashed, in every engine: an app that binds a device over Bluetooth. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { callBinding, gattStream, provision, type Binding, type Step } from "../../../sim/app/index.js";
import { readFrames } from "../../../sim/app/frames.js";
import { keyOfPop } from "../../../sim/app/level1.js";
import { CMD_SCAN } from "../../../src/codec/commands.js";
import { encodeFrame, type Frame } from "../../../src/codec/frame.js";
import { latin1 } from "../../support/hal.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "../scenarios/world.js";

const built = (name: string): string => readFileSync(`build/${name}.min.js`, "latin1");
const MAC = "240ac4000001";
const POP = "0123456789abcdef";

const PROGRAM = `var W = require("WifiBinding"), B = require("WifiBindingBle");
W.start(require("Storage").readJSON("binding.json", true));
B.start(W);`;

for (const name of ENGINES) {
  describe(`BLE of a device (${name})`, function () {
    this.timeout(40_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    async function start(setup: Setup = {}): Promise<void> {
      const files = { WifiBinding: built("WifiBinding"), WifiBindingBle: built("WifiBindingBle") };
      world = await World.start(name, { program: PROGRAM, files, bluetooth: true, ...setup });
    }

    const connect = async () => gattStream(await world.device.bluetooth.connect());
    const advertised = async (): Promise<string | undefined> =>
      (await world.device.bluetooth.advertisement())?.data.toString("hex");
    const over = (more: object = {}): Promise<Binding> =>
      provision({ address: "the phone's Bluetooth", transport: connect, ...NETWORK, ...more });

    async function bind(binding: Binding): Promise<number> {
      const request = { productKey: binding.pk, deviceKey: binding.dk, bindingCode: binding.bindingCode };
      return (await callBinding(world.cloud.http, world.products.users[0].token, request)).code;
    }

    it("binds a device that runs the firmware, from 7010 to 7011 over Bluetooth", async () => {
      await start({ program: "firmware" });
      const steps: Step[] = [];
      const binding = await over({ onProgress: (step: Step) => steps.push(step) });
      expect(binding.dk).to.equal(DK);
      expect(steps).not.to.deep.equal([]);
      expect(await bind(binding)).to.equal(200);
    });

    it("proves its possession over Bluetooth as over TCP", async () => {
      await start({ pop: POP });
      const binding = await over({ possession: { key: keyOfPop(POP), dk: DK } });
      expect(await bind(binding)).to.equal(200);
    });

    it("advertises MAC and ProductKey until it is bound, then the MAC, and closes the console", async () => {
      await start();
      const pk = Buffer.from(world.products.products[0].pk).toString("hex").slice(0, 12);
      const seen = await world.device.bluetooth.advertisement();
      expect([seen!.services, seen!.manufacturer]).to.deep.equal([[0x180a], 0xffff]);
      expect(seen!.data.toString("hex")).to.equal(MAC + pk);
      expect(await world.device.eval("[NRF._uart, W.capabilities()]")).to.deep.equal([false, 7]);
      expect(await bind(await over())).to.equal(200);
      await eventually(async () => (await advertised()) === MAC);
      await world.device.reboot();
      expect(await advertised()).to.equal(MAC);
      await world.device.eval("W.reset()");
      await eventually(async () => (await advertised()) === MAC + pk);
    });

    it("serves one app at a time, and the next when that has gone", async () => {
      await start();
      const first = await world.device.bluetooth.connect();
      expect(await world.device.bluetooth.connect().catch(String)).to.match(/does not advertise/);
      await first.write(latin1(encodeFrame(1, CMD_SCAN, "")).subarray(0, 5));
      await first.disconnect();
      expect(await advertised()).to.match(new RegExp(`^${MAC}`));
      expect((await scan()).map(({ id }) => id)).to.deep.equal([7]);
    });

    /** Frames that a scan of the networks gives, on a connection of its own. */
    async function scan(): Promise<Frame[]> {
      const frames: Frame[] = [];
      const sizes: number[] = [];
      const read = readFrames(4096, (frame) => frames.push(frame));
      const client = await world.device.bluetooth.connect(185);
      client.onIndication((bytes) => {
        sizes.push(bytes.length);
        read(bytes.toString("latin1"));
      });
      await client.write(latin1(encodeFrame(7, CMD_SCAN, "")));
      await eventually(() => frames.length);
      expect(Math.max(...sizes)).to.be.at.most(20);
      await client.disconnect();
      return frames;
    }

    it("sends a long answer in fragments of 20 bytes", async () => {
      await start();
      const networks = Array.from({ length: 16 }, (_, i) => ({ ssid: `network-with-a-long-name-${i}` }));
      await world.device.radio.setNetworks(networks);
      const [frame] = await scan();
      expect(frame.data.length).to.be.greaterThan(500);
      expect(frame.data).to.include("network-with-a-long-name-15");
    });

    it("throws random bytes away and serves whoever comes next", async () => {
      await start();
      const client = await world.device.bluetooth.connect();
      for (let i = 0; i < 40; i++)
        await client.write(Buffer.from(Array.from({ length: 61 }, (_, k) => (i * 61 + k * 7) & 255)));
      await client.write(Buffer.from("aaaaffff", "hex"));
      await client.disconnect();
      expect(await scan()).to.have.length(1);
    });

    it("takes an app that it has given up, and that stays connected, for a new one", async () => {
      await start();
      const client = await world.device.bluetooth.connect();
      const frames: Frame[] = [];
      const read = readFrames(4096, (frame) => frames.push(frame));
      client.onIndication((bytes) => read(bytes.toString("latin1")));
      await client.write(Buffer.from("aaaa7fff000001", "hex"));
      await pause(300);
      await client.write(latin1(encodeFrame(9, CMD_SCAN, "")));
      await eventually(() => frames.length);
      expect(frames[0].id).to.equal(9);
      await client.disconnect();
    });

    it("is silent when it is stopped, also after an app that stayed, and can be started again", async () => {
      await start();
      const client = await world.device.bluetooth.connect();
      await world.device.eval("B.stop()");
      expect(await world.device.eval("W.capabilities()")).to.equal(3);
      await client.disconnect();
      await pause(100);
      expect(await advertised()).to.equal(undefined);
      await world.device.eval("B.start(W)");
      expect(await world.device.eval("W.capabilities()")).to.equal(7);
      expect(await scan()).to.have.length(1);
    });

    it("serves, once that has gone, when somebody was connected before it started", async () => {
      await start({ program: `${PROGRAM.replace("B.start(W);", "")} NRF._connect(23); B.start(W);` });
      await world.device.eval("NRF._leave()");
      expect(await scan()).to.have.length(1);
    });

    it("says that a build has no Bluetooth, and that a device has no identity", async () => {
      await start({ bluetooth: false, program: PROGRAM.replace("B.start(W);", "") });
      const message = (expression: string): Promise<string> =>
        world.device.eval(expression).then(String, (error: Error) => error.message);
      expect(await message("B.start(W)")).to.match(/this build of Espruino has no Bluetooth/);
      await world.stop();
      await start({ program: PROGRAM.replace("B.start(W);", "") });
      const stranger = "{ identity: function () { return { pk: '', dk: '' }; } }";
      expect(await message(`B.start(${stranger})`)).to.match(/no identity in flash/);
    });
  });
}
