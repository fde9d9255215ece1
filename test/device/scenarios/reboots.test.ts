/** The power fails while an app binds the device: the app repeats what it has asked for, and is served. */

import { expect } from "chai";

import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { World } from "./world.js";

for (const name of ENGINES) {
  describe(`a power cut between provisioning and binding in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    beforeEach(async () => {
      world = await World.start(name, { program: "library" });
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    /** Provisions, and cuts the power in place of the first call of the API. @param step that the app has heard of last */
    const interrupt = async (step: "accepted" | "inCloud"): Promise<void> => {
      const stop = new AbortController();
      const onStep = (told: { step: string }): void => {
        if (told.step === step) stop.abort(new Error("the phone is away"));
      };
      // Calls of the API come to nothing.
      const failed = await world.bind({ onStep, signal: stop.signal, token: "nobody's", pollInterval: 60_000 }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (step === "accepted") expect(failed).to.equal("the phone is away");
    };

    it("before the network is saved: the device waits for an app again, and binds", async () => {
      await interrupt("accepted");
      await world.device.reboot();
      await world.reaches("provisioning");
      expect((await world.bind()).envelope.code).to.equal(200);
    });

    it("before the network is saved, while the app waits: it gives the network again, and binds with the new code", async () => {
      const steps: string[] = [];
      let cut: Promise<void> | undefined;
      const onStep = ({ step }: { step: string }): void => {
        steps.push(step);
        if (step === "accepted") cut ??= world.device.reboot();
      };
      const { envelope } = await world.bind({ onStep, pollInterval: 500, pollTimeout: 20_000 });
      await cut;
      expect(envelope.code).to.equal(200);
      expect(steps.filter((step) => step === "accepted")).to.have.length(2);
    });

    it("when the network is saved: the device is on it, and gives a code to an app that asks again", async () => {
      await world.device.eval('W.on("provisioning", function (e) { global.done = e.error; })');
      await interrupt("inCloud");
      await eventually(async () => (await world.device.eval("global.done")) === 0);
      await world.device.reboot();
      await world.reaches("online");
      expect(await world.device.eval("W.window() || 0")).to.equal(0);
      const wrong = await world.bind({ password: "another-password" }).then(() => "", String);
      expect(wrong, "another network is not for it").to.not.equal("");
      expect((await world.bind()).envelope.code).to.equal(200);
      await world.reaches("bound");
    });

    it("and a device that is bound opens no window by itself", async () => {
      await world.own();
      await world.device.reboot();
      await world.reaches("bound");
      const refused = await world.bind().then(() => "", String);
      expect(refused).to.not.equal("");
      expect(await world.device.eval("W.window() || 0")).to.equal(0);
    });
  });
}
