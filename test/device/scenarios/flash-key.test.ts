/** A device whose application gives a flashKey: what stands in its flash is of no use to who reads it out. */

import { expect } from "chai";

import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { NETWORK, World } from "./world.js";

const FLASH_KEY = "a key from the eFuse";

/** An application that keeps what it is told by `error`, and starts with the key that Storage has as `key`. */
const APPLICATION = `
var W = require("WifiBinding"), S = require("Storage"), o = S.readJSON("binding.json", true), heard = [];
W.on("error", function (e) { heard.push(e.code); });
o.flashKey = S.read("key") || undefined;
W.start(o);`;

for (const name of ENGINES) {
  describe(`flashKey in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    const start = async (key: string, identity?: string): Promise<World> =>
      (world = await World.start(name, { program: APPLICATION, library: true, files: { key }, flashKey: identity }));
    const written = (key: string): Promise<unknown> =>
      world.device.eval(`(require("Storage").${key ? `write("key",${JSON.stringify(key)})` : 'erase("key")'},1)`);
    const flash = async (): Promise<string> => {
      const area = name === "espruino" ? 0x10030000 : 0x310000;
      let all = "";
      for (let at = 0; at < 0x4000; at += 1024) {
        const piece = await world.device.eval(`btoa(require("Flash").read(1024,${area + at}))`);
        all += Buffer.from(piece as string, "base64").toString("latin1");
      }
      return all;
    };

    it("binds, remembers all of it over a power cut, and leaves no secret to be read", async () => {
      await start(FLASH_KEY, FLASH_KEY);
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(async () => (await world.device.eval("W.state()")) === "bound");
      const bytes = await flash();
      for (const secret of [world.products.products[0].ps, NETWORK.password, NETWORK.ssid])
        expect(bytes).not.to.include(secret);
      await world.device.reboot();
      await eventually(async () => (await world.device.eval("W.state()")) === "bound");
      expect(world.seen().filter((event) => event === "authenticated")).to.have.length(1);
    });

    it("serves nothing without its key, changes nothing, and is well with it again", async () => {
      await start(FLASH_KEY, FLASH_KEY);
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(async () => (await world.device.eval("W.state()")) === "bound");
      for (const wrong of ["another key, as long", ""]) {
        const before = await flash();
        await written(wrong);
        await world.device.reboot();
        await eventually(() => world.device.eval("heard[0]"));
        expect(await world.device.eval("[heard[0],W.state(),W.capabilities()]")).to.deep.equal(["identity", "idle", 0]);
        expect(await flash()).to.equal(before);
      }
      await written(FLASH_KEY);
      await world.device.reboot();
      await eventually(async () => (await world.device.eval("W.state()")) === "bound");
    });

    it("takes no identity that is not sealed", async () => {
      await start(FLASH_KEY);
      await eventually(() => world.device.eval("heard[0]"));
      expect(await world.device.eval("heard[0]")).to.equal("identity");
    });
  });
}
