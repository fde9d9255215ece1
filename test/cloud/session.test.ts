/** The session with the platform, on a clock that the test drives, against a platform that the test plays. */

import { expect } from "chai";

import { createSession, type Session } from "../../src/cloud/session.js";
import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame, type Frame } from "../../src/codec/frame.js";
import type { Identity } from "../../src/codec/identity.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { settingsOf } from "../../src/options.js";
import type { Platform } from "../../src/platform.js";
import { createRandom } from "../../src/random/drbg.js";
import { FakeBroker, type BrokerLink } from "../support/broker.js";
import { aes, FakeClock, latin1, sha256 } from "../support/platform.js";

const SERVER = { host: "cloud", port: 1883, secure: false };
const DS = "D".repeat(32);
const identity: Identity = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", ds: "", seed: "" };
const REPORT: Node[] = [[protocol.BINDING_CODE, "0123456789ABCDEF"]];

describe("the session", () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  let ds: string;
  let report: Node[] | undefined;
  /** Everything that the session has told, in order. */
  let told: unknown[];
  let session: Session;

  beforeEach(() => {
    clock = new FakeClock();
    broker = new FakeBroker();
    ds = DS;
    report = undefined;
    told = [];
    const platform = {
      ...clock,
      sha256,
      aes,
      base64: (bytes: string) => latin1(bytes).toString("base64"),
      connect: broker.connect,
      wifi: () => ({ getDetails: () => ({ rssi: "-47" }) }),
      version: "2v29",
    } as unknown as Platform;
    const settings = settingsOf({ server: "mqtt://cloud" }, "ESP32");
    const drbg = createRandom(sha256, "x".repeat(32));
    // The jitter is the one number of two bytes: 500 makes the basic delay exactly a second.
    const random = (count: number): string => (count === 2 ? "\x01\xf4" : drbg(count));
    session = createSession(platform, identity, random, settings, {
      deviceSecret: () => ds,
      storeDeviceSecret: (secret) => told.push(["store", (ds = secret)]),
      online: () => told.push("online"),
      progress: (step) => told.push(["progress", step]),
      nextReport: () => report,
      reported: (acknowledged) => (told.push(["reported", acknowledged]), acknowledged && (report = undefined)),
      result: (nodes) => told.push(["result", nodes]),
      failed: (reason, code, delay) => told.push(["failed", reason, code, delay]),
    });
  });

  const start = (): BrokerLink => (session.start(SERVER), broker.last);
  const framesOf = (link: BrokerLink): Frame[] =>
    link.publishes.map(({ payload }) => decodeFrame((payload as Buffer).toString("latin1"))!);
  const commandsOf = (link: BrokerLink): number[] => framesOf(link).map(({ cmd }) => cmd);
  const down = (link: BrokerLink, cmd: number, nodes: Node[] | string, id = 9): void =>
    link.publish(encodeFrame(id, cmd, typeof nodes === "string" ? nodes : encodeTtlv(nodes)), { id });
  const exception = (link: BrokerLink, code: number): void =>
    down(link, protocol.CMD_EXCEPTION, [[protocol.EXCEPTION_CODE, code]]);
  const failures = (): unknown[] => told.filter((event) => Array.isArray(event) && event[0] === "failed");

  /** A connection with a DS whose publishes are all acknowledged; nothing told yet. */
  function online(): BrokerLink {
    const link = start();
    link.accept();
    acknowledgeAll(link);
    link.packets.length = 0;
    told = [];
    return link;
  }

  function acknowledgeAll(link: BrokerLink): void {
    for (let last; last !== link.publishes.at(-1);) link.puback((last = link.publishes.at(-1)!).messageId);
  }

  describe("with a DeviceSecret", () => {
    it("sends CONNECT, SUBSCRIBE and its report in one flight", () => {
      report = REPORT;
      const link = start();
      link.events.opened!();
      expect(link.commands).to.deep.equal(["connect", "subscribe", "publish"]);
      expect(link.packets[0]).to.deep.include({ clientId: "qdp1demoDEVICE01", keepalive: 120, clean: true });
      expect(link.packets[0]).not.to.have.property("username");
      expect(String((link.packets[0] as { password?: Buffer }).password)).to.match(/^1;0000;[0-9A-F]{16};/);
      expect(link.packets[1]).to.have.nested.property("subscriptions[0].topic", "q/1/d/qdp1demoDEVICE01/+");
      expect(link.publishes[0]).to.include({ topic: "q/2/d/qdp1demoDEVICE01/sys", qos: 1 });
      expect(decodeTtlv(framesOf(link)[0].data)).to.deep.equal(REPORT);
    });

    it("reports, then tells status and information, with package ids that go on", () => {
      report = REPORT;
      const link = start();
      link.accept();
      acknowledgeAll(link);
      expect(commandsOf(link)).to.deep.equal([protocol.CMD_BINDING, protocol.CMD_STATUS, protocol.CMD_INFO]);
      expect(framesOf(link).map(({ id }) => id)).to.deep.equal([1, 2, 3]);
      expect(decodeTtlv(framesOf(link)[1].data)).to.deep.equal([[protocol.STATUS_RSSI, -47]]);
      expect(decodeTtlv(framesOf(link)[2].data)).to.deep.equal([
        [protocol.INFO_MODEL, "ESP32"],
        [protocol.INFO_FIRMWARE, "1.0.0"],
        [protocol.INFO_SDK, "2v29"],
        [protocol.INFO_DATA_PROTOCOL, "1.3.0"],
        [protocol.INFO_COMM_PROTOCOL, "3.0.0"],
      ]);
      expect(told).to.deep.equal([
        ["progress", protocol.PROGRESS_LOGIN],
        ["progress", protocol.PROGRESS_BINDING],
        ["progress", protocol.PROGRESS_AUTHORISATION],
        "online",
        ["reported", true],
      ]);
    });
  });

  describe("without a DeviceSecret", () => {
    beforeEach(() => (ds = ""));

    it("asks for one, and reports nothing before it has one", () => {
      report = REPORT;
      const link = start();
      link.accept();
      clock.advance(20_000);
      expect(link.commands).to.deep.equal(["connect", "subscribe"]);
      expect(String((link.packets[0] as { password?: Buffer }).password)).to.match(/^0;0000;p1demo;/);
      session.report();
      expect(link.publishes).to.deep.equal([]);
      expect(told).not.to.include("online");
    });

    it("stores it before it is used, and goes on with the same connection", () => {
      report = REPORT;
      const link = start();
      link.accept();
      told = [];
      down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      expect(told).to.deep.equal([["store", DS]]);
      expect(link.publishes).to.deep.equal([]);
      clock.advance(0);
      acknowledgeAll(link);
      expect(commandsOf(link)).to.deep.equal([protocol.CMD_BINDING, protocol.CMD_STATUS, protocol.CMD_INFO]);
      expect(told).to.deep.equal([
        ["store", DS],
        ["progress", protocol.PROGRESS_BINDING],
        "online",
        ["reported", true],
      ]);
      expect(broker.links).to.have.length(1);
      clock.advance(60_000);
      expect(failures()).to.deep.equal([]);
    });

    it("waits for the subscription when the secret comes first", () => {
      const link = start();
      link.events.opened!();
      link.connack();
      down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      clock.advance(0);
      expect(told).not.to.include("online");
      link.suback();
      expect(told).to.include("online");
    });

    it("cuts one that is too long, and ignores a configuration without one", () => {
      const link = start();
      link.accept();
      down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_PK, "other"]]);
      down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, "E".repeat(40)]], 10);
      expect(told.slice(-1)).to.deep.equal([["store", "E".repeat(32)]]);
      expect(told.filter((event) => Array.isArray(event) && event[0] === "store")).to.have.length(1);
    });

    it("gives the platform 30 s to issue it", () => {
      const link = start();
      link.accept();
      clock.advance(29_999);
      expect(failures()).to.deep.equal([]);
      clock.advance(1);
      expect(link.ended).to.equal(true);
      const [, reason, code] = failures()[0] as number[];
      expect([reason, code]).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, 10473]);
    });
  });

  describe("refused with", () => {
    for (let code = 10420; code < 10440; code++) {
      const rate = code === 10428 || code === 10429;
      it(`00A3 ${code}: ${rate ? "goes on" : "ends the connection"}`, () => {
        const link = online();
        exception(link, code);
        clock.advance(0);
        const [, reason, told] = failures()[0] as number[];
        expect([reason, told, link.ended]).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, code, !rate]);
        expect((failures()[0] as number[])[3] > 0).to.equal(!rate);
      });
    }

    for (const code of [10200, 10404, 10419, 10440, 10500]) {
      it(`00A3 ${code}: goes on`, () => {
        const link = online();
        exception(link, code);
        expect(failures()).to.deep.equal([["failed", protocol.FAIL_CLOUD_REFUSED, code, 0]]);
        expect(link.ended).to.equal(false);
      });
    }

    for (const [code, minutes] of [
      [10430, 30],
      [10437, 0],
      [10438, 0],
    ]) {
      it(`00A3 ${code}: forgets the DeviceSecret and asks for a new one`, () => {
        exception(online(), code);
        expect(told).to.deep.equal([["store", ""]]);
        clock.advance(minutes * 60_000 || 2500);
        broker.last.accept();
        expect(String((broker.last.packets[0] as { password?: Buffer }).password)).to.match(/^0;/);
        expect(broker.links).to.have.length(2);
      });
    }

    it("00A3 while it has no DeviceSecret: stores nothing", () => {
      ds = "";
      const link = start();
      link.accept();
      exception(link, 10430);
      clock.advance(0);
      expect(told).not.to.deep.include(["store", ""]);
      expect((failures()[0] as number[])[2]).to.equal(10430);
    });

    for (const [returnCode, code] of [
      [1, 10471],
      [2, 10430],
      [3, 10430],
      [4, 10430],
      [5, 10430],
    ]) {
      it(`CONNACK ${returnCode}: ${code}`, () => {
        const link = start();
        link.events.opened!();
        link.connack(returnCode);
        clock.advance(0);
        expect((failures()[0] as number[]).slice(1, 3)).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, code]);
        expect(link.ended).to.equal(true);
        expect(ds).to.equal(code === 10430 ? "" : DS);
      });
    }

    it("SUBACK 128: 10300", () => {
      const link = start();
      link.events.opened!();
      link.connack();
      link.suback(128);
      clock.advance(0);
      expect((failures()[0] as number[]).slice(1, 3)).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, 10300]);
      expect(told).not.to.include("online");
    });
  });

  describe("tries again", () => {
    it("later and later, rests for half an hour from the seventh failure on, and never stops", () => {
      broker.refuse = protocol.FAIL_HOST_UNKNOWN;
      session.start(SERVER);
      clock.advance(0);
      for (let n = 1; n <= 10; n++) {
        expect(failures()).to.have.length(n);
        const [, reason, code, delay] = failures()[n - 1] as number[];
        expect([reason, code]).to.deep.equal([protocol.FAIL_HOST_UNKNOWN, 10450]);
        expect(delay).to.equal(n <= 6 ? n * 1000 : 1_800_000);
        clock.advance(delay - 1);
        expect(failures()).to.have.length(n);
        clock.advance(1);
      }
    });

    it("with a new random in the password each time", () => {
      const passwords = new Set<string>();
      start();
      for (let n = 1; n <= 5; n++) {
        const link = broker.last;
        link.events.opened!();
        passwords.add(String((link.packets[0] as { password?: Buffer }).password));
        link.events.closed();
        clock.advance(n * 1000);
      }
      expect(passwords.size).to.equal(5);
    });

    for (const [name, settled, times] of [
      ["a connection of a minute was a success: the next failure is the first again", 60_000, 1],
      ["a shorter one was none", 50_000, 2],
    ] as const) {
      it(name, () => {
        start().events.closed();
        clock.advance(3000);
        const link = broker.last;
        link.accept();
        acknowledgeAll(link);
        clock.advance(settled);
        expect(link.ended).to.equal(false);
        link.events.closed();
        clock.advance(0);
        expect(failures()[1]).to.deep.equal(["failed", protocol.FAIL_CLOUD_UNREACHABLE, 10474, times * 1000]);
      });
    }

    it("not any more once it is stopped", () => {
      const link = online();
      link.events.closed();
      session.stop();
      clock.advance(7_200_000);
      expect(broker.links).to.have.length(1);
      expect(link.ended).to.equal(true);
    });

    it("at once when it is started again, with another server too", () => {
      online();
      session.start({ ...SERVER, host: "other" });
      expect(broker.links[0].ended).to.equal(true);
      expect(broker.last.server.host).to.equal("other");
      clock.advance(0);
      expect(failures()).to.deep.equal([]);
    });
  });
  describe("carries", () => {
    const MORE: Node[] = [[protocol.BINDING_WINDOW, 0]];

    it("one report at a time, and the next when that one has arrived", () => {
      const link = online();
      report = REPORT;
      session.report();
      session.report();
      expect(commandsOf(link)).to.deep.equal([protocol.CMD_BINDING]);
      link.puback();
      expect(told.slice(-1)).to.deep.equal([["reported", true]]);
      report = MORE;
      session.report();
      expect(framesOf(link).map(({ data }) => decodeTtlv(data))).to.deep.equal([REPORT, MORE]);
    });

    it("a report that nobody acknowledges again and again, and says so", () => {
      const link = online();
      report = REPORT;
      session.report();
      clock.advance(6000);
      expect(told.filter((event) => Array.isArray(event) && event[0] === "reported")).to.deep.equal([
        ["reported", false],
      ]);
      const frames = framesOf(link);
      expect(frames).to.have.length(4);
      // Three times the same one, then a new one.
      expect(frames.map(({ id }) => id - frames[0].id)).to.deep.equal([0, 0, 0, 1]);
    });

    it("a report that the connection's end interrupted, over the next one", () => {
      const link = online();
      report = REPORT;
      session.report();
      link.events.closed();
      expect(told.slice(-1)).to.deep.equal([["reported", false]]);
      clock.advance(1000);
      broker.last.events.opened!();
      expect(commandsOf(broker.last)).to.deep.equal([protocol.CMD_BINDING]);
    });

    it("no report while it is not connected", () => {
      report = REPORT;
      session.report();
      expect(broker.links).to.deep.equal([]);
      const link = online();
      session.stop();
      told = [];
      session.report();
      expect(told).to.deep.equal([]);
      expect(link.commands).to.deep.equal(["disconnect"]);
    });

    it("answers to reads, with QoS 0 and the request's package id", () => {
      const link = online();
      down(link, protocol.CMD_STATUS_READ, "", 0x1234);
      down(link, protocol.CMD_INFO_READ, "\x00\x0e\x00\x0b", 0x1235);
      down(link, protocol.CMD_STATUS_READ, "\x00\x01", 0x1236);
      expect(link.publishes.map(({ qos }) => qos)).to.deep.equal([0, 0, 0]);
      expect(framesOf(link).map(({ id, cmd, data }) => [id, cmd, decodeTtlv(data)])).to.deep.equal([
        [0x1234, protocol.CMD_STATUS_ANSWER, [[protocol.STATUS_RSSI, -47]]],
        [
          0x1235,
          protocol.CMD_INFO_ANSWER,
          [
            [protocol.INFO_SDK, "2v29"],
            [protocol.INFO_COMM_PROTOCOL, "3.0.0"],
          ],
        ],
        [0x1236, protocol.CMD_STATUS_ANSWER, undefined],
      ]);
    });

    it("complaints about commands and contents that it cannot use", () => {
      const link = online();
      down(link, 0x0013, "", 21);
      down(link, protocol.CMD_CONFIG, "\x07", 22);
      acknowledgeAll(link);
      expect(framesOf(link).map(({ cmd, data }) => [cmd, decodeTtlv(data)])).to.deep.equal(
        [
          [protocol.UNPACK_COMMAND, 21],
          [protocol.UNPACK_CONTENT, 22],
        ].map(([code, id]) => [
          protocol.CMD_EXCEPTION_UP,
          [
            [protocol.EXCEPTION_CODE, code],
            [protocol.EXCEPTION_PACKAGE_ID, id],
          ],
        ]),
      );
    });

    it("nothing for what is no frame", () => {
      const link = online();
      for (const payload of ["", "hello", encodeFrame(1, 0x0031, "").slice(0, -1)]) link.publish(payload, { qos: 0 });
      expect([link.packets, told]).to.deep.equal([[], []]);
    });

    it("the platform's verdict on a binding", () => {
      const nodes: Node[] = [
        [protocol.RESULT_BOUND, true],
        [protocol.RESULT_CODE, "0123456789ABCDEF"],
      ];
      down(online(), protocol.CMD_BINDING_RESULT, nodes);
      expect(told).to.deep.equal([["result", nodes]]);
    });

    it("a new DeviceSecret while it is connected: stored, and the connection goes on", () => {
      const link = online();
      down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, "N".repeat(32)]]);
      clock.advance(30_000);
      expect(told).to.deep.equal([["store", "N".repeat(32)]]);
      expect(link.ended).to.equal(false);
      expect(link.publishes).to.deep.equal([]);
    });
  });
});
