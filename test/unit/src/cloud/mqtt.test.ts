/** The MQTT client on a clock that the test drives, against a broker that the test plays. */

import { expect } from "chai";

import { createMqtt, type Mqtt } from "../../../../src/cloud/mqtt.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { FakeBroker, type BrokerLink } from "../../../support/broker.js";
import { FakeClock } from "../../../support/hal.js";

const SERVER = { host: "broker", port: 1883, secure: false };
const LOST: Record<number, string> = { 10474: "lost", 10473: "timeout", 10450: "protocol" };
const CONNECT = { clientId: "c", user: "u", pass: "p", alive: 120 };

describe("the MQTT client", () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  let heard: unknown[];
  let onOpened: () => void;
  let onConnack: () => void;
  let mqtt: Mqtt;

  beforeEach(() => {
    clock = new FakeClock();
    broker = new FakeBroker();
    heard = [];
    onOpened = onConnack = () => {};
    mqtt = createMqtt({ ...clock, connect: broker.connect } as unknown as Hal, {
      opened: () => onOpened(),
      connack: (code) => (heard.push(["connack", code]), onConnack()),
      suback: (code) => heard.push(["suback", code]),
      message: (payload) => (heard.push(payload), payload !== "rubbish"),
      lost: (code, early) => (heard.push(`${LOST[code]}${early ? ", early" : ""}`), mqtt.close()),
    });
  });

  function open(keepalive = 120): BrokerLink {
    expect(mqtt.open(SERVER, undefined, { ...CONNECT, alive: keepalive }, "f/+")).to.equal(0);
    return broker.last;
  }

  /** A connection that is up, with nothing heard yet. */
  function online(keepalive?: number): BrokerLink {
    const link = open(keepalive);
    link.accept();
    link.packets.length = 0;
    heard = [];
    return link;
  }

  /** Publishes and notes what becomes of it under that name. */
  const publish = (name: string): boolean => mqtt.publish("topic", name, (done) => heard.push([name, done]));

  describe("opens", () => {
    it("with CONNECT, SUBSCRIBE and the first publish in one flight, before any answer", () => {
      onOpened = () => publish("first");
      const link = open();
      expect(link.packets).to.deep.equal([]);
      link.events.opened!();
      expect(link.commands).to.deep.equal(["connect", "subscribe", "publish"]);
      expect(link.packets[0]).to.deep.include({ clientId: "c", username: "u", clean: true, keepalive: 120 });
      expect(link.packets[1]).to.have.nested.property("subscriptions[0]").that.includes({ topic: "f/+", qos: 1 });
      expect(link.publishes[0].qos).to.equal(1);
    });

    it("and passes on what CONNACK and SUBACK say", () => {
      const link = open();
      link.events.opened!();
      expect(mqtt.subscribed()).to.equal(false);
      link.connack(5);
      expect(mqtt.subscribed()).to.equal(false);
      link.suback(128);
      expect(mqtt.subscribed()).to.equal(true);
      mqtt.close();
      expect(mqtt.subscribed()).to.equal(false);
      // Glued, as a broker that is near sends them.
      open().events.opened!();
      broker.last.events.received("\x20\x02\x01\x00" + "\x90\x03\xff\xff\x01");
      expect(heard).to.deep.equal([
        ["connack", 5],
        ["suback", 128],
        ["connack", 0],
        ["suback", 1],
      ]);
    });

    it("and greets once, also when a socket that was given up before says that it is open", () => {
      const first = open();
      mqtt.close();
      const link = open();
      first.events.opened!();
      link.events.opened!();
      expect(link.commands).to.deep.equal(["connect", "subscribe"]);
    });

    it("with TLS when the server says so, and says at once why it cannot", () => {
      mqtt.open({ ...SERVER, secure: true }, undefined, CONNECT, "f");
      expect(broker.last.server).to.deep.equal({ ...SERVER, secure: true });
      mqtt.close();
      broker.refuse = 9;
      expect(mqtt.open(SERVER, undefined, CONNECT, "f")).to.equal(9);
      clock.advance(60_000);
      expect(heard).to.deep.equal([]);
    });

    it("and gives a broker that is silent 15 s", () => {
      const link = open();
      link.events.opened!();
      link.connack();
      clock.advance(14_999);
      expect(heard).to.deep.equal([["connack", 0]]);
      clock.advance(1);
      expect(heard).to.deep.equal([["connack", 0], "timeout"]);
      expect(link.ended).to.equal(true);
    });
  });

  describe("publishes", () => {
    it("three times, 2 s apart, the second and third marked DUP, and then gives up", () => {
      const link = online();
      publish("a");
      const sent = [];
      for (let t = 0; t < 6000; t += 500) {
        sent.push(link.publishes.length);
        clock.advance(500);
      }
      expect(sent).to.deep.equal([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
      expect(link.publishes.map(({ dup }) => dup)).to.deep.equal([false, true, true]);
      expect(new Set(link.publishes.map(({ messageId }) => messageId)).size).to.equal(1);
      expect(heard).to.deep.equal([["a", false]]);
      clock.advance(20_000);
      expect(link.publishes).to.have.length(3);
      expect(heard).to.have.length(1);
    });

    it("until it is acknowledged, once", () => {
      const link = online();
      publish("a");
      clock.advance(2000);
      link.puback();
      link.puback();
      clock.advance(20_000);
      expect(link.publishes).to.have.length(2);
      expect(heard).to.deep.equal([["a", true]]);
    });

    it("and does not take another id's acknowledgement for its own", () => {
      const link = online();
      publish("a");
      link.puback(link.publishes[0].messageId! + 1);
      expect(heard).to.deep.equal([]);
    });

    it("several at a time, in order, each with an id of its own", () => {
      const link = online();
      publish("a");
      publish("b");
      expect(link.publishes.map(({ payload }) => payload.toString())).to.deep.equal(["a", "b"]);
      expect(link.publishes[1].dup).to.equal(false);
      expect(link.publishes[1].messageId).not.to.equal(link.publishes[0].messageId);
      link.acknowledgeAll();
      expect(heard).to.deep.equal([
        ["a", true],
        ["b", true],
      ]);
    });

    it("all of them again, in order, when nothing moves for two seconds; the oldest is given up first", () => {
      const link = online();
      const payloads = (): string => link.publishes.map(({ payload }) => payload.toString()).join("");
      publish("a");
      publish("b");
      clock.advance(1999);
      publish("c");
      clock.advance(2000);
      expect(payloads()).to.equal("abc");
      clock.advance(1);
      expect(payloads()).to.equal("abcabc");
      link.puback(link.publishes[1].messageId);
      clock.advance(3999);
      expect(payloads()).to.equal("abcabc");
      clock.advance(1);
      expect(payloads()).to.equal("abcabcac");
      clock.advance(4000);
      expect(heard).to.deep.equal([
        ["b", true],
        ["a", false],
      ]);
      link.acknowledgeAll();
      expect(heard.at(-1)).to.deep.equal(["c", true]);
    });

    it("marked DUP at once, when it was sent on a connection before", () => {
      const link = online();
      expect(mqtt.publish("topic", "again", undefined, 7)).to.equal(true);
      expect(link.publishes[0]).to.include({ dup: true, qos: 1 });
    });

    it("and says when eight are in flight already", () => {
      const link = online();
      const taken = [..."12345678"].map(publish);
      expect(taken).to.deep.equal(Array(8).fill(true));
      expect(publish("9")).to.equal(false);
      link.puback(link.publishes[0].messageId);
      expect(publish("9")).to.equal(true);
      link.acknowledgeAll();
      expect(heard).to.deep.equal([..."123456789"].map((name) => [name, true]));
    });

    it("and says when too much waits to be sent, of which it keeps nothing", () => {
      const link = online();
      link.full = true;
      expect([publish("a"), mqtt.send("topic", "now")]).to.deep.equal([false, false]);
      link.full = false;
      expect(publish("b")).to.equal(true);
      // Others move meanwhile: one that was kept would wait for them.
      clock.advance(5000);
      link.acknowledgeAll();
      mqtt.close();
      expect(heard).to.deep.equal([["b", true]]);
      expect(new Set(link.publishes.map(({ payload }) => payload.toString()))).to.deep.equal(new Set(["b"]));
    });

    it("with QoS 0 past the queue, without an acknowledgement", () => {
      const link = online();
      publish("a");
      mqtt.send("topic", "now");
      expect(link.publishes.map(({ qos, payload }) => [qos, payload.toString()])).to.deep.equal([
        [1, "a"],
        [0, "now"],
      ]);
    });
  });

  describe("hears", () => {
    it("a message once, however often its broker repeats it, and acknowledges every time", () => {
      const link = online();
      link.publish("hello", { id: 7 });
      link.publish("hello", { id: 7, dup: true });
      link.publish("another", { id: 7 });
      expect(heard).to.deep.equal(["hello", "another"]);
      expect(link.packets.map(({ cmd, messageId }) => [cmd, messageId])).to.deep.equal(Array(3).fill(["puback", 7]));
    });

    it("a message that is marked as repeated, when the first was lost with the connection", () => {
      online().publish("hello", { id: 7 });
      mqtt.close();
      online().publish("hello", { id: 7, dup: true });
      expect(heard).to.deep.equal(["hello"]);
    });

    it("none that it cannot acknowledge: the connection ends", () => {
      const link = online();
      link.full = true;
      link.publish("now", { qos: 0 });
      expect([heard, link.ended]).to.deep.equal([["now"], false]);
      link.publish("hello", { id: 7 });
      expect([heard.slice(1), link.ended]).to.deep.equal([["protocol"], true]);
    });

    it("QoS 0 without an answer", () => {
      const link = online();
      link.publish("hello", { qos: 0 });
      expect(heard).to.deep.equal(["hello"]);
      expect(link.packets).to.deep.equal([]);
    });

    it("messages byte by byte, and glued", () => {
      const link = online();
      const raw = "\x30\x04\x00\x01ta".repeat(2);
      link.events.received(raw);
      for (const byte of raw) link.events.received(byte);
      expect(heard).to.deep.equal(["a", "a", "a", "a"]);
    });

    it("nothing of a packet over 2 KiB, and everything behind it", () => {
      const link = online();
      link.publish("x".repeat(2050), { qos: 0 });
      link.publish("small", { qos: 0 });
      expect(heard).to.deep.equal(["small"]);
    });

    const violations: [string, string][] = [
      ["QoS 2, which nobody asked for", "\x34\x07\x00\x01t\x00\x01hi"],
      ["a topic longer than its packet", "\x30\x03\x00\x09t"],
      ["a packet id cut off", "\x32\x04\x00\x01t\x00"],
      ["a length that MQTT forbids", "\x30\xff\xff\xff\xff\x01"],
    ];
    for (const [name, bytes] of violations) {
      it(`no more after ${name}`, () => {
        const link = online();
        link.events.received(bytes);
        link.publish("late", { qos: 0 });
        expect(heard).to.deep.equal(["protocol"]);
        expect(link.ended).to.equal(true);
      });
    }

    it("nothing behind the packet that made its owner close", () => {
      const link = open();
      link.events.opened!();
      onConnack = () => mqtt.close();
      link.events.received("\x20\x02\x00\x05" + "\x30\x04\x00\x01ta");
      expect(heard).to.deep.equal([["connack", 5]]);
    });
  });

  describe("watches", () => {
    it("a quiet connection with a ping every half keepalive", () => {
      const link = online();
      clock.advance(59_999);
      expect(link.commands).to.deep.equal([]);
      for (let i = 1; i <= 5; i++) {
        clock.advance(i === 1 ? 1 : 60_000);
        expect(link.commands).to.deep.equal(Array(i).fill("pingreq"));
        link.answer({ cmd: "pingresp" });
      }
      expect(heard).to.deep.equal([]);
    });

    it("also while other packets travel both ways: they prove nothing of the broker's session", () => {
      const link = online();
      for (let t = 0; t < 60_000; t += 5000) {
        mqtt.send("topic", "x");
        link.publish("y", { qos: 0 });
        clock.advance(5000);
      }
      expect(link.commands.filter((cmd) => cmd === "pingreq")).to.have.length(1);
      link.publish("z", { qos: 0 });
      clock.advance(10_000);
      expect(heard.at(-1)).to.equal("timeout");
    });

    it("for a peer that is dead: 10 s after the ping", () => {
      const link = online();
      clock.advance(69_999);
      expect(heard).to.deep.equal([]);
      clock.advance(1);
      expect(heard).to.deep.equal(["timeout"]);
      expect(link.ended).to.equal(true);
      clock.advance(600_000);
      expect(heard).to.deep.equal(["timeout"]);
    });

    it("the end of the connection, which tells the publishes in flight and forgets them", () => {
      const link = online();
      publish("a");
      publish("b");
      link.events.closed();
      clock.advance(60_000);
      expect(heard).to.deep.equal(["lost", ["a", false], ["b", false]]);
      expect(link.publishes).to.have.length(2);
    });
  });

  describe("takes each packet in its place only", () => {
    const packets: Record<string, string> = {
      "zero bytes": "\x00\x00",
      CONNECT: "\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc",
      "CONNACK 0": "\x20\x02\x00\x00",
      "CONNACK 9": "\x20\x02\x00\x09",
      "CONNACK 255": "\x20\x02\x00\xff",
      "CONNACK of one byte": "\x20\x01\x00",
      "CONNACK of three bytes": "\x20\x03\x00\x00\x00",
      "CONNACK of no bytes": "\x20\x00",
      "CONNACK with flags": "\x21\x02\x00\x00",
      PUBLISH: "\x30\x04\x00\x01ta",
      "PUBLISH of no bytes": "\x30\x00",
      "PUBACK of an unknown id": "\x40\x02\x12\x34",
      "PUBACK of three bytes": "\x40\x03\x00\x01\x00",
      PUBREC: "\x50\x02\x00\x01",
      PUBREL: "\x62\x02\x00\x01",
      PUBCOMP: "\x70\x02\x00\x01",
      SUBSCRIBE: "\x82\x06\x00\x01\x00\x01a\x00",
      "SUBACK of another id": "\x90\x03\x43\x21\x01",
      "SUBACK of no code": "\x90\x02\xff\xff",
      "SUBACK of two codes": "\x90\x04\xff\xff\x01\x01",
      "SUBACK of QoS 2, which was not asked for": "\x90\x03\xff\xff\x02",
      UNSUBSCRIBE: "\xa2\x05\x00\x01\x00\x01a",
      UNSUBACK: "\xb0\x02\x00\x01",
      PINGREQ: "\xc0\x00",
      PINGRESP: "\xd0\x00",
      "PINGRESP of one byte": "\xd0\x01\x00",
      DISCONNECT: "\xe0\x00",
      "type 15": "\xf0\x00",
      "an SSH banner": "SSH-2.0-OpenSSH_9.6\r\n" + "x".repeat(90),
      "an HTTP answer":
        "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nDate: Tue, 1 Jan 2030 00:00:00 GMT\r\nConnection: close",
    };
    /** What is legal there, in its place or as one that nobody asked for. All others end the connection. */
    const legal: Record<string, string[]> = {
      "before CONNACK": ["CONNACK 0"],
      "before SUBACK": ["PUBLISH", "PUBACK of an unknown id", "PINGRESP"],
      "once ready": ["PUBLISH", "PUBACK of an unknown id", "PINGRESP"],
      "while it waits for PINGRESP": ["PUBLISH", "PUBACK of an unknown id", "PINGRESP"],
    };
    for (const [when, allowed] of Object.entries(legal)) {
      for (const [name, bytes] of Object.entries(packets)) {
        it(`${when}: ${name}`, () => {
          const link = open();
          link.events.opened!();
          if (when !== "before CONNACK") link.connack();
          if (when === "once ready" || when.startsWith("while")) link.suback();
          if (when.startsWith("while")) clock.advance(60_000);
          heard = [];
          for (const byte of bytes) if (!link.ended) link.events.received(byte);
          const ended = heard.filter((one) => typeof one === "string" && one.startsWith("protocol"));
          expect([ended.length, link.ended]).to.deep.equal(allowed.includes(name) ? [0, false] : [1, true]);
          expect(heard.filter((one) => Array.isArray(one))).to.have.length(
            name === "CONNACK 0" && when === "before CONNACK" ? 1 : 0,
          );
        });
      }
    }

    for (const name of ["PINGRESP", "PUBACK of an unknown id", "PUBLISH"]) {
      it(`only the own SUBACK ends the guard of the handshake, ${name} does not`, () => {
        const link = open();
        link.events.opened!();
        link.connack();
        for (let t = 0; t < 15_000; t += 1000) {
          expect(link.ended).to.equal(false);
          link.events.received(packets[name]);
          clock.advance(1000);
        }
        expect(heard.at(-1)).to.equal("timeout");
        expect(link.ended).to.equal(true);
      });
    }

    it("half a packet is none: the guard ends it, wherever it is cut", () => {
      const answer = "\x20\x02\x00\x00\x90\x03\xff\xff\x01";
      for (let length = 0; length < answer.length; length++) {
        mqtt = createMqtt({ ...clock, connect: broker.connect } as unknown as Hal, {
          opened: () => {},
          connack: () => {},
          suback: () => {},
          message: () => true,
          lost: (code, early) => (heard.push(`${LOST[code]}${early ? ", early" : ""}`), mqtt.close()),
        });
        heard = [];
        const link = open();
        link.events.opened!();
        link.events.received(answer.slice(0, length));
        clock.advance(14_999);
        expect(heard).to.deep.equal([]);
        clock.advance(1);
        expect(heard).to.deep.equal([length < 4 ? "timeout, early" : "timeout"]);
      }
    });
  });

  describe("ends the connection for a flood that nobody asked for", () => {
    for (const [name, bytes] of [
      ["PINGRESP", "\xd0\x00"],
      ["PUBACK of unknown ids", "\x40\x02\x12\x34"],
      ["messages that cannot be read", "\x30\x0a\x00\x01trubbish"],
    ]) {
      it(name, () => {
        const link = online();
        link.events.received(bytes.repeat(20));
        expect(link.ended).to.equal(false);
        link.events.received(bytes.repeat(20_000));
        expect(link.ended).to.equal(true);
        expect(heard.filter((one) => one !== "rubbish")).to.deep.equal(["protocol"]);
        expect(heard.length).to.be.at.most(22);
      });
    }

    it("but not for a few each second, nor for messages that can be read", () => {
      const link = online();
      for (let t = 0; t < 59; t++) {
        link.events.received("\xd0\x00".repeat(15));
        for (let n = 0; n < 30; n++) link.publish(`${t} ${n}`, { qos: 0 });
        clock.advance(1001);
      }
      expect(heard).to.have.length(59 * 30);
      expect(link.ended).to.equal(false);
    });
  });

  it("closes with DISCONNECT, tells what was in flight, and nothing follows", () => {
    const link = online();
    publish("a");
    mqtt.close();
    expect(link.commands).to.deep.equal(["publish", "disconnect"]);
    expect(link.ended).to.equal(true);
    link.events.closed();
    clock.advance(600_000);
    expect(heard).to.deep.equal([["a", false]]);
  });
});
