/**
 * How often a device waits for the cloud before its code is known there, in every engine. A stretch of network lets each
 * of the device's flights arrive in one piece, so that the cloud counts what the device waits for, not how it writes.
 */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { Proxy } from "../../support/proxy.js";
import { World } from "./world.js";

/** Opens a window whenever it connects, unless provisioning has done so. */
const APPLICATION = `var W = require("WifiBinding");
W.on("state", function (e) { if (e.state == "connecting" && !W.window()) W.openWindow(60); });
W.start(require("Storage").readJSON("binding.json", true));`;

/** Milliseconds; the engines write what they have within a few. */
const GATHER = 80;

for (const name of ENGINES) {
  describe(`round trips in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;
    let proxy: Proxy;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      await proxy.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("two for a device that has to ask for its DeviceSecret, one for a device that has it", async () => {
      world = await World.start(name, {
        program: APPLICATION,
        files: { WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1") },
        server: async (mqtt) => {
          proxy = await Proxy.start(mqtt, undefined, GATHER);
          return proxy.url;
        },
      });
      const trips = (): (number | undefined)[] =>
        world.events.filter(({ event, seconds }) => event === "window" && seconds).map(({ roundTrips }) => roundTrips);
      await world.own();
      expect(trips()).to.deep.equal([2]);
      await world.device.reboot();
      await eventually(() => trips().length > 1, 30_000);
      expect(trips()).to.deep.equal([2, 1]);
    });
  });
}
