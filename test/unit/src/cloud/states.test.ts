/** The session's table: every state, every event, and where it leads. */

import { expect } from "chai";
import fc from "fast-check";

import * as protocol from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import type { BrokerLink } from "../../../support/broker.js";
import { DS, REPORT, SessionWorld } from "../../../support/session.js";

type State = "stopped" | "waiting" | "dialling" | "authenticating" | "entering" | "online";

/** How a session gets into each state. Entering is online, and the subscription is not granted yet. */
const ways: Record<State, (w: SessionWorld) => void> = {
  stopped: (w) => (w.online(), w.session.stop()),
  waiting: (w) => w.online().events.closed(),
  dialling: (w) => void w.start(),
  authenticating: (w) => ((w.ds = ""), w.start().accept()),
  entering: (w) => (w.start().events.opened!(), w.broker.last.connack()),
  online: (w) => void w.online(),
};

const password = (link: BrokerLink): string => String((link.packets[0] as { password?: Buffer }).password);

/** What state a session is in, by what it does. It is not the same afterwards. */
function stateOf(w: SessionWorld): State {
  const link = w.broker.last;
  const links = w.broker.links.length;
  if (link.ended) {
    w.clock.advance(3000);
    return w.broker.links.length > links ? "waiting" : "stopped";
  }
  if (!link.packets.length && !w.told.includes("online")) {
    link.events.opened!();
    if (link.commands[0] === "connect") return "dialling";
  }
  if (link.commands[0] === "connect" && password(link).startsWith("0;") && w.ds === "") return "authenticating";
  const publishes = link.publishes.length;
  w.acknowledgeAll(link);
  w.report = REPORT;
  w.session.report();
  expect(link.publishes.length, "it reports").to.be.above(publishes);
  w.told = [];
  if (link.commands[0] === "connect" && !w.told.includes("online")) {
    const before = w.told.length;
    link.suback();
    if (w.told.slice(before).includes("online") && !link.ended) return "entering";
  }
  return "online";
}

interface Event {
  happens(w: SessionWorld): void;
  /** States in which it can happen at all, and the one after it. */
  leads: Partial<Record<State, State>>;
}

const onLink =
  (action: (link: BrokerLink, w: SessionWorld) => void) =>
  (w: SessionWorld): void =>
    action(w.broker.last, w);
const all = (state: State): Record<State, State> =>
  Object.fromEntries(Object.keys(ways).map((name) => [name, state])) as Record<State, State>;
const connected = (state: State): Partial<Record<State, State>> => ({
  dialling: state,
  authenticating: state,
  entering: state,
  online: state,
});

const events: Record<string, Event> = {
  start: { happens: (w) => w.start(), leads: all("dialling") },
  "start, and the name cannot be resolved": {
    happens: (w) => ((w.broker.refuse = protocol.FAIL_HOST_UNKNOWN), w.start(), (w.broker.refuse = 0)),
    leads: all("waiting"),
  },
  stop: { happens: (w) => w.session.stop(), leads: all("stopped") },
  report: {
    happens: (w) => ((w.report = REPORT), w.session.report()),
    leads: Object.fromEntries(Object.keys(ways).map((name) => [name, name])),
  },
  "TCP opens, with a DS, and CONNACK": {
    happens: onLink((link) => (link.events.opened!(), link.connack())),
    leads: { dialling: "entering" },
  },
  "TCP opens, without a DS, and CONNACK": {
    happens: (w) => ((w.ds = ""), w.start().events.opened!(), w.broker.last.connack()),
    leads: { dialling: "authenticating" },
  },
  "TCP opens again": {
    happens: onLink((link) => link.events.opened!()),
    leads: { stopped: "stopped", authenticating: "authenticating", entering: "entering", online: "online" },
  },
  "TCP closes": { happens: onLink((link) => link.events.closed()), leads: connected("waiting") },
  "the time for the next attempt comes": { happens: (w) => w.clock.advance(1000), leads: { waiting: "dialling" } },
  "nothing for 15 s": {
    happens: (w) => w.clock.advance(15_000),
    leads: { stopped: "stopped", authenticating: "authenticating", online: "online" },
  },
  "the guard of the handshake": {
    happens: (w) => {
      const { last } = w.broker;
      for (let t = 0; t < 15_000 && !last.ended; t += 1) w.clock.advance(1);
    },
    leads: { dialling: "waiting", entering: "waiting" },
  },
  "nothing for 30 s": {
    happens: (w) => w.clock.advance(30_000),
    leads: { authenticating: "waiting", online: "online" },
  },
  "CONNACK again": { happens: onLink((link) => link.connack()), leads: connectedAfter("waiting") },
  "CONNACK of 9": {
    happens: onLink((link) => link.events.received("\x20\x02\x00\x09")),
    leads: connectedAfter("waiting"),
  },
  "SUBACK again": {
    happens: onLink((link) => link.events.received("\x90\x03\xff\xff\x01")),
    leads: { authenticating: "waiting", online: "waiting" },
  },
  SUBACK: { happens: onLink((link) => link.suback()), leads: { entering: "online" } },
  "SUBACK that refuses": { happens: onLink((link) => link.suback(128)), leads: { entering: "waiting" } },
  "a refusal (00A3)": {
    happens: onLink((link, w) => w.exception(link, 10431)),
    leads: { authenticating: "waiting" },
  },
  "a note (00A3)": {
    happens: onLink((link, w) => w.exception(link, 10428)),
    leads: { authenticating: "authenticating", entering: "entering", online: "online" },
  },
  "a DS is issued": {
    happens: onLink((link, w) => (w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]), w.clock.advance(0))),
    leads: { authenticating: "online", entering: "entering", online: "online" },
  },
  "another DS to connect with (00B4 id 10)": {
    happens: onLink(
      (link, w) => (w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_NEW_DS, DS]]), w.clock.advance(0)),
    ),
    leads: { authenticating: "dialling", entering: "dialling", online: "dialling" },
  },
  "no frame": {
    happens: onLink((link) => link.publish("rubbish", { qos: 0 })),
    leads: { authenticating: "authenticating", entering: "entering", online: "online" },
  },
};

/** Where something that comes too late ends a connection. */
function connectedAfter(state: State): Partial<Record<State, State>> {
  return { authenticating: state, entering: state, online: state };
}

describe("the table of the session", () => {
  for (const [event, { happens, leads }] of Object.entries(events)) {
    for (const [from, to] of Object.entries(leads) as [State, State][]) {
      it(`${from}: ${event}: ${to}`, () => {
        const w = new SessionWorld();
        ways[from](w);
        if (event.startsWith("the guard")) w.clock.advance(0);
        happens(w);
        expect(stateOf(w)).to.equal(to);
      });
    }
  }

  describe("whatever a broker sends", () => {
    const links = ["dialling", "authenticating", "entering", "online"] as State[];
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
      fc.constantFrom("\x20\x02\x00\x00", "\x90\x03\xff\xff\x01", "\x40\x02\x00\x01", "\xd0\x00", "\x20\x02\x00\x05"),
      fc
        .tuple(
          fc.constantFrom(0xa3, 0xb4, 0xe6, 0x31, 0x41, 0x11, 0x13),
          fc.oneof(
            fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
            fc
              .array(fc.tuple(fc.nat(17), fc.oneof(fc.boolean(), fc.nat(70_000), fc.string({ maxLength: 40 }))), {
                maxLength: 5,
              })
              .map((nodes) => encodeTtlv(nodes.map(([id, value]): Node => [id, value]))),
          ),
        )
        .map(([cmd, data]) => {
          const payload = "\x00\x01t" + encodeFrame(9, cmd, data);
          return `\x30${String.fromCharCode((payload.length & 127) | 128, payload.length >> 7)}${payload}`;
        }),
    );

    for (const from of links) {
      it(`${from}: it never throws, and either goes on or comes back by itself`, () => {
        fc.assert(
          fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
            const w = new SessionWorld();
            ways[from](w);
            const before = w.ds;
            for (const bytes of pieces) if (!w.broker.last.ended) w.broker.last.events.received(bytes);
            w.clock.advance(0);
            if (w.ds !== before) expect(pieces.some((bytes) => bytes.includes("\xaa\xaa"))).to.equal(true);
            // The longest rest, and a dead peer's keepalive.
            const { last } = w.broker;
            w.clock.advance(1_800_000 + 120_000);
            expect(last.ended).to.equal(true);
            expect(w.broker.last).not.to.equal(last);
          }),
          { numRuns: 20 },
        );
      });
    }
  });

  it("tells that it is online once, whatever comes first", () => {
    for (const first of ["DS", "SUBACK", "both in one piece"]) {
      const w = new SessionWorld();
      w.ds = "";
      const link = w.start();
      link.events.opened!();
      link.connack();
      const issue = (): void => w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, DS]]);
      if (first === "SUBACK") link.suback();
      issue();
      if (first === "DS") w.clock.advance(0);
      if (first !== "SUBACK") link.suback();
      w.clock.advance(0);
      expect(
        w.told.filter((event) => event === "online"),
        first,
      ).to.have.length(1);
    }
  });
});
