/** The consoles that Espruino leaves open: closed at boot, in every engine, unless the options say otherwise. */

import { expect } from "chai";

import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { World, type Setup } from "./world.js";

/** Writes down what the firmware does to the doors; the doors themselves stay, so that the test can ask. */
const SPY = `var doors = { telnet: "", uart: true, password: "", locked: false };
require("TelnetServer").setOptions = function (options) { doors.telnet = options.mode; };
var NRF = { setServices: function (services, options) { doors.uart = options.uart; } };
E.setPassword = function (password) { doors.password = password; };
E.lockConsole = function () { doors.locked = true; };`;

for (const name of ENGINES) {
  describe(`doors in the engine ${name}`, function () {
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    const doors = async (options: Setup["options"]): Promise<unknown> => {
      world = await World.start(name, { files: { ".boot0": SPY }, options });
      await eventually(() => world.device.radio.softAp());
      return world.device.eval("doors");
    };

    it("are closed: telnet and the REPL over Bluetooth", async () => {
      expect(await doors({})).to.deep.equal({ telnet: "off", uart: false, password: "", locked: false });
    });

    it("are closed, and the console is locked, when there is a password for it", async () => {
      const wanted = { telnet: "off", uart: false, password: "let me in", locked: true };
      expect(await doors({ console: "let me in" })).to.deep.equal(wanted);
      expect(world.device.lines.join("\n")).not.to.contain("let me in");
    });

    it("stay open for debugging, and the log says so", async () => {
      expect(await doors({ debug: true })).to.deep.equal({ telnet: "", uart: true, password: "", locked: false });
      expect(world.device.lines).to.include("WB debug: consoles stay open");
    });
  });
}
