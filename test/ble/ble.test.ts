/** The Bluetooth module in the emulator: the handshake over GATT, from the advertisement to a bound device. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { gattStream } from "../../sim/app/gatt.js";
import { callBinding, possessionOf, provision } from "../../sim/app/index.js";
import type { EmulatedDevice } from "../../sim/emulator/index.js";
import { newPop } from "../../sim/identity.js";
import { eventually } from "../emulator/harness.js";
import { DK, NETWORK, World } from "../scenarios/world.js";

const POP = newPop();
const APPLICATION = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
require("WifiBindingBle").start(W);`;

describe("Bluetooth in the emulator", function () {
  this.timeout(20_000);
  let world: World;
  let device: EmulatedDevice;

  beforeEach(async () => {
    const files = {
      WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1"),
      WifiBindingBle: readFileSync("build/WifiBindingBle.min.js", "latin1"),
    };
    world = await World.start("emulator", { program: APPLICATION, pop: POP, files });
    device = world.device as EmulatedDevice;
    await eventually(() => device.bluetooth.advertisement);
  });

  afterEach(async () => {
    await world.stop();
    expect(device.uncaught.slice(0, 5)).to.deep.equal([]);
  });

  const overBluetooth = () =>
    provision({
      address: "the device",
      transport: () => gattStream(device.bluetooth.connect()),
      possession: possessionOf({ pop: POP }, DK),
      ...NETWORK,
    });

  it("advertises MAC and ProductKey while it is free, the MAC alone once it is bound, and the bit all the while", async () => {
    const mac = "240ac4000003";
    const { manufacturer, data } = device.bluetooth.advertisement!;
    const { pk } = world.products.products[0];
    expect([manufacturer, data.toString("hex", 0, 6), data.toString("latin1", 6)]).to.deep.equal([
      0xffff,
      mac,
      pk.slice(0, 6),
    ]);
    expect(await device.eval("W.capabilities()")).to.equal(7);
    expect((await world.bind({ pop: POP })).envelope.code).to.equal(200);
    await eventually(() => device.bluetooth.advertisement!.data.toString("hex") === mac);
  });

  it("provisions a device at level 1 whose code then binds it", async () => {
    const { pk, dk, bindingCode } = await overBluetooth();
    const request = { productKey: pk, deviceKey: dk, bindingCode, capabilitiesBitmask: 7 };
    const { code } = await callBinding(world.cloud.http, world.products.users[0].token, request);
    expect(code).to.equal(200);
    await eventually(async () => (await device.eval("W.state()")) === "bound");
  });

  it("serves one app at a time, and the next when that one has gone", async () => {
    const first = device.bluetooth.connect();
    expect(() => device.bluetooth.connect()).to.throw(/another app/);
    first.disconnect();
    expect((await overBluetooth()).dk).to.equal(DK);
  });

  it("closes the REPL that Espruino leaves open over Bluetooth", () => {
    expect(device.bluetooth.uart).to.equal(false);
  });

  it("cuts off an app that sends a frame over 1 KiB", async () => {
    const app = device.bluetooth.connect();
    const gone = new Promise<void>((resolve) => (app.onDisconnect = resolve));
    app.write(0x180a, 0x9c40, Buffer.from("aaaa7fff000001", "hex"));
    await gone;
  });
});
