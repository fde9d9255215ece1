/** The LAN rooms by themselves: discovery, the patience with clients, the handshake's answers. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { decodeFrame, encodeFrame, type Frame } from "../../../../src/codec/frame.js";
import type { Identity } from "../../../../src/codec/identity.js";
import { decodeTtlv, encodeTtlv, find, type Node } from "../../../../src/codec/ttlv.js";
import { discoveryAnswer } from "../../../../src/lan/discovery.js";
import type { Lockout } from "../../../../src/lan/lockout.js";
import { createHandshake, type Credentials, type Handshake } from "../../../../src/lan/handshake.js";
import { createReception, type Client } from "../../../../src/lan/clients.js";
import type { Link, LinkEvents, Hal } from "../../../../src/hal/hal.js";
import { aes, FakeClock, hasher } from "../../../support/hal.js";

const identity: Identity = { pk: "p1demo", ps: "", dk: "DEVICE01", ds: "", seed: "", pop: "" };
const presence = () => ({ capabilities: 3, state: protocol.STATE_ONLINE, windowOpen: true });

describe("discovery", () => {
  const answer = (data: Node[] | undefined, cmd = protocol.CMD_DISCOVER): Frame | undefined =>
    decodeFrame(discoveryAnswer(identity, encodeFrame(9, cmd, data ? encodeTtlv(data) : ""), presence));

  it("tells identity, capabilities, state, window and revision, with the request's id", () => {
    const frame = answer(undefined)!;
    expect([frame.id, frame.cmd]).to.deep.equal([9, protocol.CMD_DISCOVER_ANSWER]);
    expect(decodeTtlv(frame.data)).to.deep.equal([
      [1, "DEVICE01"],
      [2, "p1demo"],
      [3, 3],
      [4, 4],
      [5, true],
      [6, 1],
    ]);
  });

  it("is silent for another product, another command and anything malformed", () => {
    expect(answer([[protocol.DISCOVER_PK, "p1demo"]])).not.to.equal(undefined);
    expect(answer([[protocol.DISCOVER_PK, "other"]])).to.equal(undefined);
    expect(answer(undefined, protocol.CMD_PROVISION)).to.equal(undefined);
    const broken = encodeFrame(1, protocol.CMD_DISCOVER, "x");
    for (const datagram of ["", "\xaa", broken, encodeFrame(1, protocol.CMD_DISCOVER, "").slice(0, -1)]) {
      expect(discoveryAnswer(identity, datagram, presence)).to.equal("");
    }
  });

  it("is no amplifier: at most twice the request plus 64 bytes", () => {
    const request = encodeFrame(1, protocol.CMD_DISCOVER, "");
    const longest = { ...identity, pk: "p".repeat(16), dk: "D".repeat(16) };
    expect(discoveryAnswer(longest, request, presence).length).to.be.at.most(2 * request.length + 64);
  });
});

/** Connections that the test makes. */
class Wire {
  readonly clock = new FakeClock();
  readonly frames: Frame[] = [];
  readonly clients: Client[] = [];
  private readonly accept: (link: Link) => LinkEvents;

  constructor() {
    this.accept = createReception({ ...this.clock } as unknown as Hal, (frame, client) => {
      this.frames.push(frame);
      this.clients.push(client);
    });
  }

  connect(): { events: LinkEvents; sent: string[]; ended: boolean } {
    const sent: string[] = [];
    const side = { sent, ended: false, events: undefined as unknown as LinkEvents };
    side.events = this.accept({ send: (bytes) => sent.push(bytes), end: () => (side.ended = true) });
    return side;
  }
}

describe("the TCP listener", () => {
  const hello = encodeFrame(1, protocol.CMD_HELLO, "");

  it("gives the first frame 10 s, and each later one 60 s", () => {
    const wire = new Wire();
    const mute = wire.connect();
    const polite = wire.connect();
    polite.events.received(hello);
    wire.clock.advance(9_999);
    expect(mute.ended).to.equal(false);
    wire.clock.advance(1);
    expect([mute.ended, polite.ended]).to.deep.equal([true, false]);
    wire.clock.advance(50_000);
    expect(polite.ended).to.equal(true);
    expect(wire.frames).to.have.length(1);
  });

  it("does not take bytes without a frame for patience", () => {
    const wire = new Wire();
    const slow = wire.connect();
    for (let i = 0; i < 10; i++) {
      slow.events.received("\xaa");
      wire.clock.advance(1_000);
    }
    expect(slow.ended).to.equal(true);
  });

  it("serves four at a time", () => {
    const wire = new Wire();
    const sides = Array.from({ length: 5 }, () => wire.connect());
    expect(sides.map(({ ended }) => ended)).to.deep.equal([false, false, false, false, true]);
    sides[0].events.closed();
    expect(wire.connect().ended).to.equal(false);
  });

  it("ends a connection that announces a frame over 1 KiB, and hears nothing more of it", () => {
    const wire = new Wire();
    const big = wire.connect();
    big.events.received(encodeFrame(1, 0x7010, "x".repeat(2000)).slice(0, 10));
    expect(big.ended).to.equal(true);
    big.events.received(hello);
    expect(wire.frames).to.deep.equal([]);
  });

  it("ends a connection that asks for more than 16 answers before it hears the first", () => {
    const wire = new Wire();
    const [hasty, patient] = [wire.connect(), wire.connect()];
    hasty.events.received(hello);
    patient.events.received(hello);
    const answer = (count: number): void => {
      for (let i = 0; i < count; i++) wire.clients.forEach((client) => client.send(1, 0x7004, ""));
    };
    answer(16);
    wire.clients[0].send(1, 0x7004, "");
    expect([hasty.ended, patient.ended]).to.deep.equal([true, false]);
    wire.clock.advance(0);
    answer(16);
    wire.clock.advance(0);
    expect([hasty.sent.length, patient.sent.length, patient.ended]).to.deep.equal([0, 32, false]);
  });

  it("counts its own package ids, and repeats those of requests", () => {
    const wire = new Wire();
    const app = wire.connect();
    app.events.received(hello);
    for (const id of [0, 0, 77]) wire.clients[0].send(id, 0x7012, "");
    wire.clock.advance(0);
    expect(app.sent.map((raw) => decodeFrame(raw)!.id)).to.deep.equal([1, 2, 77]);
  });
});

describe("the handshake", () => {
  let clock: FakeClock;
  let asked: Credentials[];
  let verdict: number;
  let window: { code: string; seconds: number } | undefined;
  let sent: Frame[];
  let handshake: Handshake;
  let key: string;
  let farewells: number;
  let tries: string[];
  let wait: number;
  const lockout: Lockout = {
    wait: () => wait,
    failed: () => void tries.push("failed"),
    passed: () => void tries.push("passed"),
  };
  const app: Client = {
    open: true,
    randoms: "",
    channel: undefined,
    send: (id, cmd, data) => void sent.push({ id, cmd, data }),
    close: () => {},
  };

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    sent = [];
    verdict = 0;
    window = undefined;
    key = "";
    farewells = 0;
    tries = [];
    wait = 0;
    app.channel = undefined;
    handshake = createHandshake(
      { ...clock, ...hasher, aes } as unknown as Hal,
      identity,
      (count) => "r".repeat(count),
      lockout,
      {
        provision: (credentials) => (asked.push(credentials), verdict),
        bindable: (done) => done(window),
        capabilities: () => 3,
        key: () => key,
        farewell: () => void farewells++,
      },
    );
  });

  /** The nodes of the answer to one request. */
  function ask(cmd: number, nodes: Node[] = []): Node[] {
    handshake.handle({ id: 5, cmd, data: encodeTtlv(nodes) }, app);
    const answer = sent.pop()!;
    expect([answer.id, answer.cmd]).to.deep.equal([5, cmd + 1]);
    return decodeTtlv(answer.data)!;
  }

  it("says that it is at level 0", () => {
    expect(ask(protocol.CMD_HELLO, [[protocol.HELLO_APP_RANDOM, "0123456789abcdef"]])).to.deep.equal([
      [protocol.HELLO_DEVICE_RANDOM, "r".repeat(16)],
      [protocol.HELLO_LEVEL, 0],
      [protocol.HELLO_WAIT, 0],
    ]);
  });

  it("refuses malformed credentials before anything happens", () => {
    const wrong: Node[][] = [
      [],
      [[1, ""]],
      [[1, "x".repeat(33)]],
      [[1, 5]],
      [
        [1, "home"],
        [2, "short"],
      ],
      [
        [1, "home"],
        [2, "x".repeat(64)],
      ],
      [
        [1, "home"],
        [3, "http://host"],
      ],
      [
        [1, "home"],
        [3, "mqtt://host:99999"],
      ],
    ];
    for (const nodes of wrong) {
      expect(ask(protocol.CMD_PROVISION, nodes)).to.deep.equal([
        [protocol.LAN_OK, false],
        [protocol.LAN_ERROR, protocol.FAIL_PARAMETERS],
      ]);
    }
    expect(asked).to.deep.equal([]);
  });

  it("says that it is busy", () => {
    verdict = protocol.FAIL_BUSY;
    expect(find(ask(protocol.CMD_PROVISION, [[1, "home"]]), protocol.LAN_ERROR)).to.equal(protocol.FAIL_BUSY);
  });

  it("tells progress and the end to the app that asked, and keeps the result for 10 minutes", () => {
    const result = (): Node[] => ask(protocol.CMD_LAST_RESULT);
    expect(result()).to.deep.equal([[protocol.LAN_OK, false]]);
    ask(protocol.CMD_PROVISION, [[1, "home"]]);
    expect(asked).to.deep.equal([{ ssid: "home", password: "", server: "" }]);
    handshake.progress(protocol.PROGRESS_ROUTER);
    expect(result()).to.deep.equal([[protocol.LAN_PROGRESS, protocol.PROGRESS_ROUTER]]);
    handshake.finish(0, "0123456789ABCDEF");
    const success = [
      [protocol.LAN_OK, true],
      [protocol.LAN_PK, "p1demo"],
      [protocol.LAN_DK, "DEVICE01"],
      [protocol.LAN_CODE, "0123456789ABCDEF"],
    ];
    expect(sent.map(({ id, cmd, data }) => [id, cmd, decodeTtlv(data)])).to.deep.equal([
      [0, protocol.CMD_PROGRESS, [[protocol.LAN_PROGRESS, protocol.PROGRESS_ROUTER]]],
      [0, protocol.CMD_PROGRESS, [[protocol.LAN_PROGRESS, protocol.PROGRESS_SUCCESS]]],
      [5, protocol.CMD_PROVISION_ANSWER, success],
    ]);
    const end = [protocol.LAN_PROGRESS, protocol.PROGRESS_SUCCESS];
    window = { code: "FEDCBA9876543210", seconds: 42 };
    expect(result()).to.deep.equal([...success.slice(0, 3), [protocol.LAN_CODE, window.code], end]);
    window = undefined;
    expect(result()).to.deep.equal([...success.slice(0, 3), end]);
    clock.advance(600_000);
    expect(result()).to.deep.equal([[protocol.LAN_OK, false]]);
  });

  it("takes the acknowledgement of the good end for a farewell, and no other", () => {
    ask(protocol.CMD_PROVISION, [[1, "home"]]);
    const acknowledge = (id: number): void => handshake.handle({ id, cmd: protocol.CMD_ACK, data: "" }, app);
    acknowledge(5);
    handshake.finish(0, "0123456789ABCDEF");
    acknowledge(6);
    expect(farewells).to.equal(0);
    acknowledge(5);
    expect(farewells).to.equal(1);
  });

  it("gives the reason of a failure", () => {
    ask(protocol.CMD_PROVISION, [[1, "home"]]);
    handshake.finish(protocol.FAIL_PASSWORD, "");
    const last = decodeTtlv(sent.pop()!.data)!;
    expect(find(last, protocol.LAN_ERROR)).to.equal(protocol.FAIL_PASSWORD);
    expect(find(ask(protocol.CMD_LAST_RESULT), protocol.LAN_PROGRESS_ERROR)).to.equal(protocol.FAIL_PASSWORD);
  });

  it("gives the code only while a reported window is open", () => {
    expect(ask(protocol.CMD_BINDING_INFO)).to.deep.equal([[protocol.LAN_OK, false]]);
    window = { code: "0123456789ABCDEF", seconds: 42 };
    const nodes = ask(protocol.CMD_BINDING_INFO);
    expect(find(nodes, protocol.LAN_CODE)).to.equal("0123456789ABCDEF");
    expect(find(nodes, protocol.LAN_SECONDS)).to.equal(42);
  });

  it("acknowledges what it does not know, and never an acknowledgement", () => {
    handshake.handle({ id: 6, cmd: 0x7099, data: "" }, app);
    handshake.handle({ id: 7, cmd: protocol.CMD_ACK, data: "" }, app);
    expect(sent).to.deep.equal([{ id: 6, cmd: protocol.CMD_ACK, data: "" }]);
  });
});
