/** Strangers on the device's network, in every engine: the honest app is served within two seconds all the while. */

import { createSocket } from "node:dgram";
import { existsSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

import { expect } from "chai";

import { discover, discoverOne, possessionOf, scan } from "../../../sim/app/index.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import {
  CMD_DISCOVER,
  CMD_HELLO,
  CMD_PROVISION,
  CMD_SCAN,
  HELLO_APP_RANDOM,
  LAN_TCP_PORT,
  LAN_UDP_PORT,
} from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { latin1 } from "../../support/hal.js";
import { DK, World } from "./world.js";

const POP = newPop();
/** JsVars of what is made once and stays: a connection that stays takes more than 100. */
const ONCE = 20;
/** Time of the device against that of the test, where strangers wear out its patience. */
const HASTE = 4;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
/** Milliseconds that an honest app waits at most. */
const PATIENCE = 5000;

for (const name of ENGINES) {
  describe(`among strangers, in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;
    let host: string;
    const sockets: Socket[] = [];

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    let pop: string | undefined;

    /** A device of the platform's open form, unless it has a proof. */
    const begin = async (haste?: number, proof?: string): Promise<void> => {
      pop = proof;
      world = await World.start(name, { program: "library", pop, haste });
      host = world.device.host;
      await eventually(() => world.device.radio.softAp());
    };

    beforeEach(() => begin());

    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.destroy();
      await world.stop();
      expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const tcp = async (): Promise<Socket> => {
      const socket = connect(LAN_TCP_PORT, host).on("error", () => {});
      sockets.push(socket);
      await new Promise((resolve) => socket.once("connect", resolve));
      return socket;
    };
    const closed = (socket: Socket): Promise<void> =>
      new Promise((resolve) => (socket.closed ? resolve() : socket.resume().once("close", () => resolve())));

    /** Finds the device and asks for its networks, as an app does. */
    const honest = async (): Promise<void> => {
      const start = performance.now();
      expect((await discoverOne(host, { timeout: PATIENCE })).dk).to.equal(DK);
      expect(await scan(host, { possession: possessionOf({ pop }, DK) })).to.have.length(1);
      expect(performance.now() - start).to.be.below(PATIENCE);
    };

    const usage = async (): Promise<number> => (await world.device.eval("process.memory().usage")) as number;

    /** What strangers do must leave nothing behind. */
    const leavesNothing = async (attack: () => Promise<unknown>): Promise<void> => {
      await honest();
      await pause(300);
      const before = await usage();
      await attack();
      await honest();
      for (const socket of sockets.splice(0)) socket.destroy();
      await eventually(async () => (await usage()) <= before + ONCE, 15_000);
    };

    it("a million bytes of junk", () =>
      leavesNothing(async () => {
        const socket = await tcp();
        const junk = Buffer.alloc(1_000_000, 0x5a);
        socket.write(junk);
        await honest();
      }));

    it("half a frame, and a byte now and then", async () => {
      await world.stop();
      await begin(HASTE);
      await leavesNothing(async () => {
        const [half, slow] = [await tcp(), await tcp()];
        half.write(latin1(encodeFrame(1, CMD_PROVISION, "x".repeat(100)).slice(0, 50)));
        const frame = latin1(encodeFrame(1, CMD_PROVISION, "x".repeat(100)));
        for (let at = 0; at < 8; at++) {
          slow.write(frame.subarray(at, at + 1));
          await pause(50);
        }
        await honest();
        await Promise.all([closed(half), closed(slow)]);
      });
    });

    it("a network that cuts frames behind an AA", async () => {
      await world.stop();
      await begin(undefined, POP);
      const random = encodeTtlv([[HELLO_APP_RANDOM, "\xaa0123\xaa56789abc\xaaf"]]);
      const frame = encodeFrame(1, CMD_HELLO, random);
      const cuts = [...frame].flatMap((byte, at) => (byte === "\xaa" && at > 1 ? at + 1 : []));
      expect(cuts).to.have.length(3);
      for (const at of cuts) {
        const socket = (await tcp()).setNoDelay();
        const answered = new Promise((resolve) => socket.once("data", resolve));
        socket.write(latin1(frame.slice(0, at)));
        await pause(100);
        socket.write(latin1(frame.slice(at)));
        expect(await Promise.race([answered, pause(PATIENCE)]), `cut at ${at}`).not.to.equal(undefined);
        socket.destroy();
      }
    });

    it("a frame over 1 KiB, which ends the connection", () =>
      leavesNothing(async () => {
        const socket = await tcp();
        socket.write(latin1(encodeFrame(1, CMD_SCAN, "x".repeat(1100))));
        await closed(socket);
      }));

    it("more connections than there are places: the fifth is closed, and a place becomes free again", () =>
      leavesNothing(async () => {
        const four = [await tcp(), await tcp(), await tcp(), await tcp()];
        await pause(100);
        await closed(await tcp());
        four[0].destroy();
        await pause(100);
      }));

    it("a flood of discoveries, of which ten a second are answered", () =>
      leavesNothing(async () => {
        const socket = createSocket("udp4");
        let answers = 0;
        socket.on("message", () => answers++);
        const request = latin1(encodeFrame(1, CMD_DISCOVER, ""));
        const start = performance.now();
        for (let n = 0; n < 300; n++) {
          socket.send(request, LAN_UDP_PORT, host);
          await pause(2);
        }
        await pause(300);
        const seconds = Math.ceil((performance.now() - start) / 1000) + 1;
        expect(answers).to.be.within(10, 10 * seconds);
        socket.close();
        await pause(1000);
      }));

    it("datagrams of no length, which close Espruino's sockets, and oversize ones", () =>
      leavesNothing(async () => {
        const socket = createSocket("udp4");
        for (let n = 0; n < 20; n++) {
          socket.send(Buffer.alloc(0), LAN_UDP_PORT, host);
          socket.send(Buffer.alloc(2000, 0xaa), LAN_UDP_PORT, host);
          await pause(10);
        }
        await eventually(async () => (await discover({ addresses: [host], timeout: 300 })).length, PATIENCE);
        socket.close();
      }));

    for (const proof of [undefined, POP])
      it(`garbage in every request, ${proof ? "on a device with a proof" : "on one without"}`, async () => {
        if (proof) {
          await world.stop();
          await begin(undefined, proof);
        }
        await leavesNothing(async () => {
          const socket = await tcp();
          const commands = [0x11, 0x13, ...range(0x7000, 0x7068), ...range(0x70e0, 0x70ea)];
          for (const cmd of commands) {
            for (const data of ["", "\xff", "\x00\x13\xff\xff", "\x00\x13\x00\x01x", "\x00\x04\xff\xff".repeat(20)]) {
              socket.write(latin1(encodeFrame(1, cmd, data)));
            }
          }
          await pause(200);
        });
        expect(world.state()).to.equal("provisioning");
      });

    it("a port scan, which finds the handshake and nothing else", async function () {
      if (!existsSync("/proc/net/tcp") || name === "espruino") return this.skip();
      const hex = Buffer.from(host.split(".").map(Number)).reverse().toString("hex").toUpperCase();
      const ports = (table: string, state: string): number[] =>
        [...readFileSync(table, "latin1").matchAll(new RegExp(`${hex}:([0-9A-F]{4}) \\S+ ${state} `, "g"))].map(
          ([, port]) => parseInt(port, 16),
        );
      expect(ports("/proc/net/tcp", "0A")).to.deep.equal([LAN_TCP_PORT]);
      expect(ports("/proc/net/udp", "07")).to.deep.equal([LAN_UDP_PORT]);
    });
  });
}
