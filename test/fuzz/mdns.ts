/** What anybody on the network can send to the mDNS responder: src/mdns. */
import fc from "fast-check";
import dnsPacket from "dns-packet";

import { recordsOf } from "../../src/mdns/records.js";
import { MDNS_PORT } from "../../src/mdns/published.js";
import { createResponder } from "../../src/mdns/responder.js";
import { FakeClock } from "../support/hal.js";
import { damaged, demand, noise, target } from "./inputs.js";

const DEVICE = { pk: "p1demo", dk: "ABCD12345678", address: "\xc0\xa8\x01\x07", capabilities: 3, state: 4 };
const SECOND = 1000;
const SERVICE = "_wifi-binding._udp.local";
const NAMES = [
  SERVICE,
  `${DEVICE.dk}.${SERVICE}`,
  `wb-${DEVICE.dk}.local`,
  "_services._dns-sd._udp.local",
  "other.local",
];
/** All records of the device once; a plain DNS client is also told what it asked. */
const LARGEST = 450;

const question = fc.record({
  name: fc.constantFrom(...NAMES),
  type: fc.constantFrom<dnsPacket.RecordType>("PTR", "SRV", "TXT", "A"),
});
const known = fc.record({ name: fc.constantFrom(...NAMES), data: fc.constantFrom(...NAMES), ttl: fc.nat(9000) });
const query = fc
  .tuple(fc.array(question, { maxLength: 20 }), fc.array(known, { maxLength: 4 }))
  .map(([questions, records]) => {
    const answers = records.map((record) => ({ ...record, type: "PTR" as const }));
    return dnsPacket.encode({ type: "query", questions, answers }).toString("latin1");
  });
const port = fc.oneof(fc.constant(MDNS_PORT), fc.nat(65535));

export const MDNS = [
  target(
    "mDNS query",
    fc.tuple(fc.oneof(query, damaged(query), noise), port, fc.boolean()),
    ([datagram, from, near]) => {
      const clock = new FakeClock();
      const sent: string[] = [];
      const later = (callback: () => void, milliseconds: number) => void clock.after(milliseconds, callback);
      const responder = createResponder(
        (bytes) => sent.push(bytes),
        later,
        () => 0,
      );
      responder.publish(recordsOf(DEVICE));
      clock.advance(10 * SECOND);
      sent.length = 0;
      responder.received(datagram, "192.168.1.9", from, near);
      clock.advance(SECOND);
      demand(sent.length <= 2, `${sent.length} answers to one query`);
      for (const answer of sent) {
        demand(answer.length <= LARGEST + datagram.length, `an answer of ${answer.length} bytes`);
        demand(dnsPacket.decode(Buffer.from(answer, "latin1")).type === "response", "an answer that is none");
      }
    },
  ),
];
