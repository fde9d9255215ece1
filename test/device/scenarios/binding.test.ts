/** The main job with the very files that are flashed, in every engine: from a new device to a bound one, and back. */

import { expect } from "chai";

import { bindDevice, scan, type BindStep, type ProvisioningError } from "../../../sim/app/index.js";
import { startCloud } from "../../../sim/cloud/index.js";
import { FAIL_BUSY } from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { NETWORK, World, type Setup } from "./world.js";

const WRONG = "0000000000000000";
const CODES = ["0123456789ABCDEF", "FEDCBA9876543210", "0123456789ABCDE0"] as const;

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
    const code = async (): Promise<string> => (await world.device.eval("(W.window()||{code:''}).code")) as string;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("binds a new device that runs the firmware", async () => {
      await start();
      const called: number[] = [];
      const steps = new Set<string>();
      const onStep = (step: BindStep): void => {
        steps.add(step.step);
        if (step.step === "called") called.push(step.code);
      };
      const { envelope, pk } = await world.bind({ onStep });
      expect(envelope).to.include({ code: 200, msg: "WiFi device binding successful" });
      expect(envelope.data).to.include({ bindingMode: 1, productName: "Demo product", productLogo: "" });
      expect(Buffer.from(envelope.data!.authKey, "base64").length).to.equal(16);
      expect(pk).to.equal(world.products.products[0].pk);
      // The app has the code before the cloud has.
      expect(called.slice(0, -1).filter((one) => one !== 5460)).to.deep.equal([]);
      expect([...steps].slice(0, 2)).to.deep.equal(["discovered", "accepted"]);
      await world.reaches("bound");
      await world.prints(/^WB bound=true$/);
    });

    it("binds a device whose application requires the library, and tells it by events", async () => {
      await start({ program: "library" });
      await world.device.eval("(W.on('bound', function (e) { heard = e; }), heard = 0)");
      await world.own();
      // At the start it says that nobody has bound the device.
      await eventually(() => world.device.eval("heard&&heard.bound"));
      expect(await world.device.eval("[heard.bound, W.state(), W.window(), W.capabilities()]")).to.deep.equal([
        true,
        "bound",
        null,
        3,
      ]);
    });

    it("prints no secret", async () => {
      await start();
      const authKey = await world.own();
      const [product] = world.products.products;
      const printed = world.device.lines.join("\n") + JSON.stringify(world.events);
      const secrets = [product.ps, NETWORK.password, world.products.users[0].token, authKey];
      for (const secret of secrets) expect(printed).not.to.include(secret);
      expect(printed).not.to.match(/[0-9A-F]{16}/);
    });

    it("leaves it to the API to refuse a wrong token and a mistyped code, and binds afterwards", async () => {
      await start();
      expect((await world.bind({ token: "wrong" })).envelope.code).to.equal(5032);
      expect((await world.bind({ code: WRONG })).envelope.code).to.equal(5462);
      expect((await world.bind({ code: "0000" })).envelope.code).to.equal(5213);
      await world.own();
      // To its owner a code that the device has never reported is that of a device that was reset.
      expect(await world.verdict(WRONG)).to.equal(5460);
    });

    it("remembers network, DS and binding over a power cut", async () => {
      await start();
      await world.own();
      await world.reboot();
      await world.reaches("bound");
      expect([world.count("authenticated"), world.count("connected")]).to.deep.equal([1, 2]);
    });

    it("opens a window for a second user, whose app brings the network that the device is on", async () => {
      await start({ program: "library" });
      const authKey = await world.own();
      const second = { token: world.products.users[1].token };
      expect((await failure(world.bind(second))).code).to.equal(FAIL_BUSY);
      await world.until("window", () => world.device.eval("W.openWindow(60)"));
      expect((await failure(world.bind({ ...second, password: "another-one" }))).code).to.equal(FAIL_BUSY);
      expect(await world.own(second)).to.equal(authKey);
      // Nothing was joined anew.
      expect(world.count("connected")).to.equal(1);
      expect(world.state()).to.equal("bound");
    });

    it("lets a code expire, be closed and be chosen; a dead one is never good again", async () => {
      await start({ program: "library" });
      const { device } = world;
      await world.until("window", () => world.bind({ token: "wrong" }));
      await world.until("window", () => device.eval(`W.openWindow(1, '${CODES[0]}')`));
      // Its end is told by another code.
      await world.until("window", () => eventually(() => device.eval("W.window() === undefined")));
      expect(await world.verdict(CODES[0])).to.equal(5461);
      await world.until("window", () => device.eval(`W.openWindow(60, '${CODES[1]}')`));
      await world.until("window", () => device.eval("W.closeWindow()"));
      expect(await world.verdict(CODES[1])).to.equal(5461);
      await world.until("stale", () => device.eval(`W.openWindow(60, '${CODES[1]}')`));
      expect(await world.verdict(CODES[1])).to.equal(5461);
      await world.until("window", () => device.eval(`W.openWindow(60, '${CODES[2]}')`));
      expect(await world.verdict(CODES[2])).to.equal(200);
      await eventually(() => device.eval("W.window() === undefined"));
      expect(await world.verdict(CODES[2])).to.equal(5049);
    });

    it("makes a new code when the cloud withdraws one after five wrong tries", async () => {
      await start({ program: "library" });
      await world.bind({ token: "wrong" });
      await eventually(() => world.count("window"));
      const old = await code();
      for (let n = 0; n < 5; n++) expect(await world.verdict(WRONG)).to.equal(5462);
      await eventually(async () => (await code()) !== old);
      expect(await world.verdict(old)).to.equal(5461);
      await world.own();
    });

    it("names the networks that it hears, strongest first, each once, without hidden ones", async () => {
      await start();
      await world.device.radio.setNetworks([
        { ssid: "far", rssi: -80 },
        { ssid: "near", rssi: -30, password: "password1" },
        { ssid: "far", rssi: -60 },
        { ssid: "secret", rssi: -20, hidden: true },
      ]);
      expect(await scan(world.device.host)).to.deep.equal(["near", "far"]);
    });

    it("authenticates anew when the cloud no longer knows it", async () => {
      await start({ program: "library" });
      await world.own();
      const amnesiac = await startCloud({ ...world.products, mqttPort: 0 });
      try {
        await world.device.eval("W.reset()");
        await world.reaches("provisioning");
        const { envelope } = await world.bind({ server: amnesiac.mqtt, cloud: amnesiac.http });
        expect(envelope.code).to.equal(200);
      } finally {
        await amnesiac.stop();
      }
    });

    it("is not bound by what the cloud settled before a reset", async () => {
      await start({ program: "library" });
      const { device } = world;
      await world.bind({ token: "wrong" });
      await eventually(() => world.count("window"));
      const old = await code();
      await world.until("disconnected", () => device.eval("W.remove()"));
      expect(await world.verdict(old)).to.equal(200);
      await device.eval("W.reset()");
      await world.until("reset", () => world.bind({ token: "wrong" }));
      await world.reaches("online");
      expect(await world.verdict(await code())).to.equal(200);
      await world.reaches("bound");
    });

    it("refuses bad options and bad windows with a sentence", async () => {
      await start({ program: "library" });
      const message = (expression: string): Promise<string> =>
        world.device.eval(expression).then(String, (error: Error) => error.message);
      expect(await message("W.openWindow(0)")).to.match(/seconds must be 1-3600/);
      expect(await message("W.openWindow(60, 'abc')")).to.match(/16 characters 0-9A-F/);
      expect(await message("W.start({ server: 'x' })")).to.match(/already started/);
    });
  });
}

it("an app that binds an address where no device is says so", async () => {
  const options = { address: "127.9.9.9", cloud: "http://127.0.0.1:9", token: "x", discovery: 300 };
  expect((await failure(bindDevice(options))).message).to.match(/127\.9\.9\.9/);
});
