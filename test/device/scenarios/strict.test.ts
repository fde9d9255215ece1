/**
 * The whole flow against a cloud that sends and takes nothing but what the platform is known to (strict), in every engine:
 * no frame of this project's own is needed, over TCP or over Bluetooth.
 */

import { expect } from "chai";

import { LanSession, openGatt } from "../../../sim/app/index.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { built, World, type Setup } from "./world.js";

const KEYS = "/v2/binding/enduserapi";

for (const name of ENGINES) {
  describe(`a device at the platform itself, in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const start = async (setup: Setup = {}): Promise<void> => {
      world = await World.start(name, { ...setup, cloud: { strict: true } });
    };

    afterEach(async () => {
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
      expect(world.seen()).not.to.include("malformed").and.not.include("foreignTopic");
    });

    /** What an app of the owner does: read, write, ping. */
    async function used(session: LanSession): Promise<void> {
      expect(await session.ping()).to.equal(true);
      expect(await session.read()).to.deep.equal([]);
      // Nothing takes a write yet.
      expect((await session.write([[1, true]])).result).to.equal(1);
    }

    it("is bound, and used over TCP, also after a power cut", async () => {
      await start();
      const authKey = await world.own();
      await eventually(() => world.count("keyConfirmed"));
      expect(world.count("keySent")).to.equal(1);
      for (let boots = 0; boots < 2; boots++) {
        const session = await LanSession.open(world.device.host, authKey);
        await used(session);
        session.close();
        await world.reboot();
        await world.reaches("bound");
      }
    });

    it("is bound, and used over Bluetooth", async () => {
      await start({ bluetooth: true, files: { WifiBindingBle: built("WifiBindingBle") } });
      const transport = () =>
        openGatt(async (mtu) => {
          await eventually(() => world.device.bluetooth.advertisement(), 10_000);
          return world.device.bluetooth.connect(mtu);
        });
      const authKey = await world.own({ transport });
      const session = await LanSession.open("the phone's Bluetooth", authKey, { transport });
      await used(session);
      session.close();
    });

    it("takes a new authKey, which ends the sessions of the old one; both calls and the list tell the new one", async () => {
      await start();
      const authKey = await world.own();
      const session = await LanSession.open(world.device.host, authKey);
      const told = async (): Promise<unknown> => (await world.call("POST", `${KEYS}/getAuthKey`)).data!.authKey;
      expect(await told()).to.equal(authKey);
      let next: unknown;
      await world.until("keyConfirmed", async () => {
        next = (await world.call("POST", `${KEYS}/regenerateAuthKey`)).data!.authKey;
      });
      expect(await session.ping().catch(() => false)).to.equal(false);
      expect(await told()).to.equal(next);
      const { list } = (await world.call("GET", `${KEYS}/userDeviceList`)).data as { list: { authKey: string }[] };
      expect(list.map((one) => one.authKey)).to.deep.equal([next]);
      expect(await LanSession.open(world.device.host, authKey).catch(String)).to.match(/refuses the login/);
      const again = await LanSession.open(world.device.host, String(next));
      await used(again);
      again.close();
      await world.reboot();
      await world.reaches("bound");
      (await LanSession.open(world.device.host, String(next))).close();
    });

    it("serves a second user, who has the same authKey, at the same time", async () => {
      await start({ program: "library" });
      const authKey = await world.own();
      await world.until("window", () => world.device.eval("W.openWindow(60)"));
      const { envelope } = await world.bind({ token: world.products.users[1].token });
      expect([envelope.code, envelope.data!.authKey]).to.deep.equal([200, authKey]);
      const both = await Promise.all([1, 2].map(() => LanSession.open(world.device.host, authKey)));
      for (const session of both) await used(session);
      for (const session of both) session.close();
    });

    it("is given another authKey when it was reset and is bound again; what it was before ends there", async () => {
      await start({ program: "library" });
      const authKey = await world.own();
      const session = await LanSession.open(world.device.host, authKey);
      await world.device.eval("W.reset()");
      expect(await session.ping().catch(() => false)).to.equal(false);
      await world.reaches("provisioning");
      const next = await world.own();
      expect(next).not.to.equal(authKey);
      expect([world.count("reset"), world.count("bound")]).to.deep.equal([1, 2]);
      expect(await LanSession.open(world.device.host, authKey).catch(String)).to.match(/refuses the login/);
      (await LanSession.open(world.device.host, next)).close();
    });

    it("is not told that it was unbound: it lives on as bound, and what it reports is taken", async () => {
      await start({ program: "library" });
      const authKey = await world.own();
      expect((await world.call("DELETE", `${KEYS}/unbundlingDeviceDk`)).code).to.equal(200);
      await world.until("window", () => world.device.eval("W.openWindow(60)"));
      expect(world.state()).to.equal("bound");
      (await LanSession.open(world.device.host, authKey)).close();
      const code = (await world.device.eval("W.window().code")) as string;
      await world.until("keyConfirmed", async () => expect(await world.verdict(code)).to.equal(200));
      expect(await LanSession.open(world.device.host, authKey).catch(String)).to.match(/refuses the login/);
    });

    it("tells wrong tries apart from its own code: the fifth kills that, and the next window has another", async () => {
      await start({ program: "library" });
      await world.bind({ token: "wrong" });
      await eventually(() => world.count("window"));
      const code = (await world.device.eval("W.window().code")) as string;
      for (let n = 0; n < 5; n++) expect(await world.verdict("0".repeat(16))).to.equal(5462);
      expect(await world.verdict(code)).to.equal(5461);
      await world.until("window", () => world.device.eval("W.openWindow(60)"));
      expect(await world.verdict((await world.device.eval("W.window().code")) as string)).to.equal(200);
      await world.reaches("bound");
      expect(world.events.filter(({ command }) => command === "00B5").length).to.be.at.least(2);
    });
  });
}
