/** 7010 to 7014 on the platform's own wire, in every engine: what is answered when, and who is told. */

import { expect } from "chai";

import { scan } from "../../../sim/app/index.js";
import * as protocol from "../../../src/codec/commands.js";
import { find, type Node } from "../../../src/codec/ttlv.js";
import { RawApp } from "../../support/raw-app.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

const { CMD_PROVISION, CMD_PROVISION_ANSWER, CMD_SCAN, CMD_SCAN_ANSWER } = protocol;
const REFUSED: Node[] = [[protocol.PROVISION_OK, false]];

/** The content of 7010, in the order in which real apps send it. */
function network({ ssid = NETWORK.ssid, password = NETWORK.password, more = [] as Node[] } = {}): Node[] {
  return [
    [protocol.WIFI_SSID, ssid],
    [protocol.WIFI_PASSWORD, password],
    [protocol.WIFI_SECONDS, 120],
    ...more,
    [protocol.WIFI_UNKNOWN, 255],
  ];
}

for (const name of ENGINES) {
  describe(`provisioning in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;
    const apps: RawApp[] = [];

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const start = async (setup?: Setup): Promise<void> => {
      world = await World.start(name, { program: "library", ...setup });
      await world.reaches("provisioning");
    };
    const app = async (): Promise<RawApp> => {
      const one = await RawApp.connect(world.device.host);
      apps.push(one);
      return one;
    };
    const provision = (one: RawApp, nodes = network()): Promise<Node[]> =>
      one.ask(CMD_PROVISION, CMD_PROVISION_ANSWER, nodes);

    afterEach(async () => {
      for (const one of apps.splice(0)) one.end();
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("answers at once, with the code that the cloud is told, and pushes 7014 once, to the app that has asked", async () => {
      await start();
      const [one, other] = [await app(), await app()];
      other.send(protocol.CMD_PING);
      const answer = await provision(one);
      expect(answer.map(([id]) => id)).to.deep.equal([4, 5, 7, 8, 9]);
      const [ok, seconds, pk, dk, code] = answer.map(([, value]) => value);
      expect([ok, seconds, pk, dk]).to.deep.equal([true, 120, world.products.products[0].pk, DK]);
      expect(code).to.match(/^[0-9A-F]{16}$/);
      const push = await one.next(protocol.CMD_IN_CLOUD);
      expect(push.id).to.equal(0);
      expect(await world.verdict(String(code))).to.equal(200);
      await world.reaches("bound");
      await pause(200);
      expect(one.frames).to.deep.equal([]);
      expect(other.frames.map(({ cmd }) => cmd)).to.deep.equal([protocol.CMD_PONG]);
    });

    it("answers an app that repeats with the same code: while it joins, and on the network until the code is spent", async () => {
      await start();
      const one = await app();
      const code = find(await provision(one), protocol.PROVISION_CODE);
      expect(find(await provision(one), protocol.PROVISION_CODE)).to.equal(code);
      await world.reaches("online");
      const second = await app();
      expect(find(await provision(second), protocol.PROVISION_CODE)).to.equal(code);
      expect(await world.verdict(String(code))).to.equal(200);
      await world.reaches("bound");
      expect(await provision(second)).to.deep.equal([]);
      expect(world.count("connected")).to.equal(1);
    });

    it("has nothing for other networks while it joins one, and on it", async () => {
      await start();
      const one = await app();
      await provision(one);
      for (const other of [network({ ssid: "other" }), network({ password: "another-password" })]) {
        expect(await provision(one, other)).to.deep.equal([]);
      }
      await world.reaches("online");
      expect(await provision(one, network({ ssid: "other" }))).to.deep.equal([]);
      expect(await one.ask(CMD_SCAN, CMD_SCAN_ANSWER)).to.deep.equal([]);
      expect(await scan(world.device.host)).to.equal(undefined);
    });

    it("refuses parameters that cannot be, and goes on waiting", async () => {
      await start();
      const one = await app();
      for (const bad of [
        [],
        network({ ssid: "" }),
        network({ ssid: "x".repeat(33) }),
        network({ password: "short" }),
        network({ password: "x".repeat(64) }),
        network({ password: "a".repeat(65) }),
        network({ more: [[protocol.WIFI_SERVER, "http://cloud"]] }),
        network({ more: [[protocol.WIFI_SERVER, "mqtt://cloud:0"]] }),
      ]) {
        expect(await provision(one, bad)).to.deep.equal(REFUSED);
      }
      expect(await world.device.eval("[W.state(),W.window()]")).to.deep.equal(["provisioning", null]);
      expect(find(await provision(one), protocol.PROVISION_OK)).to.equal(true);
    });

    it("takes the server that an app names, the seconds that it waits, and a code of no more", async () => {
      await start({ server: "mqtt://127.0.0.1:9", options: { window: 60 } });
      const one = await app();
      const server: Node = [protocol.WIFI_SERVER, world.cloud.mqtt];
      const nodes: Node[] = [
        [protocol.WIFI_SSID, NETWORK.ssid],
        [protocol.WIFI_PASSWORD, NETWORK.password],
        [protocol.WIFI_SECONDS, 30],
        server,
      ];
      expect(find(await provision(one, nodes), protocol.PROVISION_SECONDS)).to.equal(30);
      await world.reaches("online");
      expect(await world.device.eval("W.window().seconds")).to.be.within(20, 30);
      await world.device.eval("W.provision()");
      await world.reaches("provisioning");
      expect(find(await provision(one, network({ more: [server] })), protocol.PROVISION_SECONDS)).to.equal(60);
    });

    it("gives a second app that comes over the network the code of a window that its owner has opened", async () => {
      await start();
      const first = await app();
      const code = String(find(await provision(first), protocol.PROVISION_CODE));
      await eventually(() => world.count("window"));
      expect(await world.verdict(code)).to.equal(200);
      await world.reaches("bound");
      const second = await app();
      expect(await provision(second)).to.deep.equal([]);
      await world.until("window", () => world.device.eval("W.openWindow(60)"));
      const answer = await provision(second);
      expect(find(answer, protocol.PROVISION_CODE)).to.equal(await world.device.eval("W.window().code"));
      expect(find(answer, protocol.PROVISION_SECONDS)).to.be.within(55, 60);
      expect(await world.verdict(String(find(answer, protocol.PROVISION_CODE)), 1)).to.equal(200);
      expect(world.count("connected")).to.equal(1);
    });

    it("shares one scan among the apps that ask at once", async () => {
      await start();
      const both = [await app(), await app()];
      const names = await Promise.all(both.map((one) => one.ask(CMD_SCAN, CMD_SCAN_ANSWER)));
      for (const answer of names) expect(answer).to.deep.equal([[protocol.SCAN_NAMES, [[0, NETWORK.ssid]]]]);
    });
  });
}
