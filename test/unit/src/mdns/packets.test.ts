/** mDNS packets: known bytes, what is refused, and what random bytes may do, which is nothing. */

import { expect } from "chai";
import { decode, encode, type Answer, type Packet, type StringAnswer } from "dns-packet";
import fc from "fast-check";

import { decodeQuery, demand, encodeResponse, TYPE_A, TYPE_PTR } from "../../../../src/mdns/packets.js";
import { recordsOf } from "../../../../src/mdns/records.js";
import { fromHex, latin1, toHex } from "../../../support/hal.js";

const SERVICE = "_wifi-binding._udp.local";
const WIRE_SERVICE = "\x0d_wifi-binding\x04_udp\x05local";
const presence = { pk: "p1demo", dk: "ABCD1234", capabilities: 3, state: 4, address: "\x7f\x00\x00\x02" };
const records = recordsOf(presence);
const query = (packet: Packet): string => encode({ type: "query", ...packet }).toString("latin1");

describe("mDNS queries", () => {
  // id 0, one question: _wifi-binding._udp.local PTR, unicast answer wanted.
  const HEX =
    "00000000000100000000000" + "0" + "0d5f776966692d62696e64696e67045f756470056c6f63616c00" + "000c" + "8001";

  it("are read as they stand on the wire", () => {
    const { questions, known, id, count, section } = decodeQuery(fromHex(HEX))!;
    expect(questions).to.deep.equal([{ name: WIRE_SERVICE, type: TYPE_PTR, unicast: true }]);
    expect([known, id, count, toHex(section)]).to.deep.equal([[], 0, 1, HEX.slice(24)]);
  });

  it("are read in capitals, with pointers, and with what the asker knows", () => {
    const packet = query({
      id: 7,
      questions: [
        { name: SERVICE.toUpperCase(), type: "PTR" },
        { name: `wb-ABCD1234.local`, type: "A" },
      ],
      answers: [{ name: SERVICE, type: "PTR", ttl: 70_000, data: `ABCD1234.${SERVICE}` }],
    });
    // The second question ends with a pointer to "local" of the first.
    const pointed = packet.replace("wb-ABCD1234\x05local\0", `wb-ABCD1234${fromHex("c01f")}`);
    expect(pointed.length).to.equal(packet.length - 5);
    const { questions, known, id } = decodeQuery(pointed)!;
    expect(questions.map(({ name }) => name)).to.deep.equal([WIRE_SERVICE, "\x0bwb-abcd1234\x05local"]);
    const data = `\x08abcd1234${WIRE_SERVICE}`;
    expect(known).to.deep.equal([{ name: WIRE_SERVICE, type: TYPE_PTR, ttl: 70_000, data }]);
    expect(id).to.equal(7);
  });

  it("keep the known answers that are whole when the datagram was cut", () => {
    const answers = ["a", "b", "c"].map((one): StringAnswer => ({
      name: SERVICE,
      type: "PTR",
      ttl: 4500,
      data: `${one}.${SERVICE}`,
    }));
    const packet = query({ questions: [{ name: SERVICE, type: "PTR" }], answers });
    expect(decodeQuery(packet)!.known).to.have.length(3);
    expect(decodeQuery(packet.slice(0, -1))!.known).to.have.length(2);
  });

  const REFUSED: [why: string, hex: string][] = [
    ["nothing", ""],
    ["half a header", "000000000001"],
    ["a response", "000084000001000000000000" + "0161000001" + "0001"],
    ["another operation", "000008000001000000000000" + "0161000001" + "0001"],
    ["no question", "000000000000000000000000"],
    ["17 questions", "000000000011000000000000" + "000001" + "0001".repeat(60)],
    ["a question that is cut", "000000000001000000000000" + "01610000010" + "0"],
    ["a label that leaves the packet", "000000000001000000000000" + "3f61000001" + "0001"],
    ["a label of a reserved kind", "000000000001000000000000" + "4161000001" + "0001"],
    ["a name without an end", "000000000001000000000000" + "0161".repeat(140)],
    ["a pointer to itself", "000000000001000000000000" + "c00c00010001"],
    ["a pointer ahead", "000000000001000000000000" + "c01200010001" + "00"],
    ["pointers in a circle", "000000000002000000000000" + "0161c00e00010001" + "c00c00010001"],
    ["half a pointer", "000000000001000000000000" + "c0"],
  ];
  for (const [why, hex] of REFUSED) {
    it(`are refused: ${why}`, () => expect(decodeQuery(fromHex(hex))).to.equal(undefined));
  }

  it("of random bytes throw nothing, and ask for nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 528 }), (bytes) => {
        const decoded = decodeQuery(Buffer.from(bytes).toString("latin1"));
        const wanted = decoded ? records.map((record) => demand(decoded, record)) : [];
        expect(wanted.filter(Boolean)).to.deep.equal([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("that are damaged throw nothing, stay within bounds and change no record", () => {
    const known: Answer = {
      name: `ABCD1234.${SERVICE}`,
      type: "SRV",
      ttl: 120,
      data: { port: 6606, target: "wb-x.local" },
    };
    const whole = latin1(query({ questions: [{ name: SERVICE, type: "PTR" }], answers: [known, known] }));
    const before = JSON.stringify(records);
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(whole.length), (changes, length) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        for (const { at, byte } of changes) if (at < length) damaged[at] = byte;
        const decoded = decodeQuery(damaged.toString("latin1"));
        if (!decoded) return;
        expect(decoded.questions.length).to.be.at.most(16);
        expect(decoded.known.length).to.be.at.most(32);
        for (const { name } of [...decoded.questions, ...decoded.known]) expect(name.length).to.be.at.most(254);
        for (const record of records) expect(demand(decoded, record)).to.be.within(0, 2);
      }),
      { numRuns: 2000 },
    );
    expect(JSON.stringify(records)).to.equal(before);
  });
});

describe("mDNS responses", () => {
  it("have the bytes that the standard says, names written once", () => {
    const hex = toHex(encodeResponse([records[1]], [records[4]], 65535));
    const header = "000084000000000100000001";
    const ptr =
      "0d5f776966692d62696e64696e67045f756470056c6f63616c00" +
      "000c" +
      "0001" +
      "00001194" +
      "000b" +
      "084142434431323334c00c";
    const a = "0b77622d4142434431323334c01f" + "0001" + "8001" + "00000078" + "0004" + "7f000002";
    expect(hex).to.equal(header + ptr + a);
  });

  it("are read by another implementation, in full and taken back", () => {
    const packet = decode(latin1(encodeResponse(records, [], 65535)));
    expect([packet.type, packet.flag_aa, packet.id]).to.deep.equal(["response", true, 0]);
    const data = (packet.answers as StringAnswer[]).map(({ data }) => data);
    expect(data.slice(0, 2)).to.deep.equal([SERVICE, `ABCD1234.${SERVICE}`]);
    expect(data[2]).to.deep.equal({ priority: 0, weight: 0, port: 6606, target: "wb-ABCD1234.local" });
    expect(String(data[3])).to.equal("pk=p1demo,dk=ABCD1234,cap=3,st=4,v=1");
    expect(data[4]).to.equal("127.0.0.2");
    const bye = decode(latin1(encodeResponse(records, [], 0))).answers as StringAnswer[];
    expect(bye.map(({ ttl }) => ttl)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it("to a resolver without mDNS repeat its questions, flush nothing and point to nothing in SRV", () => {
    const asked = query({ id: 4711, questions: [{ name: `ABCD1234.${SERVICE}`, type: "ANY" as "PTR" }] });
    const bytes = encodeResponse(records.slice(2, 4), [records[4]], 10, decodeQuery(asked)!);
    const packet = decode(latin1(bytes));
    expect([packet.id, packet.questions![0].name]).to.deep.equal([4711, `ABCD1234.${SERVICE}`]);
    const all = [...packet.answers!, ...packet.additionals!] as StringAnswer[];
    expect(all.map(({ ttl, flush }) => [ttl, flush])).to.deep.equal(Array(3).fill([10, false]));
    expect(bytes).to.include("\x0bwb-ABCD1234\x05local\0");
  });

  it("fit into a datagram of Espruino with the longest names", () => {
    const longest = recordsOf({ ...presence, pk: "P".repeat(32), dk: "D".repeat(32), capabilities: 15 });
    const whole = encodeResponse(longest, [], 65535);
    const asked = query({ questions: [{ name: `${"D".repeat(32)}.${SERVICE}`, type: "ANY" as "PTR" }] });
    const legacy = encodeResponse(longest.slice(2, 4), [longest[4]], 10, decodeQuery(asked)!);
    expect(Math.max(whole.length, legacy.length)).to.be.at.most(450);
    expect(decode(latin1(whole)).answers).to.have.length(5);
  });

  it("name no code and no secret", () => {
    const bytes = encodeResponse(records, [], 65535);
    expect(bytes).not.to.match(/code|secret|[0-9A-F]{16}/i);
  });

  it("answer each type by name, and ANY by all of a name", () => {
    const mask = (name: string, type: string): number[] => {
      const decoded = decodeQuery(query({ questions: [{ name, type: type as "A" }] }))!;
      return records.flatMap((record, i) => (demand(decoded, record) ? [i] : []));
    };
    expect(mask("_services._dns-sd._udp.local", "PTR")).to.deep.equal([0]);
    expect(mask(SERVICE, "PTR")).to.deep.equal([1]);
    expect(mask(SERVICE, "TXT")).to.deep.equal([]);
    expect(mask(`abcd1234.${SERVICE}`, "ANY")).to.deep.equal([2, 3]);
    expect(mask(`ABCD1234.${SERVICE}`, "TXT")).to.deep.equal([3]);
    expect(mask("wb-abcd1234.local", "A")).to.deep.equal([4]);
    expect(mask("wb-other.local", "A")).to.deep.equal([]);
    expect(records[4].type).to.equal(TYPE_A);
  });
});
