/** What a broker, or whoever stands in for it, can send to a device: src/cloud. */
import fc from "fast-check";

import { nextPacket } from "../../src/cloud/packets.js";
import { damaged, demand, noise, target } from "./inputs.js";

const LIMIT = 256;
/** CONNACK, SUBACK, PUBACK, PINGRESP, PUBLISH, and lengths of four bytes. */
const PACKETS = [
  "\x20\x02\x00\x00",
  "\x90\x03\x00\x01\x01",
  "\x40\x02\x00\x07",
  "\xd0\x00",
  "\x32\x09\x00\x03a/b\x00\x01hi",
];
const packet = fc.constantFrom(...PACKETS, "\x30\xff\xff\xff\x7f", "\x30\xff\xff\xff\xff");

export const CLOUD = [
  target("stream of MQTT packets", fc.array(fc.oneof(packet, damaged(packet), noise), { maxLength: 4 }), (pieces) => {
    const stream = { bytes: "", skip: 0, broken: false };
    for (const piece of pieces) {
      stream.bytes += piece;
      for (let next = nextPacket(stream, LIMIT); next; next = nextPacket(stream, LIMIT)) {
        demand(next.body.length <= LIMIT, "a packet over the limit");
      }
    }
  }),
];
