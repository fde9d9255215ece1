/** What a broker and a network can do wrong, fault by fault: the report still arrives, once, and nothing is stuck. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { nextPacket } from "../../../../src/cloud/packets.js";
import type { BrokerLink } from "../../../support/broker.js";
import { DS, REPORT, SessionWorld } from "../../../support/session.js";

/** Longest time to the second attempt, and to give up a broker that says nothing. */
const RETRY = 3000;
const HANG = 15_000;

describe("the session survives", () => {
  let w: SessionWorld;

  beforeEach(() => {
    w = new SessionWorld();
    w.report = REPORT;
  });

  const reported = (): number =>
    w.told.filter((event) => Array.isArray(event) && event[0] === "reported" && event[2]).length;

  /** Everything that a good broker says to this device, one packet after the other. */
  function* script(link: BrokerLink): Generator<void> {
    yield link.events.opened!();
    yield link.connack();
    yield link.suback();
    if (!w.ds) {
      yield w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      w.clock.advance(0);
    }
    for (let at = 0; at < link.publishes.length; at++) yield link.puback(link.publishes[at].messageId);
  }

  const play = (link: BrokerLink, packets = Infinity): number => {
    let played = 0;
    for (const steps = script(link); played < packets && !steps.next().done;) played++;
    return played;
  };

  for (const ds of ["", DS]) {
    it(`a socket that dies at every packet boundary, ${ds ? "with" : "without"} a DeviceSecret`, () => {
      w.ds = ds;
      const packets = play(w.start());
      expect(packets).to.equal(ds ? 6 : 7);
      for (let cut = 0; cut < packets; cut++) {
        w = new SessionWorld();
        w.ds = ds;
        w.report = REPORT;
        const link = w.start();
        play(link, cut);
        const before = reported();
        link.events.closed();
        w.clock.advance(RETRY);
        expect(w.broker.last, `cut after ${cut} packets`).not.to.equal(link);
        play(w.broker.last);
        expect(reported(), `cut after ${cut} packets`).to.equal(1);
        if (before) expect(w.commandsOf(w.broker.last)).not.to.include(protocol.CMD_BINDING);
        expect(w.ds).to.equal(DS);
      }
    });
  }

  it("a broker that refuses the connection", () => {
    w.broker.refuse = protocol.FAIL_CLOUD_UNREACHABLE;
    w.start();
    w.broker.refuse = 0;
    w.clock.advance(RETRY);
    play(w.broker.last);
    expect(reported()).to.equal(1);
  });

  for (const said of [0, 1, 2]) {
    it(`a broker that hangs after ${["TCP", "TCP and before CONNACK", "CONNACK"][said]}`, () => {
      const link = w.start();
      play(link, said);
      w.clock.advance(HANG);
      expect(link.ended).to.equal(true);
      w.clock.advance(RETRY);
      play(w.broker.last);
      expect(reported()).to.equal(1);
    });
  }

  it("a broker that acknowledges everything but publishes", () => {
    const link = w.start();
    play(link, 3);
    w.clock.advance(30_000);
    // Three sends each; the connection stays, and the report is tried for ever.
    expect(link.ended).to.equal(false);
    expect(w.commandsOf(link).filter((cmd) => cmd === protocol.CMD_BINDING).length).to.be.at.least(9);
    link.puback();
    w.acknowledgeAll(link);
    expect(reported()).to.equal(1);
  });

  it("a PUBACK for an id that it never used", () => {
    const link = w.start();
    play(link, 3);
    link.puback(0xbeef);
    expect(reported()).to.equal(0);
    link.puback(link.publishes[0].messageId);
    expect(reported()).to.equal(1);
  });

  for (const [name, bytes] of [
    ["CONNACK", "\x20\x00"],
    ["PUBLISH", "\x32\x00"],
    ["PUBACK", "\x40\x00"],
    ["SUBACK", "\x90\x00"],
  ]) {
    it(`a ${name} of announced length 0, which ends the connection`, () => {
      const link = w.start();
      link.events.opened!();
      link.events.received(bytes);
      expect(link.ended).to.equal(true);
      w.clock.advance(RETRY);
      play(w.broker.last);
      expect(reported()).to.equal(1);
    });
  }

  it("a packet of announced length 256 MiB, of which nothing is kept, until the next ping finds the peer dead", () => {
    const link = w.start();
    play(link);
    link.events.received("\x30\xff\xff\xff\x7f" + "x".repeat(5000));
    w.clock.advance(59_999);
    expect(link.ended).to.equal(false);
    w.clock.advance(61_000 + 10_000);
    expect(link.ended).to.equal(true);

    const stream = { bytes: "\x30\xff\xff\xff\x7f", skip: 0, broken: false };
    for (let n = 0; n < 100; n++) {
      expect(nextPacket(stream, 2048)).to.equal(undefined);
      expect(stream.bytes).to.equal("");
      stream.bytes += "x".repeat(10_000);
    }
    expect(nextPacket(stream, 2048)).to.equal(undefined);
    expect(JSON.stringify(stream).length).to.be.below(100);
  });
});
