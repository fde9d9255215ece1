/** The main job with the very files that are flashed, in every engine: from a new device to a bound one, and the ways in which it fails. */

import { expect } from "chai";

import { bindDevice, callBinding, discoverOne, ProvisioningError, scan } from "../../../sim/app/index.js";
import { startCloud } from "../../../sim/cloud/index.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

/** The error that a promise ends with. */
async function failure(promise: Promise<unknown>): Promise<ProvisioningError> {
  return promise.then(
    () => expect.fail("it should have failed"),
    (error: ProvisioningError) => error,
  );
}

for (const name of ENGINES) {
  describe(`binding in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;

    const start = async (setup?: Setup): Promise<World> => (world = await World.start(name, setup));
    const state = async (): Promise<string> => (await discoverOne(world.device.host, {})).state;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("binds a new device that runs the firmware", async () => {
      await start();
      const { envelope, attempts } = await world.bind();
      expect(envelope.code).to.equal(200);
      expect(envelope.msg).to.equal("WiFi device binding successful");
      expect(envelope.data).to.include({ bindingMode: 1, productName: "Demo product", productLogo: "" });
      expect(Buffer.from(envelope.data!.authKey, "base64").length).to.equal(16);
      expect(attempts).to.equal(1);
      await eventually(async () => (await state()) === "bound");
    });

    it("binds a device whose application requires the library, and tells it by events", async () => {
      await start({ program: "library" });
      await world.device.eval("(W.on('bound', function (e) { heard = e; }), heard = 0)");
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(() => world.device.eval("heard"));
      expect(await world.device.eval("[heard.bound, W.state(), W.window(), W.capabilities()]")).to.deep.equal([
        true,
        "bound",
        null,
        3,
      ]);
    });

    it("prints no secret", async () => {
      await start();
      const { envelope } = await world.bind();
      await eventually(async () => (await state()) === "bound");
      const [product] = world.products.products;
      const printed = world.device.lines.join("\n") + JSON.stringify(world.events);
      const secrets = [product.ps, NETWORK.password, world.products.users[0].token, envelope.data!.authKey];
      for (const secret of secrets) expect(printed).not.to.include(secret);
      expect(printed).not.to.match(/[0-9A-F]{16}/);
    });

    it("tells the app of a wrong Wi-Fi password, and is ready for another try", async () => {
      await start();
      const error = await failure(world.bind({ password: "wrong-password" }));
      expect(error.code).to.equal(2);
      expect(await state()).to.equal("provisioning");
      expect((await world.bind()).envelope.code).to.equal(200);
    });

    it("tells the app of a network that is not there, and is ready for another try", async () => {
      await start();
      expect((await failure(world.bind({ ssid: "nowhere" }))).code).to.equal(1);
      expect((await world.bind()).envelope.code).to.equal(200);
    });

    it("tells the app of a network that gives no address", async () => {
      await start({ haste: 8 });
      await world.device.radio.setNetworks([{ ssid: "mute", dhcp: false }]);
      expect((await failure(world.bind({ ssid: "mute", password: "" }))).code).to.equal(3);
    });

    it("tells the app of a cloud that is away, and is ready for another try", async () => {
      await start({ server: "mqtt://127.0.0.1:9", haste: 8 });
      expect((await failure(world.bind())).code).to.equal(4);
      expect((await world.bind({ server: world.cloud.mqtt })).envelope.code).to.equal(200);
    });

    it("tells the app of a server name that does not resolve", async () => {
      await start({ server: "mqtt://no-such-host.invalid" });
      expect((await failure(world.bind())).code).to.equal(9);
    });

    it("tells the app that the cloud refuses the device", async () => {
      await start();
      const stranger = await startCloud({ products: [{ ...world.products.products[0], pk: "other" }], users: [] });
      try {
        expect((await failure(world.bind({ server: stranger.mqtt }))).code).to.equal(5);
        expect((await world.bind()).envelope.code).to.equal(200);
      } finally {
        await stranger.stop();
      }
    });

    it("leaves it to the API to refuse a wrong token and a mistyped code, and binds afterwards", async () => {
      await start();
      const provisioned = await world.bind({ token: "wrong" });
      expect(provisioned.envelope.code).to.equal(5032);
      const again = { ssid: undefined, password: undefined };
      const mistyped = await world.bind({ ...again, code: "0000000000000000" });
      expect(mistyped.envelope.code).to.equal(5462);
      expect((await world.bind({ ...again, code: "0000" })).envelope.code).to.equal(5213);
      expect((await world.bind(again)).envelope.code).to.equal(200);
      expect((await world.bind({ ...again, code: "0000000000000000" })).envelope.code).to.equal(5049);
    });

    it("remembers network, DS and binding over a power cut", async () => {
      await start();
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(async () => (await state()) === "bound");
      const before = world.seen().filter((event) => event === "authenticated").length;
      await world.device.reboot();
      await eventually(async () => (await state()) === "bound");
      expect(world.seen().filter((event) => event === "authenticated").length).to.equal(before);
      expect(world.seen().filter((event) => event === "connected").length).to.equal(2);
    });

    it("opens a window for a second user, whose app reads the code over the LAN", async () => {
      await start({ program: "library" });
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(() => world.device.eval("W.state() == 'bound'"));
      const second = { ssid: undefined, password: undefined, token: world.products.users[1].token };
      expect((await failure(world.bind(second))).message).to.match(/no binding window open/);
      expect(await world.device.eval("W.openWindow(60)")).to.equal(true);
      await eventually(async () => (await discoverOne(world.device.host, {})).windowOpen);
      await eventually(() => world.events.some(({ seconds }) => seconds && seconds <= 60));
      expect((await world.bind(second)).envelope.code).to.equal(200);
    });

    it("lets a code expire, be closed and be chosen", async () => {
      await start({ program: "library" });
      const { products, cloud, device } = world;
      const call = async (bindingCode: string): Promise<number> => {
        const request = { productKey: products.products[0].pk, deviceKey: DK, bindingCode };
        return (await callBinding(cloud.http, products.users[0].token, request)).code;
      };
      const report = async (expression: string): Promise<void> => {
        const before = world.events.length;
        await device.eval(expression);
        await eventually(() => world.events.slice(before).some(({ command }) => command === "00B5"));
      };
      await world.bind({ token: "wrong" });
      await report("W.openWindow(2, '0123456789ABCDEF')");
      await eventually(() => device.eval("W.window() === undefined"));
      expect(await call("0123456789ABCDEF")).to.equal(5461);
      await report("W.openWindow(60, 'FEDCBA9876543210')");
      await report("W.closeWindow()");
      expect(await call("FEDCBA9876543210")).to.equal(5461);
      await report("W.openWindow(60, 'FEDCBA9876543210')");
      expect(await call("FEDCBA9876543210")).to.equal(200);
      await eventually(() => device.eval("W.window() === undefined"));
    });

    it("makes a new code when the cloud withdraws one after five wrong tries", async () => {
      await start({ program: "library" });
      await world.bind({ token: "wrong" });
      const again = { ssid: undefined, password: undefined };
      const old = (await world.device.eval("W.window().code")) as string;
      for (let i = 0; i < 5; i++) {
        expect((await world.bind({ ...again, code: "0000000000000000" })).envelope.code).to.equal(5462);
      }
      await eventually(async () => (await world.device.eval("W.window().code")) !== old);
      expect((await world.bind({ ...again, code: old })).envelope.code).to.be.oneOf([5461, 5462]);
      await eventually(async () => (await world.bind(again).catch(() => undefined))?.envelope.code === 200);
    });

    it("lists the networks that it sees, strongest first, each once, without hidden ones", async () => {
      await start();
      await world.device.radio.setNetworks([
        { ssid: "far", rssi: -80 },
        { ssid: "near", rssi: -30, password: "password1" },
        { ssid: "far", rssi: -60 },
        { ssid: "secret", rssi: -20, hidden: true },
      ]);
      const networks = await scan(world.device.host);
      expect(networks.map(({ ssid, rssi }) => [ssid, rssi])).to.deep.equal([
        ["near", -30],
        ["far", -60],
      ]);
    });

    it("authenticates anew when the cloud no longer knows it", async () => {
      await start({ program: "library" });
      expect((await world.bind()).envelope.code).to.equal(200);
      const amnesiac = await startCloud({ ...world.products, mqttPort: 0 });
      try {
        await world.device.eval("W.reset()");
        await eventually(async () => (await state()) === "provisioning");
        const { envelope } = await world.bind({ server: amnesiac.mqtt, cloud: amnesiac.http });
        expect(envelope.code).to.equal(200);
      } finally {
        await amnesiac.stop();
      }
    });

    it("is not bound by what the cloud settled before a reset", async () => {
      await start({ program: "library" });
      const { device, cloud, products } = world;
      await world.bind({ token: "wrong" });
      const bindingCode = (await device.eval("W.window().code")) as string;
      await device.eval("W.remove()");
      await eventually(() => world.seen().at(-1) === "disconnected");
      const request = { productKey: products.products[0].pk, deviceKey: DK, bindingCode };
      expect((await callBinding(cloud.http, products.users[0].token, request)).code).to.equal(200);
      await device.eval("W.reset()");
      await world.bind({ token: "wrong" });
      expect(await device.eval("W.state()")).to.equal("online");
      expect((await world.bind({ ssid: undefined, password: undefined })).envelope.code).to.equal(200);
    });

    it("refuses bad options and bad windows with a sentence", async () => {
      await start({ program: "library" });
      const message = (expression: string): Promise<string> =>
        world.device.eval(expression).then(String, (error: Error) => error.message);
      expect(await message("W.openWindow(0)")).to.match(/1-3600 seconds/);
      expect(await message("W.openWindow(60, 'abc')")).to.match(/16 characters 0-9A-F/);
      expect(await message("W.start({ server: 'x' })")).to.match(/already started/);
    });
  });
}

it("an app that binds an address where no device is says so", async () => {
  const options = { address: "127.9.9.9", cloud: "http://127.0.0.1:9", token: "x", discovery: 300 };
  expect((await failure(bindDevice(options))).message).to.match(/127\.9\.9\.9/);
});
