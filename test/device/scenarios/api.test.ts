/** What an application does with the module: its errors, its events, and a device that stops and starts again. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";

import { discoverOne } from "../../../sim/app/index.js";
import { LAN_TCP_PORT } from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { NETWORK, World, type Setup } from "./world.js";

/** Takes down what every event says, before the start. */
const LISTENING = `var W = require("WifiBinding"), heard = [];
["state","window","reported","bound","provisioning","error"].forEach(function (name) {
  W.on(name, function (event) { heard.push([name, event]); });
});
`;
const STARTED = LISTENING + 'W.start(require("Storage").readJSON("binding.json", true));';

for (const name of ENGINES) {
  describe(`the API in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await world?.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    const begin = async (setup: Setup = {}): Promise<void> => {
      world = await World.start(name, { program: STARTED, library: true, ...setup });
    };
    const evaluate = (expression: string): Promise<unknown> => world.device.eval(expression);
    const state = (): Promise<unknown> => evaluate("W.state()");
    const becomes = (wanted: string): Promise<unknown> => eventually(async () => (await state()) === wanted, 15_000);
    const codeOf = (call: string): Promise<unknown> =>
      evaluate(`(function(){try{${call}}catch(e){return [e.code,e.message]}})()`);
    const heard = async (event: string): Promise<Record<string, unknown>[]> =>
      ((await evaluate("heard")) as [string, Record<string, unknown>][]).flatMap(([one, says]) =>
        one === event ? [says] : [],
      );
    const bound = async (): Promise<unknown[]> => (await heard("bound")).map((event) => event.bound);
    const isOpen = async (): Promise<boolean> => {
      const socket = connect(LAN_TCP_PORT, world.device.host);
      const [found] = await Promise.race([
        once(socket, "connect").then(() => [true]),
        once(socket, "error").then(() => [false]),
      ]).catch(() => [false]);
      socket.destroy();
      return found;
    };

    it("throws errors with a code", async () => {
      await begin({ program: LISTENING });
      for (const call of ["W.openWindow(60)", "W.reset()", "W.remove()", "W.provision()", "W.identity()"]) {
        expect(await codeOf(call), call).to.deep.equal(["stopped", "not started"]);
      }
      expect(await codeOf('W.start({server:"http://x"})')).to.deep.equal([
        "option",
        "option server must be mqtt(s)://host:port",
      ]);
      expect(await codeOf('W.start({server:"mqtt://x",window:0})')).to.include("option");
      await evaluate('W.start(require("Storage").readJSON("binding.json", true))');
      expect(await codeOf('W.start({server:"mqtt://x"})')).to.deep.equal(["started", "already started"]);
      expect(await codeOf("W.openWindow(0)")).to.include("seconds");
      expect(await codeOf('W.openWindow(60,"abc")')).to.include("code");
    });

    it("tells the cloud's number as a field, and prose beside it", async () => {
      await begin({ server: "mqtt://127.0.0.1:9" });
      await world.bind({ pollTimeout: 1, pollInterval: 1 });
      const [error] = await eventually(async () => {
        const errors = await heard("error");
        return errors.length ? errors : undefined;
      }, 15_000);
      expect(error).to.include({ code: "cloud", number: 10450 });
      expect(error.message).to.match(/^next try in \d+ s$/);
      expect(world.device.lines.join("\n")).to.match(/^WB error cloud 10450: next try in \d+ s$/m);
    });

    it("tells whether it is bound at the start and at each change, once", async () => {
      await begin();
      await eventually(async () => (await bound()).length);
      expect(await bound()).to.deep.equal([false]);
      expect((await world.bind()).envelope.code).to.equal(200);
      await becomes("bound");
      await pause(200);
      expect(await bound()).to.deep.equal([false, true]);
      await world.device.reboot();
      await eventually(async () => (await bound()).length);
      await becomes("bound");
      await pause(200);
      expect(await bound(), "at the boot of a bound device").to.deep.equal([true]);
      await evaluate("W.reset()");
      await eventually(async () => (await bound()).length > 1);
      expect(await bound(), "after a reset").to.deep.equal([true, false]);
    });

    it("stops while it is bound: good-bye to the cloud, no socket, no network, flash as it was; and starts again", async () => {
      await begin();
      expect((await world.bind()).envelope.code).to.equal(200);
      await becomes("bound");
      // The access point of the provisioning has another minute.
      expect(await world.device.radio.softAp()).to.not.equal(undefined);
      const before = Buffer.from(world.device.flash);
      const parted = world.seen().filter((event) => event === "disconnected").length;
      await evaluate("W.stop()");
      await eventually(() => world.seen().filter((event) => event === "disconnected").length > parted);
      await eventually(async () => (await world.device.radio.station()) === undefined);
      expect(await state()).to.equal("idle");
      expect(await world.device.radio.softAp()).to.equal(undefined);
      expect(await isOpen()).to.equal(false);
      const silent = discoverOne(world.device.host, { timeout: 500 }).then(() => "answered", () => "silent"); // prettier-ignore
      expect(await silent).to.equal("silent");
      expect(Buffer.compare(Buffer.from(world.device.flash), before)).to.equal(0);
      expect(await codeOf("W.openWindow()")).to.deep.equal(["stopped", "not started"]);
      expect(await evaluate("[W.window()||0,W.capabilities(),W.stop()||0]")).to.deep.equal([0, 0, 0]);

      await evaluate('W.start({server:"mqtt://127.0.0.1:9"})');
      await becomes("bound");
      expect(await isOpen()).to.equal(true);
      await discoverOne(world.device.host, {});
      expect(await bound()).to.deep.equal([false, true]);
      await evaluate("W.openWindow()");
      await eventually(async () => (await heard("reported")).length === 2);
    });

    it("stops while it waits for an app, and with a window open; stops and starts in one turn", async () => {
      await begin();
      await eventually(() => world.device.radio.softAp());
      await evaluate("W.stop()");
      await eventually(async () => (await world.device.radio.softAp()) === undefined);
      for (let i = 0; i < 3; i++) await evaluate("W.start()||W.stop()");
      await evaluate("W.start()");
      await eventually(() => world.device.radio.softAp());
      expect((await world.bind()).envelope.code).to.equal(200);
      await becomes("bound");
      await evaluate("W.openWindow(600)");
      const { code } = (await evaluate("W.window()")) as { code: string };
      await evaluate("W.stop()||W.start()");
      await becomes("bound");
      expect(await evaluate("W.window()")).to.include({ code });
      await pause(300);
      expect(await world.device.radio.station()).to.equal(NETWORK.ssid);
    });

    it("stops a socket that datagrams of no length have closed, for good", async () => {
      await begin();
      await eventually(() => world.device.radio.softAp());
      const socket = createSocket("udp4");
      for (let i = 0; i < 20; i++) socket.send("", 6606, world.device.host);
      await pause(20);
      await evaluate("W.stop()");
      await pause(300);
      const silent = discoverOne(world.device.host, { timeout: 500 }).then(() => "answered", () => "silent"); // prettier-ignore
      expect(await silent).to.equal("silent");
      socket.close();
    });
  });
}
