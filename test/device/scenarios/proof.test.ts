/** Devices with a proof of possession, in every engine: who knows the label gets everything, who does not nothing, and waits. */

import type { connect } from "node:net";

import { expect } from "chai";

import { bindingWindow, possessionOf, provision, scan, type Possession } from "../../../sim/app/index.js";
import { Link } from "../../../sim/app/frame-link.js";
import { accessPointPassword } from "../../../sim/app/level1.js";
import { openLink } from "../../../sim/app/proof.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, find, type Node } from "../../../src/codec/ttlv.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

const POP = newPop();

for (const name of ENGINES) {
  describe(`a proof of possession in the engine ${name}`, function () {
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
    const knows = (secret: { pop?: string; authKey?: string }): { possession: Possession } => ({
      possession: possessionOf(secret, DK)!,
    });

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("binds with the proof of possession, and asks for the authKey after that", async () => {
      await start();
      const { host } = world.device;
      const steps: string[] = [];
      const authKey = await world.own({
        onStep: (step) => steps.push(step.step === "provisioning" ? step.progress : step.step),
      });
      expect(steps.filter((step) => step !== "called").slice(0, 3)).to.deep.equal(["discovered", "accepted", "router"]);
      expect(await bindingWindow(host, knows({ authKey }))).to.equal(undefined);
      await world.device.eval("W.openWindow(60)");
      const window = (await bindingWindow(host, knows({ authKey })))!;
      expect(window).to.include({ bindingCode: await world.device.eval("W.window().code"), capabilitiesBitmask: 3 });
      expect(await failure(bindingWindow(host, knows({ pop: POP })))).to.match(/another proof/);
    });

    it("closes its access point with the password that the label gives, until the app has heard of its success", async () => {
      await start({ haste: 20 });
      const softAp = await eventually(() => world.device.radio.softAp());
      expect(softAp).to.include({ ssid: `WB-${DK.slice(-4)}`, password: accessPointPassword(POP) });
      await world.own();
      await eventually(async () => !(await world.device.radio.softAp()));
    });

    it("gives nothing to an app that has proved nothing", async () => {
      await start();
      const { host } = world.device;
      expect(await failure(provision({ address: host, ...NETWORK }))).to.match(/proof of possession needed/);
      expect(await scan(host)).to.equal(undefined);
      const link = await Link.open(host, 5000);
      for (const cmd of [protocol.CMD_WINDOW, protocol.CMD_LAST_RESULT]) {
        const nodes = (await link.request(cmd, cmd + 1, 5000))!;
        expect([find(nodes, protocol.EXT_OK), find(nodes, protocol.EXT_ERROR)]).to.deep.equal([
          false,
          protocol.FAIL_PROOF,
        ]);
      }
      link.close();
      expect(world.state()).to.equal("provisioning");
      expect(await scan(host, knows({ pop: POP }))).to.deep.equal(["home"]);
    });

    it("locks out after five wrong proofs, also over a reboot, and the right one waits too", async () => {
      await start();
      const { host } = world.device;
      const guess = (pop: string): Promise<string> => failure(scan(host, knows({ pop })));
      for (let n = 1; n <= 5; n++) expect(await guess(newPop())).to.match(/another proof/);
      expect(await guess(POP)).to.match(/again in (29|30) s/);
      await world.reboot();
      await world.reaches("provisioning");
      expect(await guess(POP)).to.match(/again in (29|30) s/);
    });

    it("does not trust a device that says it needs no proof", async () => {
      await start({ pop: undefined });
      expect(await failure(world.bind({ pop: POP }))).to.match(/asks for no proof of possession/);
    });

    it("drops a frame that was recorded and is sent again", async () => {
      await start();
      const { host } = world.device;
      const link = await openLink(host, 5000, knows({ pop: POP }));
      const socket = (link as unknown as { socket: ReturnType<typeof connect> }).socket;
      const written: Buffer[] = [];
      const write = socket.write.bind(socket);
      socket.write = ((bytes: Buffer) => (written.push(bytes), write(bytes))) as typeof socket.write;
      const ask = () => link.request(protocol.CMD_SCAN, protocol.CMD_SCAN_ANSWER, 5000);
      expect(await ask()).to.have.length(1);
      write(written[0]);
      expect(await link.receive(300)).to.equal(undefined);
      expect(await ask()).to.have.length(1);
      link.close();
    });

    it("serves no 7010 and no 7012 when its module is missing, and says so", async () => {
      await start({ files: { WifiBindingProof: "" }, program: "firmware" });
      await world.prints(/^WB error proof: the module WifiBindingProof is missing$/);
      const link = await Link.open(world.device.host, 5000);
      const nodes: Node[] = [
        [protocol.WIFI_SSID, NETWORK.ssid],
        [protocol.WIFI_PASSWORD, NETWORK.password],
      ];
      const answer = await link.request(protocol.CMD_PROVISION, protocol.CMD_PROVISION_ANSWER, 5000, undefined, nodes);
      expect(answer).to.deep.equal([[protocol.PROVISION_OK, false]]);
      expect(await link.request(protocol.CMD_SCAN, protocol.CMD_SCAN_ANSWER, 5000)).to.deep.equal([]);
      link.send(protocol.CMD_HELLO, [[protocol.HELLO_APP_RANDOM, "r".repeat(16)]]);
      expect(await link.receive(300)).to.equal(undefined);
      link.close();
      expect(world.state()).to.equal("provisioning");
    });

    it("drops what is sent in clear on the channel of a proof", async () => {
      await start();
      const { host } = world.device;
      const link = await openLink(host, 5000, knows({ pop: POP }));
      const { socket } = link as unknown as { socket: ReturnType<typeof connect> };
      const nodes = encodeTtlv([
        [protocol.WIFI_SSID, NETWORK.ssid],
        [protocol.WIFI_PASSWORD, NETWORK.password],
      ]);
      socket.write(Buffer.from(encodeFrame(77, protocol.CMD_PROVISION, nodes), "latin1"));
      expect(await link.receive(300)).to.equal(undefined);
      expect(world.state()).to.equal("provisioning");
      expect(await link.request(protocol.CMD_SCAN, protocol.CMD_SCAN_ANSWER, 5000)).to.have.length(1);
      link.close();
    });
  });
}
