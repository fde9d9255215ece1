/** The device's MQTT client on a clock that the test drives: pipelining, retries, patience. */

import { expect } from "chai";

import { createMqtt, type Mqtt } from "../../src/cloud/mqtt.js";
import { pubackPacket, publishPacket } from "../../src/cloud/packets.js";
import type { LinkEvents, Platform } from "../../src/platform.js";
import { FakeClock } from "../support/platform.js";

const CONNACK = "\x20\x02\x00\x00";
const SUBACK = "\x90\x03\x00\x01\x01";
const PINGREQ = "\xc0\x00";
const PINGRESP = "\xd0\x00";
const KEEPALIVE = 60;

describe("MQTT client", () => {
  let clock: FakeClock;
  let link: LinkEvents;
  let sent: string[];
  let told: string[];
  let mqtt: Mqtt;

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    told = [];
    const platform = {
      now: clock.now,
      after: clock.after,
      cancel: clock.cancel,
      connect(_host: string, _port: number, _tls: unknown, events: LinkEvents) {
        link = events;
        return { send: (bytes: string) => void sent.push(bytes), end: () => void told.push("ended") };
      },
    } as unknown as Platform;
    mqtt = createMqtt(platform, {
      opened: () => void told.push("opened"),
      connack: (code) => void told.push(`connack ${code}`),
      suback: (code) => void told.push(`suback ${code}`),
      message: (payload) => void told.push(`message ${payload}`),
      lost: (timeout) => void told.push(timeout ? "timeout" : "lost"),
    });
    const connect = { clientId: "c", password: "p", keepalive: KEEPALIVE };
    expect(mqtt.open({ host: "h", port: 1883, secure: false }, undefined, connect, "t/+")).to.equal(0);
    link.opened!();
  });

  /** The answers of a broker that accepts. */
  function accept(): void {
    link.received(CONNACK + SUBACK);
    sent.length = told.length = 0;
  }
  const publish = (payload: string): boolean =>
    mqtt.publish("t", payload, (acknowledged) => void told.push(`${payload} ${acknowledged}`));

  it("writes CONNECT and SUBSCRIBE at once, and reads glued answers", () => {
    expect(sent).to.have.length(1);
    expect(told).to.deep.equal(["opened"]);
    link.received(CONNACK + SUBACK);
    expect(told).to.deep.equal(["opened", "connack 0", "suback 1"]);
  });

  it("gives up a broker that accepts and then hangs", () => {
    link.received(CONNACK);
    clock.advance(15_000);
    expect(told.slice(-2)).to.deep.equal(["ended", "timeout"]);
  });

  it("sends a publish three times, 2 s apart, marked as repeated, and then says that it failed", () => {
    accept();
    publish("a");
    clock.advance(5_999);
    expect(sent.map((raw) => raw.charCodeAt(0))).to.deep.equal([0x32, 0x3a, 0x3a]);
    expect(told).to.deep.equal([]);
    clock.advance(1);
    expect(told).to.deep.equal(["a false"]);
  });

  it("has one publish in flight, and goes on at its PUBACK; others' are not taken for it", () => {
    accept();
    publish("a");
    publish("b");
    expect(sent).to.have.length(1);
    link.received(pubackPacket(999));
    expect(sent).to.have.length(1);
    link.received(pubackPacket(2));
    expect(told).to.deep.equal(["a true"]);
    expect(sent).to.have.length(2);
  });

  it("says when the queue is full", () => {
    accept();
    const taken = Array.from({ length: 9 }, (_, i) => publish(String(i)));
    expect(taken).to.deep.equal([...Array(8).fill(true), false]);
  });

  it("acknowledges QoS 1, and hears a repeated one once", () => {
    accept();
    const raw = publishPacket(7, "t/x", "hello");
    link.received(raw);
    link.received("\x3a" + raw.slice(1));
    link.received(publishPacket(0, "t/x", "again"));
    expect(told).to.deep.equal(["message hello", "message again"]);
    expect(sent).to.deep.equal([pubackPacket(7), pubackPacket(7)]);
  });

  it("pings only when idle, and finds out that the peer is dead", () => {
    accept();
    clock.advance(29_000);
    mqtt.send("t", "x");
    clock.advance(1_000);
    expect(sent).not.to.include(PINGREQ);
    clock.advance(30_000);
    expect(sent.filter((raw) => raw === PINGREQ)).to.have.length(1);
    link.received(PINGRESP);
    clock.advance(30_000 + 9_999);
    expect(told).to.deep.equal([]);
    clock.advance(1);
    expect(told).to.deep.equal(["ended", "timeout"]);
  });

  it("ends on bytes that are no MQTT, and hears nothing after that", () => {
    accept();
    link.received("\x30\xff\xff\xff\xff\xff");
    link.received(publishPacket(0, "t/x", "late"));
    expect(told).to.deep.equal(["ended", "lost"]);
  });

  it("says good-bye, and no event follows", () => {
    accept();
    publish("a");
    mqtt.close();
    expect(sent[sent.length - 1]).to.equal("\xe0\x00");
    link.closed();
    clock.advance(600_000);
    expect(told).to.deep.equal(["ended"]);
  });
});
