/** The LAN session of a bound device, in every engine: who may log in, what is dropped, and when a connection ends. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { RawApp, Sealing } from "../../support/raw-app.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { World } from "./world.js";

/** Time of the device against that of the test, where its patience ends. */
const HASTE = 20;
/** Milliseconds of the device: until it pings a silent app, and until it gives that up. */
const [SILENCE, PONG] = [15_000, 10_000];
const STRANGER = Buffer.alloc(16, 7).toString("base64");
const [ON, OFF]: Node[][] = [[[1, true]], [[1, false]]];

for (const name of ENGINES) {
  describe(`a LAN session in the engine ${name}`, function () {
    this.timeout(40_000);
    let world: World;
    let authKey: string;
    const apps: RawApp[] = [];

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const start = async (haste?: number): Promise<void> => {
      world = await World.start(name, { options: { debug: true }, haste });
      authKey = await world.own();
    };
    const app = async (): Promise<RawApp> => {
      const one = await RawApp.connect(world.device.host);
      apps.push(one);
      return one;
    };
    const dropped = (): number => world.device.lines.filter((line) => line.startsWith("WB lan dropped=")).length;

    afterEach(async () => {
      for (const one of apps.splice(0)) one.end();
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    it("answers under the key and the random of its login: pings, reads and writes", async () => {
      await start();
      const one = await app();
      const sealing = await one.login(authKey);
      one.send(protocol.CMD_PING);
      expect((await one.next(protocol.CMD_PONG)).data).to.equal("");
      // An empty frame may be sealed, too.
      one.send(protocol.CMD_PING, sealing.seal([]));
      await one.next(protocol.CMD_PONG);
      const read = one.send(protocol.CMD_READ);
      expect(await one.next(protocol.CMD_READ_ANSWER)).to.include({ id: read, data: "" });
      one.send(protocol.CMD_WRITE, sealing.seal(ON));
      const written = await one.next(protocol.CMD_WRITE_ANSWER);
      expect(sealing.open(written.data)).to.deep.equal([[protocol.WRITE_RESULT, 1]]);
      expect(dropped()).to.equal(0);
    });

    it("drops and counts what is clear, garbled or unknown, and goes on", async () => {
      await start();
      const one = await app();
      const sealing = await one.login(authKey);
      const sealed = sealing.seal(ON);
      const wrong: [number, string | Node[]][] = [
        [protocol.CMD_WRITE, OFF],
        [protocol.CMD_WRITE, sealed.slice(1)],
        [protocol.CMD_WRITE, sealed.slice(0, -1) + String.fromCharCode(sealed.charCodeAt(sealed.length - 1) ^ 1)],
        [protocol.CMD_WRITE, "x".repeat(16)],
        [0x7fff, sealed],
      ];
      for (const [at, [cmd, data]] of wrong.entries()) {
        one.send(cmd, data);
        expect(await one.ignored(), `frame ${at}`).to.equal(true);
        expect(dropped()).to.equal(at + 1);
      }
      one.send(protocol.CMD_WRITE, sealed);
      await one.next(protocol.CMD_WRITE_ANSWER);
    });

    it("takes 0011, 0013 and 7039 only after a login, a ping before it too", async () => {
      await start();
      const one = await app();
      one.send(protocol.CMD_READ);
      one.send(protocol.CMD_WRITE, ON);
      one.send(protocol.CMD_HEARTBEAT, [[protocol.HEARTBEAT_SECONDS, 30]]);
      expect(await one.ignored()).to.equal(true);
      expect(dropped()).to.equal(3);
      one.send(protocol.CMD_PING);
      await one.next(protocol.CMD_PONG);
    });

    it("refuses a wrong key, a random that was used, and a login without one; the fifth try ends the connection", async () => {
      await start();
      const one = await app();
      const random = await one.challenge();
      expect(random).to.match(/^[!-~]{16}$/);
      expect(await one.answer(STRANGER, random)).to.equal(1);
      expect(await one.answer(authKey, random)).to.equal(1);
      expect(await one.answer(authKey, "0".repeat(16))).to.equal(1);
      const next = await one.challenge();
      expect(next).not.to.equal(random);
      expect(await one.answer(STRANGER, next)).to.equal(1);
      expect(one.closed).to.equal(false);
      expect(await one.answer(STRANGER, await one.challenge())).to.equal(1);
      await eventually(() => one.closed);
      // The next connection has tries of its own.
      await (await app()).login(authKey);
    });

    it("refuses a share code, with a line in the log", async () => {
      await start();
      const one = await app();
      expect(await one.answer(authKey, await one.challenge(), [[protocol.LOGIN_SHARE_CODE, "shared"]])).to.equal(1);
      await world.prints(/^WB lan share code refused$/);
      await one.login(authKey);
    });

    it("tells a second login so: with the key the new random counts, without it the old one", async () => {
      await start();
      const one = await app();
      await one.login(authKey);
      const random = await one.challenge();
      expect(await one.answer(authKey, random)).to.equal(protocol.LOGIN_ALREADY);
      for (let n = 0; n < 8; n++) {
        expect(await one.answer(STRANGER, await one.challenge())).to.equal(protocol.LOGIN_ALREADY);
      }
      one.send(protocol.CMD_WRITE, new Sealing(Buffer.from(authKey, "base64"), random).seal(ON));
      await one.next(protocol.CMD_WRITE_ANSWER);
    });

    it("serves four connections at once, and closes a fifth", async () => {
      await start();
      const four = [await app(), await app(), await app(), await app()];
      for (const one of four) await one.login(authKey);
      const fifth = await app();
      await eventually(() => fifth.closed);
      for (const one of four) {
        one.send(protocol.CMD_PING);
        await one.next(protocol.CMD_PONG);
      }
      four[0].end();
      await eventually(async () => {
        const again = await app();
        await pause(50);
        return !again.closed;
      });
    });

    it("pings an app that is silent after its login, and hangs up when nothing comes", async () => {
      await start(HASTE);
      const one = await app();
      const began = Date.now();
      await one.login(authKey);
      await one.next(protocol.CMD_PING);
      expect((Date.now() - began) * HASTE).to.be.within(SILENCE - 1000, SILENCE + 10_000);
      one.send(protocol.CMD_PONG);
      await one.next(protocol.CMD_PING);
      const asked = Date.now();
      await eventually(() => one.closed);
      expect((Date.now() - asked) * HASTE).to.be.within(PONG - 2000, PONG + 10_000);
    });

    it("leaves an app alone that sends heartbeats", async () => {
      await start(HASTE);
      const one = await app();
      const sealing = await one.login(authKey);
      for (let n = 0; n < 8; n++) {
        one.send(
          protocol.CMD_HEARTBEAT,
          sealing.seal([
            [protocol.HEARTBEAT_SECONDS, 30],
            [protocol.HEARTBEAT_FLAG, 1],
          ]),
        );
        await pause(10_000 / HASTE / 2);
      }
      expect([one.closed, one.frames]).to.deep.equal([false, []]);
    });

    it("gives up an app that says nothing for 10 s, and one for 60 s that never logs in", async () => {
      await start(HASTE);
      const [mute, idle] = [await app(), await app()];
      idle.send(protocol.CMD_PING);
      await idle.next(protocol.CMD_PONG);
      const began = Date.now();
      await eventually(() => mute.closed);
      expect((Date.now() - began) * HASTE).to.be.within(5000, 25_000);
      expect(idle.closed).to.equal(false);
      await eventually(() => idle.closed);
      expect((Date.now() - began) * HASTE).to.be.within(50_000, 80_000);
    });

    it("ends the sessions of an old authKey, and no other connection", async () => {
      await start();
      const [old, other] = [await app(), await app()];
      await old.login(authKey);
      await other.challenge();
      const { code, data } = await world.call("POST", "/v2/binding/enduserapi/regenerateAuthKey");
      expect(code).to.equal(200);
      await eventually(() => old.closed);
      expect(other.closed).to.equal(false);
      expect(await other.answer(authKey, await other.challenge())).to.equal(1);
      const next = String(data!.authKey);
      expect(next).not.to.equal(authKey);
      await (await app()).login(next);
    });

    it("ends all sessions when the device is unbound, and lets nobody in", async () => {
      await start();
      const one = await app();
      await one.login(authKey);
      expect((await world.call("DELETE", "/v2/binding/enduserapi/unbundlingDeviceDk")).code).to.equal(200);
      await eventually(() => one.closed);
      const next = await app();
      expect(await next.answer(authKey, await next.challenge())).to.equal(1);
    });
  });
}
