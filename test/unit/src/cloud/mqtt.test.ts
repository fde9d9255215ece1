/** The MQTT client on a clock that the test drives, against a broker that the test plays. */

import { expect } from "chai";

import { createMqtt, type Mqtt } from "../../../../src/cloud/mqtt.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { FakeBroker, type BrokerLink } from "../../../support/broker.js";
import { FakeClock } from "../../../support/hal.js";

const SERVER = { host: "broker", port: 1883, secure: false };
const CONNECT = { clientId: "c", username: "u", password: "p", keepalive: 120 };

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
      message: (payload) => heard.push(payload),
      lost: (timeout) => heard.push(timeout ? "timeout" : "lost"),
    });
  });

  function open(keepalive = 120): BrokerLink {
    expect(mqtt.open(SERVER, undefined, { ...CONNECT, keepalive }, "f/+")).to.equal(0);
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
      link.connack(5);
      link.suback(128);
      // Glued, as a broker that is near sends them.
      link.events.received("\x20\x02\x00\x00" + "\x90\x03\x00\x01\x01");
      expect(heard).to.deep.equal([
        ["connack", 5],
        ["suback", 128],
        ["connack", 0],
        ["suback", 1],
      ]);
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

    it("one at a time, in order, each with an id of its own", () => {
      const link = online();
      publish("a");
      publish("b");
      expect(link.publishes).to.have.length(1);
      link.puback();
      expect(link.publishes.map(({ payload }) => payload.toString())).to.deep.equal(["a", "b"]);
      expect(link.publishes[1].dup).to.equal(false);
      expect(link.publishes[1].messageId).not.to.equal(link.publishes[0].messageId);
      link.puback();
      expect(heard).to.deep.equal([
        ["a", true],
        ["b", true],
      ]);
    });

    it("the next one when the one before is given up", () => {
      const link = online();
      publish("a");
      publish("b");
      clock.advance(6000);
      expect(heard).to.deep.equal([["a", false]]);
      expect(link.publishes.at(-1)).to.include({ dup: false });
      expect(link.publishes.at(-1)!.payload.toString()).to.equal("b");
    });

    it("and says when eight wait already", () => {
      const link = online();
      const taken = [..."12345678"].map(publish);
      expect(taken).to.deep.equal(Array(8).fill(true));
      expect(publish("9")).to.equal(false);
      link.puback();
      expect(publish("9")).to.equal(true);
      for (let i = 0; i < 8; i++) link.puback();
      expect(heard).to.deep.equal([..."123456789"].map((name) => [name, true]));
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
        expect(heard).to.deep.equal(["lost"]);
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

    it("without a ping where something else was sent in that half", () => {
      const link = online();
      clock.advance(59_000);
      mqtt.send("topic", "x");
      clock.advance(1_000);
      expect(link.commands).to.deep.equal(["publish"]);
      clock.advance(59_999);
      expect(link.commands).to.deep.equal(["publish"]);
      clock.advance(1);
      expect(link.commands).to.deep.equal(["publish", "pingreq"]);
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

    it("the end of the connection, which forgets the publishes that wait", () => {
      const link = online();
      publish("a");
      publish("b");
      link.events.closed();
      clock.advance(60_000);
      expect(heard).to.deep.equal(["lost"]);
      expect(link.publishes).to.have.length(1);
    });
  });

  it("closes with DISCONNECT, and nothing follows", () => {
    const link = online();
    publish("a");
    mqtt.close();
    expect(link.commands).to.deep.equal(["publish", "disconnect"]);
    expect(link.ended).to.equal(true);
    link.events.closed();
    clock.advance(600_000);
    expect(heard).to.deep.equal([]);
  });
});
