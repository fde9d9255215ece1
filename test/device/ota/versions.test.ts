/** The versions that a device says after each connection: with the suffix of its application, and without it. */

import { expect } from "chai";
import mqtt from "mqtt-packet";

import { CMD_INFO, CMD_UPDATE_ASK, INFO_FIRMWARE, UPDATE_VERSION } from "../../../src/codec/commands.js";
import { decodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv } from "../../../src/codec/ttlv.js";
import { Proxy } from "../../support/proxy.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { built, World } from "../scenarios/world.js";

const PROGRAM = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
require("WifiBindingOta").start(W);`;

for (const name of ENGINES) {
  describe(`the version of an application (${name})`, function () {
    this.timeout(60_000);

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    it("is whole in 0044, and without its suffix in 0115, which comes once after a boot", async () => {
      const said: [cmd: number, version: unknown][] = [];
      let proxy: Proxy | undefined;
      const world = await World.start(name, {
        program: PROGRAM,
        library: true,
        files: { WifiBindingOta: built("WifiBindingOta") },
        options: { firmware: "1.2.3-app7" },
        server: async (url) => {
          proxy = await Proxy.start(url);
          proxy.onPassage = ({ device }) => {
            const parser = mqtt.parser();
            device.on("data", (bytes: Buffer) => parser.parse(bytes));
            parser.on("packet", (packet) => {
              if (packet.cmd !== "publish") return;
              const { cmd, data } = decodeFrame((packet.payload as Buffer).toString("latin1"))!;
              const id = cmd === CMD_INFO ? INFO_FIRMWARE : UPDATE_VERSION;
              const node = decodeTtlv(data)?.find(([one]) => one === id);
              if (cmd === CMD_INFO || cmd === CMD_UPDATE_ASK) said.push([cmd, node?.[1]]);
            });
          };
          return proxy.url;
        },
      });
      try {
        await world.own();
        const asks = (): number => said.filter(([cmd]) => cmd === CMD_UPDATE_ASK).length;
        await eventually(asks);
        expect(said.slice(-2)).to.deep.equal([
          [CMD_INFO, "1.2.3-app7"],
          [CMD_UPDATE_ASK, "1.2.3"],
        ]);
        // Another connection says 0044 again, and asks for nothing.
        const before = said.length;
        proxy!.passages.at(-1)!.cut();
        await eventually(() => said.length > before, 20_000);
        await pause(500);
        expect(said.slice(before)).to.deep.equal([[CMD_INFO, "1.2.3-app7"]]);
        await world.reboot();
        await eventually(() => asks() === 2, 20_000);
      } finally {
        await world.stop();
        await proxy?.stop();
        expect(world.device.uncaught).to.deep.equal([]);
      }
    });
  });
}
