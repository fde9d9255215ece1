/** A flash that takes nothing more: the device says so, and makes no code that the next boot would make again. */

import { expect } from "chai";

import { bindingWindow, possessionOf } from "../../../sim/app/index.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { bundle } from "../../support/bundle.js";
import { built, DK, World } from "./world.js";

/** Nested calls of a program that is not flat, as what is flashed is: each factory's functions call the next one's. */
const NESTED = 24;

const WORN = `
import { createBinding } from "./src/binding/index.js";
import { espruino } from "./src/hal/espruino/index.js";
let tries = 0;
espruino.flash.write = () => { tries++; };
const binding = createBinding(espruino);
const codes = [];
binding.on("error", (event) => codes.push(event.code));
global.W = binding;
global.seen = () => [codes, tries];
binding.start(require("Storage").readJSON("binding.json", true));
if (binding.identity().proof) require("WifiBindingProof").start(binding);
`;

for (const name of ENGINES) {
  describe(`a worn flash in the engine ${name}`, function () {
    this.timeout(20_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("ends the proving of a possession: the next boot would say the same", async () => {
      const pop = "PROOF-OF-QWERTZUI";
      const proof = built("WifiBindingProof");
      world = await World.start(name, {
        program: await bundle(WORN),
        stack: NESTED,
        pop,
        files: { WifiBindingProof: proof },
      });
      await eventually(() => world.device.eval("W.state() == 'provisioning'"));
      const possession = possessionOf({ pop }, DK)!;
      const error = await bindingWindow(world.device.host, { possession }).then(String, String);
      expect(error).to.include("its flash is worn out");
    });

    it("is told, tried once a block, and ends the making of codes", async () => {
      world = await World.start(name, { program: await bundle(WORN), stack: NESTED });
      await eventually(() => world.device.eval("seen()[0].length == 2 && W.state() == 'provisioning'"));
      const [codes, tries] = (await world.device.eval("seen()")) as [string[], number];
      // Two facts are to be kept at boot, each in any of 14 blocks; the first is tried in the block that is open, too.
      expect(tries).to.be.within(14, 2 * 15);
      expect(codes).to.deep.equal(["flash", "flash"]);
      expect(await world.device.eval("[W.openWindow(60), W.window()]")).to.deep.equal([false, null]);
    });
  });
}
