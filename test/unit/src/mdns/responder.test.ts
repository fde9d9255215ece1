/** When the responder speaks: on a clock that the test drives. */

import { expect } from "chai";
import { decode, encode, type Answer, type DecodedPacket, type Question, type StringAnswer } from "dns-packet";

import { MDNS_GROUP, MDNS_PORT } from "../../../../src/mdns/published.js";
import { createResponder, type Responder } from "../../../../src/mdns/responder.js";
import { recordsOf } from "../../../../src/mdns/records.js";
import { FakeClock, latin1 } from "../../../support/hal.js";

const SERVICE = "_wifi-binding._udp.local";
const ASKER = "192.168.1.9";
const presence = { pk: "p1demo", dk: "ABCD1234", capabilities: 3, state: 4, address: "\xc0\xa8\x01\x02" };

describe("the mDNS responder", () => {
  let clock: FakeClock;
  let sent: { at: number; packet: DecodedPacket; to: string }[];
  let responder: Responder;

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    responder = createResponder(
      (bytes, port, address) =>
        void sent.push({ at: clock.now(), packet: decode(latin1(bytes)), to: `${address}:${port}` }),
      (callback, milliseconds) => void clock.after(milliseconds, callback),
      () => 0.5,
    );
  });

  const times = (): number[] => sent.map(({ at }) => at);
  const ttls = (): (number | undefined)[] => (sent.at(-1)!.packet.answers as StringAnswer[]).map(({ ttl }) => ttl);

  /** Announced, and long enough ago that everything may be multicast again. */
  function settled(): void {
    responder.publish(recordsOf(presence));
    clock.advance(10_000);
    sent.length = 0;
  }

  function ask(
    questions: Partial<Question & { alone: boolean }>[],
    from = { port: MDNS_PORT, near: true },
    answers: Answer[] = [],
  ): void {
    const full = questions.map((one) => ({ name: SERVICE, type: "PTR", ...one }) as Question);
    let bytes = encode({ type: "query", id: 99, questions: full, answers }).toString("latin1");
    // The encoder knows no bit for unicast answers.
    if (questions[0].alone) bytes = bytes.replace("\x00\x0c\x00\x01", "\x00\x0c\x80\x01");
    responder.received(bytes, ASKER, from.port, from.near);
  }

  it("announces twice, a second apart, and again when what it says has changed", () => {
    const records = recordsOf(presence);
    responder.publish(records);
    clock.advance(5_000);
    expect(times()).to.deep.equal([0, 1000]);
    expect(sent.map(({ to }) => to)).to.deep.equal(Array(2).fill(`${MDNS_GROUP}:${MDNS_PORT}`));
    responder.publish(recordsOf(presence));
    clock.advance(5_000);
    expect(sent).to.have.length(2);
    responder.publish(recordsOf({ ...presence, state: 5 }));
    clock.advance(5_000);
    expect(times().slice(2)).to.deep.equal([10_000, 11_000]);
  });

  it("announces once in a second at most, however fast things change, and the last twice", () => {
    for (let state = 0; state < 6; state++) {
      responder.publish(recordsOf({ ...presence, state }));
      clock.advance(100);
    }
    clock.advance(5_000);
    expect(times()).to.deep.equal([0, 1000, 2000]);
    for (const { packet } of sent.slice(1))
      expect(String((packet.answers![3] as StringAnswer).data)).to.include("st=5");
  });

  it("takes everything back while the network is there, says nothing when it is not, and then is deaf", () => {
    settled();
    responder.withdraw(true);
    expect(ttls()).to.deep.equal([0, 0, 0, 0, 0]);
    responder.withdraw(true);
    ask([{}]);
    ask([{}], { port: 1234, near: true });
    clock.advance(5_000);
    expect(sent).to.have.length(1);
    responder.publish(recordsOf(presence));
    clock.advance(5_000);
    expect(sent).to.have.length(3);
    responder.withdraw(false);
    expect(sent).to.have.length(3);
  });

  it("stops announcing when it is withdrawn in between", () => {
    responder.publish(recordsOf(presence));
    responder.withdraw(false);
    clock.advance(5_000);
    expect(times()).to.deep.equal([0]);
  });

  it("answers after 20-120 ms, all who ask meanwhile at once, and a record once in a second", () => {
    settled();
    ask([{}]);
    ask([{ name: "wb-ABCD1234.local", type: "A" }]);
    clock.advance(69);
    expect(sent).to.deep.equal([]);
    clock.advance(1);
    expect((sent[0].packet.answers as StringAnswer[]).map(({ type }) => type)).to.deep.equal(["PTR", "A"]);
    expect(sent[0].packet.id).to.equal(0);
    for (let i = 0; i < 9; i++) {
      ask([{}]);
      clock.advance(100);
    }
    expect(sent).to.have.length(1);
    clock.advance(100);
    ask([{}]);
    clock.advance(100);
    expect(sent).to.have.length(2);
  });

  it("gives one who asks for unicast its answer alone, at once", () => {
    settled();
    ask([{ alone: true }]);
    expect(sent[0].to).to.equal(`${ASKER}:${MDNS_PORT}`);
    expect(sent[0].packet.id).to.equal(0);
    expect(ttls()).to.deep.equal([4500]);
    clock.advance(1_000);
    expect(sent).to.have.length(1);
  });

  it("gives a resolver without mDNS at most 10 s, its id and its question", () => {
    settled();
    ask([{}], { port: 1234, near: true });
    expect(sent[0].to).to.equal(`${ASKER}:1234`);
    expect(sent[0].packet.id).to.equal(99);
    expect(sent[0].packet.questions![0].name).to.equal(SERVICE);
    expect(ttls()).to.deep.equal([10]);
  });

  it("answers nobody outside of its network by unicast", () => {
    settled();
    ask([{}], { port: 1234, near: false });
    ask([{ alone: true }], { port: MDNS_PORT, near: false });
    clock.advance(5_000);
    expect(sent).to.deep.equal([]);
  });

  it("is no amplifier: ten unicast answers in a second, of at most 450 bytes", () => {
    settled();
    for (let i = 0; i < 200; i++) ask([{}], { port: 1234, near: true });
    expect(sent).to.have.length(10);
    clock.advance(999);
    ask([{}], { port: 1234, near: true });
    expect(sent).to.have.length(10);
    clock.advance(1);
    ask([{}], { port: 1234, near: true });
    expect(sent).to.have.length(11);
  });

  it("leaves out what the asker knows for at least half of its life", () => {
    settled();
    const known = (ttl: number): StringAnswer => ({ name: SERVICE, type: "PTR", ttl, data: `abcd1234.${SERVICE}` });
    const here = { port: MDNS_PORT, near: true };
    ask([{}], here, [known(2250)]);
    clock.advance(2_000);
    expect(sent).to.deep.equal([]);
    ask([{}], here, [{ ...known(4500), data: `other.${SERVICE}` }]);
    clock.advance(2_000);
    expect(sent).to.have.length(1);
    ask([{}], here, [known(2249)]);
    clock.advance(2_000);
    expect(sent).to.have.length(2);
    const place = { port: 6606, target: "wb-ABCD1234.local", priority: 0, weight: 0 };
    const srv: Answer = { name: `ABCD1234.${SERVICE}`, type: "SRV", ttl: 120, data: place };
    ask([{ name: `ABCD1234.${SERVICE}`, type: "ANY" as never }], here, [srv]);
    clock.advance(2_000);
    expect((sent[2].packet.answers as StringAnswer[]).map(({ type }) => type)).to.deep.equal(["TXT"]);
  });
});
