/** What anybody on the network can send to the mDNS responder: src/mdns. */
import fc from "fast-check";
import dnsPacket from "dns-packet";

import { recordsOf } from "../../src/mdns/records.js";
import { createResponder, MDNS_PORT } from "../../src/mdns/responder.js";
import { damaged, demand, noise, target } from "./inputs.js";

const DEVICE = { pk: "p1demo", dk: "ABCD12345678", address: "\x01\x02\x03\x04", capabilities: 3, state: 4 };
const SERVICE = "_wifi-binding._udp.local";
const NAMES = [
  SERVICE,
  `${DEVICE.dk}.${SERVICE}`,
  `wb-${DEVICE.dk}.local`,
  "_services._dns-sd._udp.local",
  "other.local",
];
/** All records of the device once, uncompressed, take less. */
const LARGEST = 600;

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
  target("mDNS query", fc.tuple(fc.oneof(query, damaged(query), noise), port), ([datagram, from]) => {
    const answered = (bytes: string): void => {
      demand(bytes.length <= LARGEST, `an answer of ${bytes.length} bytes`);
      demand(dnsPacket.decode(Buffer.from(bytes, "latin1")).type === "response", "an answer that is none");
    };
    const responder = createResponder(
      answered,
      () => {},
      () => 0,
    );
    responder.publish(recordsOf(DEVICE));
    responder.received(datagram, "1.2.3.5", from, true);
  }),
];
