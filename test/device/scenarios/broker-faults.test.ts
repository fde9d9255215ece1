/** Brokers that do what no broker should: the flashed library must end such connections, try again and lose nothing. */

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { encodeFrame, nextFrame, type Frame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes } from "../../../src/codec/ttlv.js";
import { encryptCbc, ivOf } from "../../../src/crypto/cbc.js";
import { engine, type Device, type EngineName } from "../../../sim/emulator/index.js";
import { openJournal } from "../../../src/storage/journal.js";
import { KEY_PASSWORD, KEY_SSID } from "../../../src/storage/keys.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { aes, checksum, latin1, MemoryFlash, sha256 } from "../../support/hal.js";
import { pass, PACE, turns } from "../../support/pace.js";
import { CONNACK, polite, RawBroker, type RawConnection } from "../../support/raw-broker.js";
import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";

/** Calls that the device code nests at most: three less than ESP32's stack has room for. */
const STACK_CALLS = 13;
/** In use at any time, with the simulated radio; the library in Storage takes some 2,100 at rest. */
const MOST_JSVARS = 3000;
const NETWORK = { ssid: "home", password: "right-password" };
const PS = "QUJDREVGR0hJSktM";
const DS = "D".repeat(32);
const KEY = "\x00\x01\x02\x03\x04\x05\x06\x07\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff";
const JOURNAL = IDENTITY_BLOCKS * BLOCK_SIZE;
const base64 = (bytes: string): string => latin1(bytes).toString("base64");

/** Flash of a device that has a network. */
function journal(): Buffer {
  const flash = new MemoryFlash();
  openJournal(flash, checksum, IDENTITY_BLOCKS, 14).put([
    [KEY_SSID, NETWORK.ssid],
    [KEY_PASSWORD, NETWORK.password],
  ]);
  return flash.bytes.subarray(JOURNAL);
}

const start = (name: EngineName, server: string, pace: boolean, network = true): Promise<Device> =>
  engine(name).start({
    host: name === "emulator" ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : "127.0.0.1",
    networks: [NETWORK],
    joinDelay: 5,
    ...(name === "emulator" && { stack: STACK_CALLS }),
    storage: {
      ...(pace && { ".boot0": PACE }),
      ".bootcde": `var W = require("WifiBinding"); W.start(require("Storage").readJSON("binding.json", true));`,
      WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1"),
      "binding.json": JSON.stringify({ server }),
    },
    flash: [
      { offset: 0, bytes: encodeIdentity({ pk: "p1demo", ps: PS, dk: "DEVICE01", ds: DS }) },
      ...(network ? [{ offset: JOURNAL, bytes: journal() }] : []),
    ],
  });

for (const name of ENGINES) {
  describe(`a broker that does what none should, in the engine ${name}`, function () {
    this.timeout(200_000);
    let broker: RawBroker;
    let device: Device;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    beforeEach(async () => {
      broker = new RawBroker();
      await broker.start();
    });

    afterEach(async () => {
      await device.stop();
      await broker.stop();
      expect(device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const run = async (script: RawBroker["script"] = polite): Promise<void> => {
      broker.script = script;
      device = await start(name, broker.url, false);
    };
    /** The same with a time that passes by \`passTo\` only. */
    const runPaced = async (script: RawBroker["script"] = polite): Promise<void> => {
      broker.script = script;
      device = await start(name, broker.url, true);
    };
    /** Until the device has said all that it can say without more time. */
    const settle = async (): Promise<void> => {
      await turns(device);
      const { last } = broker;
      if (last) await eventually(() => last.password || last.ended, 20_000);
      await turns(device);
    };
    /** Lets time pass until the connection of that number has brought its CONNECT. @returns the seconds that passed */
    const passTo = (index: number): Promise<number> =>
      pass(device, () => broker.connections.some((one) => one.index >= index && one.password), settle);
    const state = (): Promise<unknown> => device.eval("W.state()");
    const online = (): Promise<unknown> => eventually(async () => ["online", "bound"].includes(String(await state())));
    /** The connection of that number, once its CONNECT has come. */
    const connection = (index: number, patience = 20_000): Promise<RawConnection> =>
      eventually(() => broker.connections.find((one) => one.index === index && one.password), patience);
    /** Behaves from the second connection on. */
    const once =
      (first: RawBroker["script"]): RawBroker["script"] =>
      (link, packet) =>
        (link.index ? polite : first)(link, packet);

    for (const [what, bytes] of Object.entries({
      PINGRESP: "\xd0\x00",
      UNSUBACK: "\xb0\x02\x00\x01",
      PUBACK: "\x40\x02\x00\x01",
      DISCONNECT: "\xe0\x00",
      CONNECT: "\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc",
      "zero bytes": "\x00\x00\x00\x00",
      "the SUBACK of another subscription": "\x90\x03\x43\x21\x01",
      "half a SUBACK": "\x90\x03\x00",
      nothing: "",
    })) {
      it(`${what} in place of SUBACK: tries again within the guard, and is online`, async () => {
        await runPaced(
          once((link, packet) => {
            if (packet.cmd === "connect") link.send(CONNACK + bytes);
          }),
        );
        await connection(0);
        expect(await passTo(1), "seconds: the guard, and the pause").to.be.at.most(15 + 2.1);
        expect(broker.last.password).to.match(/^1;/);
        await online();
      });
    }

    for (const [what, bytes] of Object.entries({
      "CONNACK 9": "\x20\x02\x00\x09",
      "CONNACK 4 of three bytes": "\x20\x03\x00\x04\x00",
      "an SSH banner": "SSH-2.0-OpenSSH_9.6\r\n" + "x".repeat(90),
      "an HTTP answer": "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" + "x".repeat(90),
    })) {
      for (const when of ["in place of CONNACK", "in a session that is online"]) {
        it(`${what} ${when} costs neither the DeviceSecret nor half an hour`, async () => {
          await runPaced(
            once((link, packet) => {
              if (when === "in place of CONNACK") {
                if (packet.cmd === "connect") link.send(bytes);
                return;
              }
              polite(link, packet);
              if (packet.cmd === "publish") link.send(bytes);
            }),
          );
          await connection(0);
          expect(await passTo(1), "seconds").to.be.at.most(2.1);
          expect(broker.last.password).to.match(/^1;/);
          await online();
        });
      }
    }

    it("one refusal of its DeviceSecret is not enough, a second one on the next connection is", async () => {
      await runPaced((link, packet) => {
        if (link.index > 1) return polite(link, packet);
        if (packet.cmd === "connect") link.send(CONNACK);
        if (packet.cmd !== "subscribe") return;
        link.send(link.suback);
        link.down(protocol.CMD_EXCEPTION, [[protocol.EXCEPTION_CODE, 10437]]);
      });
      await passTo(2);
      const third = broker.last;
      expect(broker.connections.map(({ password }) => password.slice(0, 2))).to.deep.equal(["1;", "1;", "0;"]);
      third.down(protocol.CMD_CONFIG, [[protocol.CONFIG_DS, "N".repeat(32)]]);
      await online();
    });

    it("20,000 PINGRESPs end the connection at once", async () => {
      await run();
      await online();
      const { last } = broker;
      const before = Date.now();
      last.send("\xd0\x00".repeat(20_000));
      const second = await connection(last.index + 1);
      expect(second.at - before, "the flood is not worked off").to.be.below(5000);
      await online();
    });

    it("20,000 messages that cannot be read end the connection, too", async () => {
      await run();
      await online();
      const { last } = broker;
      last.send("\x30\x0a\x00\x01trubbish".repeat(20_000));
      await connection(last.index + 1);
      await online();
    });

    it("1,000 reads in one piece: as many answers as fit, and the memory stays in its budget", async () => {
      await run();
      await online();
      const { last } = broker;
      if (name === "espruino")
        await device.eval(`(peak = 0, setInterval(function () {
        peak = Math.max(peak, process.memory(false).usage);
      }, 1), 0)`);
      const answers = (id: number): number =>
        last.frames.filter((frame) => frame.cmd === protocol.CMD_INFO_ANSWER && frame.id === id).length;
      const read = "\x00\x01t" + encodeFrame(5, protocol.CMD_INFO_READ, "");
      last.send(("\x30" + String.fromCharCode(read.length) + read).repeat(1000));
      await eventually(async () => {
        last.down(protocol.CMD_INFO_READ, "", 77);
        await pause(200);
        return answers(77);
      }, 60_000);
      expect(answers(5)).to.be.within(20, 999);
      expect([last.ended, broker.connections.length]).to.deep.equal([undefined, last.index + 1]);
      if (name === "espruino") expect(await device.eval("peak")).to.be.within(1, MOST_JSVARS);
    });

    it("what an application publishes as a connection ends is not sent before the next CONNECT", async () => {
      await run(once((link, packet) => (packet.cmd === "publish" ? undefined : polite(link, packet))));
      await online();
      const { last } = broker;
      const before = last.packets.length;
      await device.eval(`(ids = [], again = function () { ids.push(W.cloud().publish("sys", 0x14, "x")) },
        W.cloud().publish("sys", 0x14, "x", again), 0)`);
      await eventually(() => last.packets.length > before);
      last.socket.destroy();
      const next = await connection(1);
      expect(next.packets[0].cmd).to.equal("connect");
      expect(await device.eval("ids")).to.deep.equal([0]);
      await online();
      expect(next.frames.filter(({ cmd }) => cmd === 0x14)).to.deep.equal([]);
    });

    it("acknowledgements of what it never published, and half a packet: it stays online", async () => {
      await run();
      await online();
      const { last } = broker;
      last.send("\x40\x02\x77\x77".repeat(5) + "\x30\x7f\x00\x01t");
      await pause(500);
      expect([last.ended, broker.connections.length]).to.deep.equal([undefined, last.index + 1]);
    });

    it("a broker that closes behind every byte of its answer: the device comes back each time, with its DS", async () => {
      const answer = 9;
      await runPaced((link, packet) => {
        if (link.index >= answer) return polite(link, packet);
        if (packet.cmd === "subscribe") {
          link.send((CONNACK + link.suback).slice(0, link.index));
          link.socket.end();
        }
      });
      await passTo(answer);
      expect(broker.connections.every(({ password }) => password.startsWith("1;"))).to.equal(true);
      await online();
    });

    it("a broker that is down for longer than nine attempts: back within five minutes, not half an hour", async () => {
      await runPaced();
      await online();
      await broker.stop();
      await pass(device, () => device.lines.filter((line) => line.includes("error cloud 10450")).length >= 9, settle);
      await broker.start();
      expect(await passTo(1), "seconds").to.be.at.most(300);
      await online();
    });

    it("a port of 80 digits in 00B4, as text and as a number, changes nothing", async () => {
      await run();
      await online();
      const { last } = broker;
      for (const port of ["1".repeat(80), 1e18, 65_536, -1, 0, 1883.5, true]) {
        last.down(protocol.CMD_CONFIG, [
          [
            protocol.CONFIG_SERVER,
            [
              [protocol.SERVER_DOMAIN, "other"],
              [protocol.SERVER_IP, "10.0.0.1"],
              [protocol.SERVER_PORT, port],
            ],
          ],
        ]);
      }
      last.down(protocol.CMD_INFO_READ, "", 77);
      await eventually(() => last.frames.some(({ id, cmd }) => cmd === protocol.CMD_INFO_ANSWER && id === 77));
      expect([last.ended, broker.connections.length]).to.deep.equal([undefined, 1]);
    });

    it("a broker that is mute while an app provisions is tried again by itself, within the app's minute", async () => {
      broker.script = (link, packet) => (link.index > 1 ? polite(link, packet) : undefined);
      device = await start(name, "mqtt://127.0.0.1:9", true, false);
      await eventually(async () => (await state()) === "provisioning");
      const app = connect(protocol.LAN_TCP_PORT, device.host);
      const heard: Frame[] = [];
      const buffer = { rest: "", broken: false };
      app.on("data", (data) => {
        buffer.rest += data.toString("latin1");
        for (let frame; (frame = nextFrame(buffer, 1024));) heard.push(frame);
      });
      const request = encodeTtlv([
        [protocol.WIFI_SSID, NETWORK.ssid],
        [protocol.WIFI_PASSWORD, NETWORK.password],
        [protocol.WIFI_SERVER, broker.url],
      ]);
      app.write(latin1(encodeFrame(7, protocol.CMD_PROVISION, request)));
      const answer = await eventually(() => heard.find(({ cmd }) => cmd === protocol.CMD_PROVISION_ANSWER));
      const code = findBytes(decodeTtlv(answer.data)!, protocol.PROVISION_CODE);
      await connection(0);
      expect(await passTo(2), "seconds of the app's minute").to.be.at.most(60);
      const third = broker.last;
      const report = await eventually(() => third.frames.find(({ cmd }) => cmd === protocol.CMD_BINDING));
      expect(findBytes(decodeTtlv(report.data)!, protocol.BINDING_CODE)).to.equal(code);
      await online();
      expect(
        device.lines.filter((line) => line.includes("error cloud 10473")),
        "it says so",
      ).to.have.length(2);
      app.destroy();
    });

    const seal = (plain: string, iv = ivOf(sha256, PS)): string => base64(encryptCbc(aes, PS, iv, plain));
    for (const [what, text, bound] of [
      ["PK,DK,authKey under the ProductSecret", seal(`p1demo,DEVICE01,${base64(KEY)}`), true],
      ["the authKey with an iv of zeros", seal(base64(KEY), "\0".repeat(16)), true],
      ["the authKey in clear", base64(KEY), true],
      ["another device's", seal(`p1demo,DEVICE02,${base64(KEY)}`), false],
      ["rubbish", base64("x".repeat(48)), false],
      ["one padding", "=", false],
      ["spaces and a padding", "   =", false],
      ["nothing", "", false],
    ] as const) {
      it(`00B4 id 12, ${what}: echoed by 00B7, ${bound ? "bound" : "an error, and not bound"}`, async () => {
        await run();
        await online();
        const { last } = broker;
        last.down(protocol.CMD_CONFIG, [[protocol.CONFIG_SEALED, text]], 0x1234);
        const echo = await eventually(() => last.frames.find(({ cmd }) => cmd === protocol.CMD_CONFIG_ECHO));
        expect([echo.id, decodeTtlv(echo.data)]).to.deep.equal([0x1234, [[protocol.CONFIG_SEALED, text]]]);
        await eventually(async () => (await state()) === (bound ? "bound" : "online"));
        expect(device.lines.some((line) => line.includes("error authKey"))).to.equal(!bound);
        await device.reboot();
        await online();
        expect(await state()).to.equal(bound ? "bound" : "online");
      });
    }

    it("an authKey spends the open code: another one is reported that no app was told", async () => {
      await run();
      await online();
      await device.eval("W.openWindow(60, '0123456789ABCDEF')");
      const { last } = broker;
      const codes = (): unknown[] =>
        last.frames
          .filter(({ cmd }) => cmd === protocol.CMD_BINDING)
          .map(({ data }) => findBytes(decodeTtlv(data)!, protocol.BINDING_CODE));
      await eventually(() => codes().at(-1) === "0123456789ABCDEF");
      last.down(protocol.CMD_CONFIG, [[protocol.CONFIG_SEALED, seal(base64(KEY))]]);
      await eventually(() => codes().at(-1) !== "0123456789ABCDEF");
      expect([await state(), await device.eval("W.window() || 0")]).to.deep.equal(["bound", 0]);
      for (const [bound, reason] of [
        [false, protocol.REASON_WITHDRAWN],
        [true, protocol.REASON_BOUND],
      ] as const) {
        await device.eval("W.openWindow(60, '0123456789ABCDEF')");
        await eventually(() => codes().at(-1) === "0123456789ABCDEF");
        last.down(protocol.CMD_BINDING_RESULT, [
          [protocol.RESULT_BOUND, bound],
          [protocol.RESULT_CODE, "0123456789ABCDEF"],
          [protocol.RESULT_REASON, reason],
        ]);
        await eventually(() => codes().at(-1) !== "0123456789ABCDEF");
      }
      last.down(protocol.CMD_BINDING_RESULT, [
        [protocol.RESULT_BOUND, false],
        [protocol.RESULT_REASON, protocol.REASON_UNBOUND],
      ]);
      await eventually(async () => (await state()) === "online");
    });
  });
}
