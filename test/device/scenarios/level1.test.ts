/** Level 1 in every engine: who knows the label gets everything, who does not gets nothing and has to wait. */

import { connect } from "node:net";

import { expect } from "chai";

import { bindingWindow, discoverOne, possessionOf, provision, scan } from "../../../sim/app/index.js";
import { accessPointPassword } from "../../../sim/app/level1.js";
import { openLink } from "../../../sim/app/proof.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import { LAN_TCP_PORT } from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

const POP = newPop();

for (const name of ENGINES) {
  describe(`level 1 in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const start = async (setup: Setup = {}): Promise<World> =>
      (world = await World.start(name, { program: "library", pop: POP, ...setup }));
    const failure = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => expect.fail("it should have failed"),
        (error: Error) => error.message,
      );
    const state = async (): Promise<string> => (await discoverOne(world.device.host, {})).state;

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("binds with the proof of possession, and asks for the authKey after that", async () => {
      await start();
      const { host } = world.device;
      const { envelope } = await world.bind({ pop: POP });
      expect(envelope.code).to.equal(200);
      await eventually(async () => (await state()) === "bound");
      await world.device.eval("W.openWindow(60)");
      const { authKey } = envelope.data!;
      const window = await eventually(() => bindingWindow(host, { possession: possessionOf({ authKey }, DK) }));
      expect(window.bindingCode).to.match(/^[0-9A-F]{16}$/);
      const old = bindingWindow(host, { possession: possessionOf({ pop: POP }, DK) });
      expect(await failure(old)).to.match(/another proof/);
    });

    it("closes its access point with the password that the label gives, until the app has heard of its success", async () => {
      await start();
      const softAp = await eventually(() => world.device.radio.softAp());
      expect(softAp).to.include({ ssid: `WB-${DK.slice(-4)}`, password: accessPointPassword(POP) });
      await world.bind({ pop: POP });
      await eventually(async () => !(await world.device.radio.softAp()));
    });

    it("gives nothing to an app that has proved nothing", async () => {
      await start();
      const { host } = world.device;
      expect(await failure(provision({ address: host, ...NETWORK }))).to.match(/proof of possession needed/);
      expect(await failure(bindingWindow(host))).to.match(/proof of possession needed/);
      expect(await failure(scan(host))).to.match(/proof of possession needed/);
      expect(await state()).to.equal("provisioning");
      expect(await scan(host, { possession: possessionOf({ pop: POP }, DK) })).to.have.length(1);
    });

    it("locks out after five wrong proofs, also over a reboot, and the right one waits too", async () => {
      await start();
      const { host } = world.device;
      const guess = (pop: string): Promise<string> => failure(scan(host, { possession: possessionOf({ pop }, DK) }));
      for (let n = 1; n <= 5; n++) expect(await guess(newPop())).to.match(/another proof/);
      expect(await guess(POP)).to.match(/again in (29|30) s/);
      await world.device.reboot();
      await eventually(async () => (await state()) === "provisioning");
      expect(await guess(POP)).to.match(/again in (29|30) s/);
    });

    it("does not trust a device that says it needs no proof", async () => {
      await start({ pop: undefined });
      expect(await failure(world.bind({ pop: POP }))).to.match(/asks for no proof of possession/);
    });

    it("drops a frame that was recorded and is sent again", async () => {
      await start();
      const { host } = world.device;
      const link = await openLink(host, 5000, { possession: possessionOf({ pop: POP }, DK) });
      const socket = (link as unknown as { socket: ReturnType<typeof connect> }).socket;
      const written: Buffer[] = [];
      const write = socket.write.bind(socket);
      socket.write = ((bytes: Buffer) => (written.push(bytes), write(bytes))) as typeof socket.write;
      const ask = () => link.request(0x7015, 0x7016, 5000);
      expect(await ask()).to.have.length(1);
      write(written[0]);
      expect(await link.receive(300)).to.equal(undefined);
      expect(await ask()).to.have.length(1);
      link.close();
    });

    it("serves nothing without a proof of possession in flash, and says what to do", async () => {
      await start({ pop: undefined, options: { security: 1 } });
      await eventually(() => world.device.lines.some((line) => /no proof of possession in flash/.test(line)));
      const refused = new Promise((resolve) => connect(LAN_TCP_PORT, world.device.host).once("error", resolve));
      expect(await refused).to.include({ code: "ECONNREFUSED" });
    });
  });
}
