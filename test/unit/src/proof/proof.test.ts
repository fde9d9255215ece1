/** The module of the proof on the sessions of the core: proofs, the channel, and what only a proved app may ask. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
type Listener = (event: never) => void;
import { start, type Core } from "../../../../src/proof/index.js";
import { aes, hasher, latin1 } from "../../../support/hal.js";
import { CODE, FakeLan, IDENTITY, type FakeApp } from "../../../support/lan.js";
import { FakeLevel1 } from "../../sim/app/fake-level1.js";

const { CMD_HELLO, CMD_HELLO_ANSWER, CMD_PROVE, CMD_PROVE_ANSWER, CMD_WINDOW, CMD_LAST_RESULT } = protocol;
const KEY = "k".repeat(32);
const RANDOM = "app's 16 bytes.\xaa";
const NEEDED: Node[] = [[protocol.EXT_OK, false], [protocol.EXT_ERROR, protocol.FAIL_PROOF]]; // prettier-ignore

/** The app's end of a channel: counters of its own, checked tags. */
class Channel {
  private sent = 0;

  constructor(
    private readonly app: FakeApp,
    private readonly level1: FakeLevel1,
  ) {}

  frame(cmd: number, nodes: Node[], counter = ++this.sent): string {
    const data = this.level1.data(0, counter, cmd, latin1(encodeTtlv(nodes)));
    return encodeFrame(7, cmd, data.toString("latin1"));
  }

  /** What the device has sent since the last call, opened: command and nodes. */
  answers(): [number, Node[]][] {
    return this.app.answers().map(({ cmd, data }) => {
      const bytes = latin1(data);
      const counter = bytes.readUInt32BE(0);
      const cipher = bytes.subarray(4, -16);
      expect(this.level1.wrap(1, counter, cmd, cipher).equals(bytes)).to.equal(true);
      const plain = aes(
        false,
        cipher.toString("latin1"),
        this.level1.encKey.toString("latin1"),
        this.level1.iv(1, counter).toString("latin1"),
      );
      const nodes = plain.slice(0, -plain.charCodeAt(plain.length - 1));
      return [cmd, nodes ? decodeTtlv(nodes)! : []];
    });
  }

  ask(cmd: number, nodes: Node[] = []): Node[] {
    this.app.events.received(this.frame(cmd, nodes));
    const [[answer, content]] = this.answers();
    expect(answer).to.equal(cmd + 1);
    return content;
  }
}

describe("the proof of possession", () => {
  let lan: FakeLan;
  let key: string;
  let wrong: number;
  let worn: boolean;
  let state: string;
  let open: { code: string; seconds: number } | undefined;
  let opened: number;
  let listeners: [string, Listener][];

  const tell = (event: string, details: Record<string, unknown>): void =>
    listeners.forEach(([name, listener]) => name === event && listener(details as never));
  const enter = (next: string): void => tell("state", { state: (state = next) });

  beforeEach(() => {
    lan = new FakeLan({ guarded: true });
    key = KEY;
    worn = false;
    wrong = opened = 0;
    state = "provisioning";
    open = undefined;
    listeners = [];
    let count = 0;
    const core: Core = {
      guard: (use) =>
        use(
          () => key,
          lan.clock.now,
          hasher.hmac,
          aes,
          (length) => (worn ? "" : `${count++}`.padStart(length, "d")),
          (value) => {
            if (value !== undefined) wrong = value;
            return wrong;
          },
        ),
      serve: (cmd, handler) => void (lan.handlers[cmd] = handler),
      identity: () => ({ pk: IDENTITY.pk, dk: IDENTITY.dk, server: "mqtt://cloud", proof: true }),
      capabilities: () => 3,
      on: (event, listener) => void listeners.push([event, listener as Listener]),
      openWindow: () => (opened++, (open = { code: CODE, seconds: 120 }), true),
      state: () => state,
      window: () => open,
    };
    start(core);
  });

  const hello = (app: FakeApp, random = RANDOM): Node[] => app.ask(CMD_HELLO, CMD_HELLO_ANSWER, [[1, random]]);
  const level1 = (answer: Node[], secret = KEY): FakeLevel1 =>
    new FakeLevel1(latin1(secret), latin1(RANDOM), latin1(answer[0][1] as string));
  const prove = (app: FakeApp, proof: string): Node[] => app.ask(CMD_PROVE, CMD_PROVE_ANSWER, [[5, proof]]);

  /** An app that has proved that it knows K. */
  function proved(secret = KEY): { app: FakeApp; channel: Channel } {
    const app = lan.connect();
    const keys = level1(hello(app), secret);
    expect(prove(app, keys.appProof(IDENTITY.dk).toString("latin1"))).to.deep.equal([
      [protocol.PROVE_OK, true],
      [protocol.PROVE_DEVICE, keys.deviceProof(IDENTITY.dk).toString("latin1")],
    ]);
    return { app, channel: new Channel(app, keys) };
  }

  it("begins with a new random of the device, and the seconds of a lock-out", () => {
    const app = lan.connect();
    const [first, second] = [hello(app), hello(app)];
    expect(first[0][1]).to.have.length(16);
    expect(first[0][1]).not.to.equal(second[0][1]);
    expect(first[1]).to.deep.equal([protocol.HELLO_WAIT, 0]);
  });

  it("opens a channel in which 7010 to 7013 are served, and nothing in clear", () => {
    const { app, channel } = proved();
    expect(channel.ask(protocol.CMD_SCAN)).to.deep.equal([[51, [[0, "home"]]]]);
    expect(channel.ask(protocol.CMD_PROVISION, [[1, "home"]])[4]).to.deep.equal([9, CODE]);
    app.send(protocol.CMD_SCAN);
    app.send(protocol.CMD_PROVISION, [[1, "home"]]);
    expect([app.answers(), lan.dropped()]).to.deep.equal([[], 2]);
  });

  it("drops what is repeated, older, changed, or another's", () => {
    const [one, two] = [proved(), proved()];
    const frames = [1, 2, 3].map((counter) => one.channel.frame(CMD_WINDOW, [], counter));
    one.app.events.received(frames[1]);
    expect(one.channel.answers()).to.have.length(1);
    for (const frame of [frames[1], frames[0], two.channel.frame(CMD_WINDOW, [], 9)]) one.app.events.received(frame);
    const data = latin1(frames[2].slice(9));
    data[6] ^= 1;
    one.app.write(CMD_WINDOW, data.toString("latin1"));
    expect([one.app.answers(), lan.dropped()]).to.deep.equal([[], 4]);
    one.app.events.received(frames[2]);
    expect(one.channel.answers()).to.have.length(1);
  });

  it("is refused with another proof, without a hello, and with randoms that were tried", () => {
    const app = lan.connect();
    const right = (answer: Node[]): string => level1(answer).appProof(IDENTITY.dk).toString("latin1");
    expect(prove(app, "")).to.deep.equal([[protocol.PROVE_OK, false]]);
    expect(wrong, "nothing was tried").to.equal(0);
    const tried = right(hello(app));
    for (const other of ["", "x".repeat(32), tried]) {
      hello(app);
      expect(prove(app, other)).to.deep.equal([[protocol.PROVE_OK, false]]);
      expect(prove(app, other), "each pair of randoms is good for one try").to.deep.equal([[protocol.PROVE_OK, false]]);
    }
    expect(wrong).to.equal(3);
    const guess = level1(hello(app), "other").appProof(IDENTITY.dk).toString("latin1");
    expect(prove(app, guess)).to.deep.equal([[protocol.PROVE_OK, false]]);
    expect(wrong).to.equal(4);
    expect(prove(app, right(hello(app, "short")))).to.deep.equal([[protocol.PROVE_OK, false]]);
    expect(prove(app, right(hello(app)))[0]).to.deep.equal([protocol.PROVE_OK, true]);
    expect(wrong).to.equal(0);
  });

  it("is not taken, nor counted, from a device that has no fresh random", () => {
    worn = true;
    const app = lan.connect();
    const answer = hello(app);
    expect(answer).to.deep.equal([[protocol.HELLO_DEVICE_RANDOM, ""], [protocol.HELLO_WAIT, 0]]); // prettier-ignore
    for (const device of ["", "d".repeat(15) + "0", "\0".repeat(16)]) {
      const keys = new FakeLevel1(latin1(KEY), latin1(RANDOM), latin1(device));
      hello(app);
      expect(prove(app, keys.appProof(IDENTITY.dk).toString("latin1"))).to.deep.equal([[protocol.PROVE_OK, false]]);
    }
    expect(wrong).to.equal(0);
  });

  it("is not looked at during a lock-out, which begins with the fifth wrong one, on any connection", () => {
    for (let n = 0; n < 5; n++) {
      const app = lan.connect();
      hello(app);
      prove(app, "wrong");
      app.events.closed();
    }
    const app = lan.connect();
    const answer = hello(app);
    expect(answer[1]).to.deep.equal([protocol.HELLO_WAIT, 30]);
    expect(prove(app, level1(answer).appProof(IDENTITY.dk).toString("latin1"))).to.deep.equal([
      [protocol.PROVE_OK, false],
    ]);
    expect(wrong).to.equal(5);
    lan.clock.advance(30_000);
    proved();
    expect(wrong).to.equal(0);
  });

  it("is the authKey's once the device is bound; a channel of before goes on", () => {
    const { channel } = proved();
    key = "an authKey of 16";
    expect(channel.ask(CMD_WINDOW)).to.deep.equal([[protocol.EXT_OK, false]]);
    const app = lan.connect();
    expect(prove(app, level1(hello(app)).appProof(IDENTITY.dk).toString("latin1"))).to.deep.equal([
      [protocol.PROVE_OK, false],
    ]);
    proved(key);
  });

  it("cannot be given on a connection that is sealed already, by a login or a proof", () => {
    const { channel } = proved();
    channel.ask(CMD_HELLO, [[1, RANDOM]]);
    expect(channel.ask(CMD_PROVE, [[5, "x"]])).to.deep.equal([[protocol.PROVE_OK, false]]);
    expect(channel.ask(CMD_WINDOW)).to.deep.equal([[protocol.EXT_OK, false]]);
    const app = lan.connect();
    app.login();
    const keys = level1(hello(app));
    expect(prove(app, keys.appProof(IDENTITY.dk).toString("latin1"))).to.deep.equal([[protocol.PROVE_OK, false]]);
    expect(app.ask(protocol.CMD_PROVISION, protocol.CMD_PROVISION_ANSWER, [[1, "home"]])).to.deep.equal([[4, false]]);
    expect(wrong).to.equal(0);
  });

  it("is needed for the window and the last result", () => {
    const app = lan.connect();
    open = { code: CODE, seconds: 60 };
    for (const cmd of [CMD_WINDOW, CMD_LAST_RESULT]) expect(app.ask(cmd, cmd + 1)).to.deep.equal(NEEDED);
    app.login();
    for (const cmd of [CMD_WINDOW, CMD_LAST_RESULT]) expect(app.ask(cmd, cmd + 1)).to.deep.equal(NEEDED);
  });

  it("shows the open window, and renews one that is about to end", () => {
    const { channel } = proved();
    expect(channel.ask(CMD_WINDOW)).to.deep.equal([[protocol.EXT_OK, false]]);
    open = { code: "FEDCBA9876543210", seconds: 10 };
    const shown = [[6, true], [7, "p1demo"], [8, "DEVICE01"], [9, open.code], [14, 10], [3, 3]]; // prettier-ignore
    expect(channel.ask(CMD_WINDOW)).to.deep.equal(shown);
    open.seconds = 9;
    expect(channel.ask(CMD_WINDOW).slice(3, 5)).to.deep.equal([[9, CODE], [14, 120]]); // prettier-ignore
    expect(opened).to.equal(1);
  });

  describe("tells of a provisioning", () => {
    let channel: Channel;
    const steps = (): unknown[] => channel.answers().map(([cmd, nodes]) => [cmd, ...nodes]);
    const result = (): Node[] => channel.ask(CMD_LAST_RESULT);

    beforeEach(() => {
      channel = proved().channel;
      channel.ask(protocol.CMD_PROVISION, [[1, "home"]]);
    });

    it("how far it is, to an app that asks", () => {
      expect(result(), "not begun").to.deep.equal([[protocol.EXT_OK, false]]);
      for (const next of ["joining", "connecting", "online"]) enter(next);
      channel.answers();
      expect(result()).to.deep.equal([[protocol.EXT_PROGRESS, protocol.PROGRESS_AUTHORISATION]]);
    });

    it("each step once", () => {
      for (const next of ["joining", "connecting", "connecting", "online"]) enter(next);
      tell("reported", { seconds: 100 });
      tell("provisioning", { error: 0 });
      expect(steps()).to.deep.equal(
        [0x20, 0x30, 0x50, 0x60, 0xfffe].map((step) => [protocol.CMD_PROGRESS, [protocol.EXT_PROGRESS, step]]),
      );
      enter("bound");
      expect(steps()).to.deep.equal([]);
    });

    it("a good result with the code that is good then, for 10 minutes", () => {
      enter("online");
      tell("provisioning", { error: 0 });
      channel.answers();
      const done = [[6, true], [7, "p1demo"], [8, "DEVICE01"]]; // prettier-ignore
      expect(result()).to.deep.equal([...done, [10, 0xfffe]]);
      open = { code: CODE, seconds: 50 };
      expect(result()).to.deep.equal([...done, [9, CODE], [10, 0xfffe]]);
      lan.clock.advance(599_999);
      channel = proved().channel;
      expect(result()).to.have.length(5);
      lan.clock.advance(1);
      expect(result()).to.deep.equal([[6, false]]);
    });

    it("a bad result with its reason", () => {
      enter("joining");
      state = "provisioning";
      tell("provisioning", { error: protocol.FAIL_PASSWORD });
      expect(steps().at(-1)).to.deep.equal([protocol.CMD_PROGRESS, [10, 0xffff], [11, protocol.FAIL_PASSWORD]]);
      expect(result()).to.deep.equal([[6, false], [10, 0xffff], [11, protocol.FAIL_PASSWORD]]); // prettier-ignore
    });
  });

  it("tells nothing of a provisioning before there was one", () => {
    const { channel } = proved();
    expect(channel.ask(CMD_LAST_RESULT)).to.deep.equal([[protocol.EXT_OK, false]]);
    enter("online");
    expect(channel.answers()).to.deep.equal([]);
  });
});
