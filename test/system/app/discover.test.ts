/** Discovery against fake devices. */
import { expect } from "chai";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { CMD_DISCOVER_ANSWER } from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { discover, discoverOne, findDevices, UnreachableError } from "../../../sim/app/index.js";
import { DK, FakeDevice, failure, found, PK } from "../../unit/sim/app/fake-device.js";

const answer = (id: number, nodes: Node[]) => encodeFrame(id, CMD_DISCOVER_ANSWER, encodeTtlv(nodes));

describe("app: discovery", () => {
  const one = new FakeDevice("127.62.0.1");
  const two = new FakeDevice("127.62.0.2");
  before(() => Promise.all([one.start(), two.start()]));
  after(() => Promise.all([one.stop(), two.stop()]));
  const isFound = (device: FakeDevice, dk = DK) => ({
    ...{ address: device.address, ip: device.address, dk, pk: PK, port: 6607, version: 1 },
  });
  const full = (device: FakeDevice): Node[] => [
    [3, PK],
    [4, DK],
    [5, device.address],
    [6, 6607],
    [7, 1],
  ];
  beforeEach(() => {
    for (const device of [one, two]) device.onDiscover = (id) => [found(id, device.address)];
  });

  it("finds every device at the addresses given, in whatever order its answer is, also without a version", async () => {
    one.onDiscover = (id) => [answer(id, full(one).reverse())];
    two.onDiscover = (id) => [answer(id, [[99, "new"], ...full(two).slice(0, 4)])];
    const devices = await discover({ addresses: [one.address, two.address], count: 2 });
    expect(devices).to.have.deep.members([isFound(one), { ...isFound(two), version: 0 }]);
  });

  it("takes a port that is a text, as apps do", async () => {
    one.onDiscover = (id) => [answer(id, [...full(one).filter(([other]) => other !== 6), [6, "6607"]])];
    expect(await discover({ addresses: [one.address], count: 1 })).to.deep.equal([isFound(one)]);
  });

  it("asks by 7030 without data, with package ids from 1000 on", async () => {
    const asked: [number, string][] = [];
    one.onDiscover = (id, data) => (asked.push([id, data]), []);
    await discover({ addresses: [one.address], timeout: 1900 });
    expect(asked).to.deep.equal([[1000, ""], [1001, ""]]); // prettier-ignore
  });

  it("lists a device once, however often it answers", async () => {
    one.onDiscover = (id) => [1, 2, 3].map(() => found(id, one.address));
    expect(await discover({ addresses: [one.address], timeout: 150 })).to.have.length(1);
  });

  it("passes over devices of another product, and takes a DeviceKey in either case", async () => {
    expect(await discover({ addresses: [one.address], pk: "p1OTHER", timeout: 150 })).to.deep.equal([]);
    expect(await discover({ addresses: [one.address], dk: DK.toLowerCase(), count: 1 })).to.deep.equal([isFound(one)]);
  });

  it("finds by a broadcast address of this machine, whoever listens there", async () => {
    const ear = createSocket({ type: "udp4", reuseAddr: true }).bind(6606, "127.255.255.255");
    await once(ear, "listening");
    ear.on("message", (_, from) => ear.send(Buffer.from(found(7, "127.62.0.8"), "latin1"), from.port, from.address));
    const devices = await findDevices({ addresses: ["127.255.255.255"], dk: DK });
    expect(devices.map(({ ip, dk }) => [ip, dk])).to.deep.equal([["127.62.0.8", DK]]);
    ear.close();
  });

  it("asks again after a second when the first request is lost", async () => {
    let count = 0;
    one.onDiscover = (id) => (++count === 1 ? [] : [found(id, one.address)]);
    expect(await discoverOne(one.address, { timeout: 2000 })).to.deep.equal(isFound(one));
    expect(count).to.equal(2);
  });

  it("passes over garbage, other commands, broken TTLV and answers that no app can use", async () => {
    const without = (id: number): Node[] => full(one).filter(([other]) => other !== id);
    const other = (id: number, value: Node[1]): Node[] => [...without(id), [id, value]];
    one.onDiscover = (id) => [
      "",
      "garbage",
      found(id, one.address).slice(0, -3),
      encodeFrame(id, CMD_DISCOVER_ANSWER, "\x00\x0b\xff"),
      encodeFrame(id, 0x7030, encodeTtlv(full(one))),
      ...[3, 4, 5, 6].map((missing) => answer(id, without(missing))),
      answer(id, other(4, "\x1b[2J")),
      answer(id, other(5, "not an address")),
      ...[0, 65536, 1.5, "", "x", "6607x", "-1", true, [[0, 6607]] as Node[]].map((port) => answer(id, other(6, port))),
    ];
    expect(await discover({ addresses: [one.address], timeout: 150 })).to.deep.equal([]);
  });

  it("takes an answer for one address from that address only", async () => {
    // A device that listens on all its addresses may answer from another one.
    const ear = createSocket("udp4").bind(6606, "127.62.0.3");
    const mouth = createSocket("udp4").bind(0, "127.62.0.4");
    await Promise.all([once(ear, "listening"), once(mouth, "listening")]);
    ear.on("message", (_, from) => mouth.send(Buffer.from(found(1, "127.62.0.3"), "latin1"), from.port, from.address));
    expect(await discover({ addresses: ["127.62.0.3"], timeout: 150 })).to.have.length(1);
    expect(await failure(discoverOne("127.62.0.3", { timeout: 150 }))).to.be.instanceOf(UnreachableError);
    ear.close();
    mouth.close();
  });

  it("says where nobody answered", async () => {
    const error = await failure(discoverOne("127.62.0.99", { timeout: 100 }));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain("127.62.0.99:6606");
  });

  it("stops when it is told to", async () => {
    const error = await failure(discover({ addresses: ["127.62.0.99"], signal: AbortSignal.timeout(50) }));
    expect(error.name).to.equal("TimeoutError");
  });
});
