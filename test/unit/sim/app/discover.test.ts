/** Discovery against fake devices. */
import { expect } from "chai";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  CMD_DISCOVER_ANSWER,
  DISCOVER_CAPABILITIES,
  DISCOVER_DK,
  DISCOVER_PK,
  DISCOVER_REVISION,
  DISCOVER_STATE,
  DISCOVER_WINDOW,
} from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { discover, discoverOne, UnreachableError } from "../../../../sim/app/index.js";
import { DK, FakeDevice, failure, PK } from "./fake-device.js";

const FULL: Node[] = [
  [DISCOVER_DK, DK],
  [DISCOVER_PK, PK],
  [DISCOVER_CAPABILITIES, 2],
  [DISCOVER_STATE, 4],
  [DISCOVER_WINDOW, true],
  [DISCOVER_REVISION, 1],
];
const FOUND = { dk: DK, pk: PK, capabilitiesBitmask: 2, state: "online", windowOpen: true, revision: 1 };
const answer = (id: number, nodes: Node[]) => encodeFrame(id, CMD_DISCOVER_ANSWER, encodeTtlv(nodes));

describe("app: discovery", () => {
  const one = new FakeDevice("127.62.0.1");
  const two = new FakeDevice("127.62.0.2");
  before(() => Promise.all([one.start(), two.start()]));
  after(() => Promise.all([one.stop(), two.stop()]));
  beforeEach(() => {
    one.onDiscover = (_, id) => [answer(id, FULL)];
    two.onDiscover = (_, id) => [answer(id, [FULL[0], FULL[1]])];
  });

  it("finds every device at the addresses given, old ones that say only DK and PK too", async () => {
    const found = await discover({ addresses: [one.address, two.address], count: 2 });
    expect(found).to.have.deep.members([
      { address: one.address, ...FOUND },
      {
        address: two.address,
        dk: DK,
        pk: PK,
        capabilitiesBitmask: 0,
        state: "unknown",
        windowOpen: false,
        revision: 0,
      },
    ]);
  });

  it("lists a device once, however often it answers", async () => {
    one.onDiscover = (_, id) => [answer(id, FULL), answer(id, FULL), answer(id, FULL)];
    expect(await discover({ addresses: [one.address], timeout: 150 })).to.have.length(1);
  });

  it("asks for one product only, and passes over others that answer all the same", async () => {
    let asked: Node[] = [];
    one.onDiscover = (nodes, id) => {
      asked = nodes;
      return [answer(id, FULL)];
    };
    expect(await discover({ addresses: [one.address], pk: "p1OTHER", timeout: 150 })).to.deep.equal([]);
    expect(asked).to.deep.equal([[DISCOVER_PK, "p1OTHER"]]);
  });

  it("asks again after a second when the first request is lost", async () => {
    let count = 0;
    one.onDiscover = (_, id) => (++count === 1 ? [] : [answer(id, FULL)]);
    expect(await discoverOne(one.address, { timeout: 2000 })).to.deep.equal({ address: one.address, ...FOUND });
    expect(count).to.equal(2);
  });

  it("passes over garbage, other commands, broken TTLV answers without DK and keys that move a cursor", async () => {
    one.onDiscover = (_, id) => [
      "",
      "garbage",
      answer(id, FULL).slice(0, -3),
      encodeFrame(id, CMD_DISCOVER_ANSWER, "\x00\x0b\xff"),
      encodeFrame(id, 0x7001, encodeTtlv(FULL)),
      answer(id, FULL.slice(1)),
      answer(id, [[DISCOVER_DK, "\x1b[2J"], FULL[1]]),
    ];
    expect(await discover({ addresses: [one.address], timeout: 150 })).to.deep.equal([]);
  });

  it("takes an answer for one address from that address only", async () => {
    // A device that listens on all its addresses may answer from another one.
    const ear = createSocket("udp4").bind(40000, "127.62.0.3");
    const mouth = createSocket("udp4").bind(0, "127.62.0.4");
    await Promise.all([once(ear, "listening"), once(mouth, "listening")]);
    ear.on("message", (_, from) => mouth.send(Buffer.from(answer(1, FULL), "latin1"), from.port, from.address));
    expect(await discover({ addresses: ["127.62.0.3"], timeout: 150 })).to.have.length(1);
    expect(await failure(discoverOne("127.62.0.3", { timeout: 150 }))).to.be.instanceOf(UnreachableError);
    ear.close();
    mouth.close();
  });

  it("says where nobody answered", async () => {
    const error = await failure(discoverOne("127.62.0.99", { timeout: 100 }));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain("127.62.0.99:40000");
  });

  it("stops when it is told to", async () => {
    const error = await failure(discover({ addresses: ["127.62.0.99"], signal: AbortSignal.timeout(50) }));
    expect(error.name).to.equal("TimeoutError");
  });
});
