/** The mDNS responder's packets: known answers, what another library reads in them, and what is no query. */

import { expect } from "chai";
import fc from "fast-check";
import dnsPacket from "dns-packet";

import { decodeQuery, encodeName } from "../../src/mdns/packets.js";
import { announcement, answerTo, MDNS_PORT, type Presence } from "../../src/mdns/responder.js";
import { fromHex, latin1, toHex } from "../support/platform.js";

const DEVICE: Presence = { pk: "p1demo", dk: "ABCD12345678", ip: "192.168.1.7", capabilities: 3, state: 4 };
const SERVICE = "_wifi-binding._udp.local";
const INSTANCE = `${DEVICE.dk}.${SERVICE}`;
const HOST = `wb-${DEVICE.dk}.local`;

const query = (packet: dnsPacket.Packet): string => dnsPacket.encode({ type: "query", ...packet }).toString("latin1");
const ask = (name: string, type: dnsPacket.RecordType = "PTR"): string => query({ questions: [{ name, type }] });
const answer = (datagram: string, port = MDNS_PORT): dnsPacket.DecodedPacket & { alone?: boolean } => {
  const found = answerTo(datagram, port, DEVICE);
  expect(found, "there is an answer").not.to.equal(undefined);
  return { ...dnsPacket.decode(latin1(found!.bytes)), alone: found!.alone };
};
const names = (records: dnsPacket.Answer[] = []): string[] => records.map(({ type, name }) => `${type} ${name}`);

describe("mDNS packets", () => {
  it("known answer: a query for the service (RFC 6762)", () => {
    //                id   flags qd   an   ns   ar   13_wifi-binding              4_udp      5local   0  PTR  IN
    const bytes = "000000000001000000000000" + "0d5f776966692d62696e64696e67045f756470056c6f63616c00" + "000c0001";
    expect(decodeQuery(fromHex(bytes))).to.deep.equal({
      id: 0,
      questions: [{ name: SERVICE, type: 12, alone: false }],
      known: [],
    });
    expect(toHex(encodeName("_udp.local"))).to.equal("045f756470056c6f63616c00");
  });

  it("the service is answered with its instance, and what will be asked next", () => {
    const { answers, additionals, flag_aa: authoritative, id, alone } = answer(ask(SERVICE.toUpperCase()));
    expect(names(answers)).to.deep.equal([`PTR ${SERVICE}`]);
    expect(names(additionals)).to.deep.equal([`SRV ${INSTANCE}`, `TXT ${INSTANCE}`, `A ${HOST}`]);
    expect([authoritative, id, alone]).to.deep.equal([true, 0, false]);
    const [srv, txt, a] = additionals as { data: unknown; ttl: number; flush: boolean }[];
    expect(srv.data).to.deep.equal({ priority: 0, weight: 0, port: 40000, target: HOST });
    expect((txt.data as Buffer[]).map(String)).to.deep.equal(["pk=p1demo", `dk=${DEVICE.dk}`, "cap=3", "st=4", "v=1"]);
    expect([a.data, a.ttl, a.flush]).to.deep.equal([DEVICE.ip, 120, true]);
    expect((answers![0] as { flush: boolean }).flush, "others have such a pointer too").to.equal(false);
  });

  it("each record by itself, all of a name, and the list of services", () => {
    expect(names(answer(ask(INSTANCE, "SRV")).answers)).to.deep.equal([`SRV ${INSTANCE}`]);
    expect(names(answer(ask(INSTANCE, "ANY" as never)).answers)).to.deep.equal([`SRV ${INSTANCE}`, `TXT ${INSTANCE}`]);
    expect(names(answer(ask(HOST, "A")).answers)).to.deep.equal([`A ${HOST}`]);
    const [pointer] = answer(ask("_services._dns-sd._udp.local")).answers as { data: string }[];
    expect(pointer.data).to.equal(SERVICE);
  });

  it("nothing that is known with half its life to go", () => {
    const known = (ttl: number): string =>
      query({
        questions: [{ name: SERVICE, type: "PTR" }],
        answers: [{ name: SERVICE, type: "PTR", ttl, data: INSTANCE }],
      });
    expect(answerTo(known(4500), MDNS_PORT, DEVICE)).to.equal(undefined);
    expect(answerTo(known(2250), MDNS_PORT, DEVICE)).to.equal(undefined);
    expect(names(answer(known(2249)).answers)).to.deep.equal([`PTR ${SERVICE}`]);
  });

  it("an asker that wants it alone, and one that is no mDNS client", () => {
    const alone = latin1(ask(SERVICE));
    alone[alone.length - 2] = 0x80;
    expect(answer(alone.toString("latin1")).alone).to.equal(true);
    const legacy = answer(query({ id: 4711, questions: [{ name: SERVICE, type: "PTR" }] }), 33333);
    expect([legacy.id, legacy.alone, legacy.questions?.length]).to.deep.equal([4711, true, 1]);
    for (const record of [...legacy.answers!, ...legacy.additionals!] as { ttl: number; flush: boolean }[]) {
      expect([record.ttl, record.flush]).to.deep.equal([10, false]);
    }
  });

  it("an announcement of everything, and a good-bye", () => {
    const all = (going: boolean): { ttl: number }[] =>
      dnsPacket.decode(latin1(announcement(DEVICE, going))).answers as { ttl: number }[];
    expect(all(false).map(({ ttl }) => ttl)).to.deep.equal([4500, 4500, 120, 4500, 120]);
    expect(all(true).every(({ ttl }) => ttl === 0)).to.equal(true);
    expect(announcement(DEVICE, false).length).to.be.below(528);
  });

  it("are never told a code, nor anybody else's business", () => {
    for (const other of ["_http._tcp.local", "other._wifi-binding._udp.local", "local"]) {
      expect(answerTo(ask(other), MDNS_PORT, DEVICE)).to.equal(undefined);
    }
    expect(answerTo(ask(SERVICE, "AAAA"), MDNS_PORT, DEVICE)).to.equal(undefined);
    expect(answerTo(announcement(DEVICE, false), MDNS_PORT, DEVICE)).to.equal(undefined);
  });

  it("pointers that loop, lengths that lie and counts without end are no query", () => {
    const head = "00000000" + "0001000000000000";
    for (const name of ["c00c", "c00e", "3f41", "05", "40", "", "01"]) {
      expect(decodeQuery(fromHex(head + name + "000c0001"))).to.equal(undefined);
    }
    expect(decodeQuery(fromHex("0000000000110000000000000000010001"))).to.equal(undefined);
    const many = "01".repeat(1) + "61";
    expect(decodeQuery(fromHex(head + many.repeat(60) + "00000c0001"))).to.equal(undefined);
  });

  it("throws nothing, whatever comes (fast-check)", () => {
    const valid = latin1(ask(SERVICE));
    const mutated = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
      const bytes = Buffer.from(valid);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
    const random = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(mutated, random), fc.nat(65535), (bytes, port) => {
        const found = answerTo(bytes.toString("latin1"), port, DEVICE);
        if (found) dnsPacket.decode(latin1(found.bytes));
      }),
      { numRuns: 3000 },
    );
  });
});
