/** The session with the cloud, on a clock that the test drives, against a cloud that the test plays. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import type { BrokerLink } from "../../../support/broker.js";
import { DS, REPORT, REPORTED, SERVER, SessionWorld } from "../../../support/session.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

describe("the session", () => {
  let w: SessionWorld;

  beforeEach(() => {
    w = new SessionWorld();
  });

  describe("with a DeviceSecret", () => {
    it("sends CONNECT, SUBSCRIBE and its report in one flight", () => {
      w.report = REPORT;
      const link = w.start();
      link.events.opened!();
      expect(link.commands).to.deep.equal(["connect", "subscribe", "publish", "publish", "publish"]);
      expect(link.packets[0]).to.deep.include({ clientId: "qdp1demoDEVICE01", keepalive: 120, clean: true });
      expect(link.packets[0]).not.to.have.property("username");
      expect(String((link.packets[0] as { password?: Buffer }).password)).to.match(/^1;0000;[0-9A-F]{16};/);
      expect(link.packets[1]).to.have.nested.property("subscriptions[0].topic", "q/1/d/qdp1demoDEVICE01/+");
      expect(link.publishes[0]).to.include({ topic: "q/2/d/qdp1demoDEVICE01/sys", qos: 1 });
      expect(decodeTtlv(w.framesOf(link)[0].data)).to.deep.equal(REPORTED);
    });

    it("reports, then tells status and information, with package ids that go on", () => {
      w.report = REPORT;
      const link = w.start();
      link.accept();
      w.acknowledgeAll(link);
      expect(w.commandsOf(link)).to.deep.equal([protocol.CMD_BINDING, protocol.CMD_STATUS, protocol.CMD_INFO]);
      expect(w.framesOf(link).map(({ id }) => id)).to.deep.equal([1, 2, 3]);
      expect(decodeTtlv(w.framesOf(link)[1].data)).to.deep.equal([[protocol.STATUS_RSSI, -47]]);
      expect(decodeTtlv(w.framesOf(link)[2].data)).to.deep.equal([
        [protocol.INFO_MODEL, "ESP32"],
        [protocol.INFO_FIRMWARE, "1.0.0"],
        [protocol.INFO_SDK, `wifi-binding ${version}/2v29`],
        [protocol.INFO_DATA_PROTOCOL, "1.3.0"],
        [protocol.INFO_COMM_PROTOCOL, "3.0.0"],
      ]);
      expect(w.told).to.deep.equal(["online", ["reported", REPORT.code, true]]);
    });
  });

  describe("without a DeviceSecret", () => {
    beforeEach(() => (w.ds = ""));

    it("asks for one, and reports nothing before it has one", () => {
      w.report = REPORT;
      const link = w.start();
      link.accept();
      w.clock.advance(20_000);
      expect(link.commands).to.deep.equal(["connect", "subscribe"]);
      expect(String((link.packets[0] as { password?: Buffer }).password)).to.match(/^0;0000;p1demo;/);
      w.session.report();
      expect(link.publishes).to.deep.equal([]);
      expect(w.told).not.to.include("online");
    });

    it("stores it before it is used, and goes on with the same connection", () => {
      w.report = REPORT;
      const link = w.start();
      link.accept();
      w.told = [];
      w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      expect(w.told).to.deep.equal([["store", DS]]);
      expect(link.publishes).to.deep.equal([]);
      w.clock.advance(0);
      w.acknowledgeAll(link);
      expect(w.commandsOf(link)).to.deep.equal([protocol.CMD_BINDING, protocol.CMD_STATUS, protocol.CMD_INFO]);
      expect(w.told).to.deep.equal([["store", DS], "online", ["reported", REPORT.code, true]]);
      expect(w.broker.links).to.have.length(1);
      w.clock.advance(60_000);
      expect(w.failures()).to.deep.equal([]);
    });

    it("waits for the subscription when the secret comes first", () => {
      const link = w.start();
      link.events.opened!();
      link.connack();
      w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      w.clock.advance(0);
      expect(w.told).not.to.include("online");
      link.suback();
      expect(w.told).to.include("online");
    });

    it("cuts one that is too long, and ignores a configuration without one", () => {
      const link = w.start();
      link.accept();
      w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_PK, "other"]]);
      w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, "E".repeat(40)]], 10);
      expect(w.told.slice(-1)).to.deep.equal([["store", "E".repeat(32)]]);
      expect(w.told.filter((event) => Array.isArray(event) && event[0] === "store")).to.have.length(1);
    });

    it("gives the cloud 30 s to issue it", () => {
      const link = w.start();
      link.accept();
      w.clock.advance(29_999);
      expect(w.failures()).to.deep.equal([]);
      w.clock.advance(1);
      expect(link.ended).to.equal(true);
      const [, reason, code] = w.failures()[0] as number[];
      expect([reason, code]).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, 10473]);
    });
  });

  describe("refused with", () => {
    for (let code = 10420; code < 10440; code++) {
      const rate = code === 10428 || code === 10429;
      it(`00A3 ${code}: ${rate ? "goes on" : "ends the connection"}`, () => {
        const link = w.online();
        w.exception(link, code);
        w.clock.advance(0);
        const [, reason, said] = w.failures()[0] as number[];
        expect([reason, said, link.ended]).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, code, !rate]);
        expect((w.failures()[0] as number[])[3] > 0).to.equal(!rate);
      });
    }

    for (const code of [10200, 10404, 10419, 10440, 10500]) {
      it(`00A3 ${code}: goes on`, () => {
        const link = w.online();
        w.exception(link, code);
        expect(w.failures()).to.deep.equal([["failed", protocol.FAIL_CLOUD_REFUSED, code, 0]]);
        expect(link.ended).to.equal(false);
      });
    }

    for (const code of [10430, 10437, 10438]) {
      it(`00A3 ${code} twice in a row, on two connections: forgets the DeviceSecret and asks for a new one`, () => {
        w.exception(w.online(), code);
        expect(w.told).to.deep.equal([]);
        w.clock.advance(1000);
        const second = w.broker.last;
        second.accept();
        expect(String((second.packets[0] as { password?: Buffer }).password)).to.match(/^1;/);
        w.exception(second, code);
        expect(w.told).to.deep.include(["store", ""]);
        w.clock.advance(code === 10430 ? 1_800_000 : 2000);
        w.broker.last.accept();
        expect(String((w.broker.last.packets[0] as { password?: Buffer }).password)).to.match(/^0;/);
        expect(w.broker.links).to.have.length(3);
      });
    }

    it("00A3 10437, a minute online and 00A3 10437 again: these are not in a row", () => {
      w.exception(w.online(), 10437);
      w.clock.advance(1000);
      const second = w.broker.last;
      second.accept();
      w.acknowledgeAll(second);
      w.clock.advance(60_000);
      w.exception(second, 10437);
      expect(w.ds).to.equal(DS);
    });

    it("00A3 while it has no DeviceSecret: stores nothing", () => {
      w.ds = "";
      const link = w.start();
      link.accept();
      w.exception(link, 10430);
      w.clock.advance(0);
      expect(w.told).not.to.deep.include(["store", ""]);
      expect((w.failures()[0] as number[])[2]).to.equal(10430);
    });

    for (const [returnCode, code] of [
      [1, 10471],
      [2, 10431],
      [3, 10450],
      [4, 10430],
      [5, 10430],
    ]) {
      it(`CONNACK ${returnCode}: ${code}`, () => {
        const link = w.start();
        link.events.opened!();
        link.connack(returnCode);
        w.clock.advance(0);
        expect((w.failures()[0] as number[]).slice(1, 3)).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, code]);
        expect(link.ended).to.equal(true);
        expect(w.ds, "one is not enough").to.equal(DS);
      });
    }

    it("SUBACK 128: 10300", () => {
      const link = w.start();
      link.events.opened!();
      link.connack();
      link.suback(128);
      w.clock.advance(0);
      expect((w.failures()[0] as number[]).slice(1, 3)).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, 10300]);
      expect(w.told).not.to.include("online");
    });
  });

  describe("tries again", () => {
    it("refused: by the table, rests for half an hour from the seventh refusal on, and never stops", () => {
      w.start();
      for (let n = 1; n <= 10; n++) {
        w.broker.last.accept();
        w.exception(w.broker.last, 10425);
        w.clock.advance(0);
        const [, reason, code, delay] = w.failures()[n - 1] as number[];
        expect([reason, code]).to.deep.equal([protocol.FAIL_CLOUD_REFUSED, 10425]);
        expect(delay).to.equal(n <= 6 ? n * 1000 : 1_800_000);
        w.clock.advance(delay - 1);
        expect(w.broker.links).to.have.length(n);
        w.clock.advance(1);
        expect(w.broker.links).to.have.length(n + 1);
      }
    });

    it("unreachable: by a random part of a time that doubles up to 5 minutes, for ever", () => {
      w.broker.refuse = protocol.FAIL_HOST_UNKNOWN;
      w.jitter = 0xffff;
      w.start();
      w.clock.advance(0);
      for (let n = 1; n <= 100; n++) {
        expect(w.failures()).to.have.length(n);
        const [, reason, code, delay] = w.failures()[n - 1] as number[];
        expect([reason, code]).to.deep.equal([protocol.FAIL_HOST_UNKNOWN, 10450]);
        const most = Math.min(1000 * 2 ** n, 300_000);
        expect(delay).to.be.within(most * 0.9999, most);
        w.clock.advance(delay - 1);
        expect(w.failures()).to.have.length(n);
        w.clock.advance(1);
      }
      w.jitter = 0;
      w.clock.advance(300_000);
      expect((w.failures()[101] as number[])[3], "full jitter").to.equal(1);
    });

    it("an outage does not make the first refusal after it a rest of half an hour", () => {
      w.start();
      for (let n = 0; n < 20; n++) {
        w.broker.last.events.closed();
        w.clock.advance(3000);
      }
      w.broker.last.accept();
      w.exception(w.broker.last, 10425);
      w.clock.advance(0);
      expect(w.failures().at(-1)).to.deep.equal(["failed", protocol.FAIL_CLOUD_REFUSED, 10425, 1000]);
    });

    it("at once when the network comes back", () => {
      w.jitter = 0xffff;
      w.start();
      for (let n = 0; n < 12; n++) {
        w.broker.last.events.closed();
        w.clock.advance(300_000);
      }
      w.broker.last.events.closed();
      w.session.stop();
      const before = w.broker.links.length;
      w.start();
      expect(w.broker.links).to.have.length(before + 1);
    });

    it("with a new random in the password each time", () => {
      const passwords = new Set<string>();
      w.start();
      for (let n = 1; n <= 5; n++) {
        const link = w.broker.last;
        link.events.opened!();
        passwords.add(String((link.packets[0] as { password?: Buffer }).password));
        link.events.closed();
        w.clock.advance(n * 1000);
      }
      expect(passwords.size).to.equal(5);
    });

    for (const [name, settled, times] of [
      ["a connection of a minute was a success: the next failure is the first again", 60_000, 1],
      ["a shorter one was none", 50_000, 2],
    ] as const) {
      it(name, () => {
        w.start().events.closed();
        w.clock.advance(3000);
        const link = w.broker.last;
        link.accept();
        w.acknowledgeAll(link);
        w.clock.advance(settled);
        expect(link.ended).to.equal(false);
        link.events.closed();
        w.clock.advance(0);
        const delay = 1 + Math.floor((2000 * times * w.jitter) / 65536);
        expect(w.failures()[1]).to.deep.equal(["failed", protocol.FAIL_CLOUD_UNREACHABLE, 10474, delay]);
      });
    }

    it("not any more once it is stopped", () => {
      const link = w.online();
      link.events.closed();
      w.session.stop();
      w.clock.advance(7_200_000);
      expect(w.broker.links).to.have.length(1);
      expect(link.ended).to.equal(true);
    });

    it("at once when it is started again, with another server too", () => {
      w.online();
      w.start({ ...SERVER, host: "other" });
      expect(w.broker.links[0].ended).to.equal(true);
      expect(w.broker.last.server.host).to.equal("other");
      w.clock.advance(0);
      expect(w.failures()).to.deep.equal([]);
    });
  });
  describe("carries", () => {
    const MORE = { ...REPORT, code: "AAAAAAAAAAAAAAAA" };

    it("one report at a time, and the next when that one has arrived", () => {
      const link = w.online();
      w.report = REPORT;
      w.session.report();
      w.session.report();
      expect(w.commandsOf(link)).to.deep.equal([protocol.CMD_BINDING]);
      link.puback();
      expect(w.told.slice(-1)).to.deep.equal([["reported", REPORT.code, true]]);
      w.report = MORE;
      w.session.report();
      expect(w.framesOf(link).map(({ data }) => decodeTtlv(data))).to.deep.equal([
        REPORTED,
        [REPORTED[0], [protocol.BINDING_CODE, MORE.code]],
      ]);
    });

    it("a report that nobody acknowledges again and again, and says so", () => {
      const link = w.online();
      w.report = REPORT;
      w.session.report();
      // A timer of the publishes before runs for two seconds more.
      w.clock.advance(8000);
      expect(w.told.filter((event) => Array.isArray(event) && event[0] === "reported")).to.deep.equal([
        ["reported", REPORT.code, false],
      ]);
      const frames = w.framesOf(link);
      expect(frames).to.have.length(4);
      // Three times the same one, then a new one.
      expect(frames.map(({ id }) => id - frames[0].id)).to.deep.equal([0, 0, 0, 1]);
    });

    it("a report that the connection's end interrupted, over the next one", () => {
      const link = w.online();
      w.report = REPORT;
      w.session.report();
      link.events.closed();
      expect(w.told.slice(-1)).to.deep.equal([["reported", REPORT.code, false]]);
      w.clock.advance(1000);
      w.broker.last.events.opened!();
      expect(w.commandsOf(w.broker.last)[0]).to.equal(protocol.CMD_BINDING);
    });

    it("no report while it is not connected", () => {
      w.report = REPORT;
      w.session.report();
      expect(w.broker.links).to.deep.equal([]);
      const link = w.online();
      w.session.stop();
      w.told = [];
      w.session.report();
      expect(w.told).to.deep.equal([]);
      expect(link.commands).to.deep.equal(["disconnect"]);
    });

    it("answers to reads, with QoS 0 and the request's package id", () => {
      const link = w.online();
      w.down(link, protocol.CMD_STATUS_READ, "", 0x1234);
      w.down(link, protocol.CMD_INFO_READ, "\x00\x0e\x00\x0b", 0x1235);
      w.down(link, protocol.CMD_STATUS_READ, "\x00\x01", 0x1236);
      expect(link.publishes.map(({ qos }) => qos)).to.deep.equal([0, 0, 0]);
      expect(w.framesOf(link).map(({ id, cmd, data }) => [id, cmd, decodeTtlv(data)])).to.deep.equal([
        [0x1234, protocol.CMD_STATUS_ANSWER, [[protocol.STATUS_RSSI, -47]]],
        [
          0x1235,
          protocol.CMD_INFO_ANSWER,
          [
            [protocol.INFO_SDK, `wifi-binding ${version}/2v29`],
            [protocol.INFO_COMM_PROTOCOL, "3.0.0"],
          ],
        ],
        [0x1236, protocol.CMD_STATUS_ANSWER, undefined],
      ]);
    });

    it("complaints about commands and contents that it cannot use", () => {
      const link = w.online();
      w.down(link, 0x0013, "", 21);
      w.down(link, protocol.CMD_CONFIG, "\x07", 22);
      w.acknowledgeAll(link);
      expect(w.framesOf(link).map(({ cmd, data }) => [cmd, decodeTtlv(data)])).to.deep.equal(
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
      const link = w.online();
      for (const payload of ["", "hello", encodeFrame(1, 0x0031, "").slice(0, -1)]) link.publish(payload, { qos: 0 });
      expect([link.packets, w.told]).to.deep.equal([[], []]);
    });

    it("the cloud's verdict on a binding", () => {
      const nodes: Node[] = [
        [protocol.RESULT_BOUND, true],
        [protocol.RESULT_CODE, "0123456789ABCDEF"],
      ];
      w.down(w.online(), protocol.CMD_BINDING_RESULT, nodes);
      expect(w.told).to.deep.equal([["result", nodes]]);
    });

    it("a new DeviceSecret while it is connected: stored, and the connection goes on", () => {
      const link = w.online();
      w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, "N".repeat(32)]]);
      w.clock.advance(30_000);
      expect(w.told).to.deep.equal([["store", "N".repeat(32)]]);
      expect(link.ended).to.equal(false);
      expect(link.publishes).to.deep.equal([]);
    });
  });

  describe("for modules", () => {
    it("takes nothing before the cloud has accepted the device", () => {
      const link = w.start();
      const cloud = w.session.cloud();
      expect([cloud.publish("bus", 0x14, "x"), cloud.send("bus", 0x14, "x")]).to.deep.equal([0, false]);
      link.accept();
      expect(cloud.send("bus", 0x14, "x")).to.equal(true);
      expect(cloud.publish("bus", 0x14, "x")).to.equal(4);
    });

    it("publishes nodes or bytes on their class, and tells what became of them", () => {
      const link = w.online();
      const cloud = w.session.cloud();
      const done: unknown[] = [];
      const id = cloud.publish("bus", 0x14, [[1, true]], (ok) => done.push(ok));
      cloud.publish("ota", 0x114, cloud.encode([[13, 1]]), (ok) => done.push(ok));
      cloud.send("bus", 0x12, [[1, true]], 0x0102);
      expect(link.publishes.map(({ topic, qos }) => [topic.split("/")[4], qos])).to.deep.equal([
        ["bus", 1],
        ["ota", 1],
        ["bus", 0],
      ]);
      expect(w.framesOf(link)).to.deep.equal([
        { id, cmd: 0x14, data: "\x00\x09" },
        { id: id + 1, cmd: 0x114, data: encodeTtlv([[13, 1]]) },
        { id: 0x0102, cmd: 0x12, data: "\x00\x09" },
      ]);
      link.puback(link.publishes[0].messageId);
      link.events.closed();
      expect(done).to.deep.equal([true, false]);
      w.clock.advance(10_000);
      w.broker.last.accept();
      expect(cloud.publish("ota", 0x114, [[13, 1]], undefined, id + 1)).to.equal(id + 1);
      expect(w.broker.last.publishes.at(-1)).to.include({ dup: true, qos: 1 });
      expect(w.framesOf(w.broker.last).at(-1)!.id).to.equal(id + 1);
    });

    it("a callback that throws as the connection ends does not keep the device offline", () => {
      const link = w.online();
      w.session.cloud().publish("bus", 0x14, "x", () => {
        throw new Error("of the application");
      });
      expect(() => link.events.closed()).to.throw("of the application");
      w.clock.advance(10_000);
      expect(w.broker.links.length).to.be.above(1);
      expect(w.failures()[0]).to.deep.include(protocol.FAIL_CLOUD_UNREACHABLE);
    });

    for (const [end, how] of Object.entries({
      "is lost": (link: BrokerLink) => link.events.closed(),
      "is to be opened anew": (link: BrokerLink) =>
        w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_REAUTHENTICATE, true]]),
    })) {
      it(`a callback that stops the session as the connection ${end}: it stays stopped`, () => {
        const link = w.online();
        w.session.cloud().publish("bus", 0x14, "x", () => w.session.stop());
        how(link);
        w.clock.advance(100_000);
        expect(w.broker.links).to.have.length(1);
      });
    }

    it("takes no sys without a connection: nothing is sent before CONNECT", () => {
      const link = w.online();
      const cloud = w.session.cloud();
      const taken: unknown[] = [];
      const both = (): void => void taken.push(cloud.publish("sys", 0x14, "x"), cloud.send("sys", 0x14, "x"));
      cloud.publish("sys", 0x14, "x", both);
      link.events.closed();
      w.clock.advance(5000);
      const next = w.broker.last;
      expect(next).not.to.equal(link);
      both();
      expect([taken, next.packets]).to.deep.equal([[0, false, 0, false], []]);
      next.events.opened!();
      expect(next.commands[0]).to.equal("connect");
      both();
      expect(taken[4], "a package id").to.be.above(0);
      expect(taken[5]).to.equal(true);
    });

    it("hands them commands, and complains with the code that they return", () => {
      const link = w.online();
      const heard: unknown[] = [];
      w.session.cloud().on(0x13, (id, nodes, data) => (heard.push([id, nodes, data]), nodes ? undefined : 5));
      w.down(link, 0x13, [[1, true]], 31);
      w.down(link, 0x13, "\x07", 32);
      expect(heard).to.deep.equal([
        [31, [[1, true]], "\x00\x09"],
        [32, undefined, "\x07"],
      ]);
      expect(w.framesOf(link).map(({ cmd, data }) => [cmd, decodeTtlv(data)])).to.deep.equal([
        [
          protocol.CMD_EXCEPTION_UP,
          [
            [1, 5],
            [2, 32],
          ],
        ],
      ]);
    });
  });
});
