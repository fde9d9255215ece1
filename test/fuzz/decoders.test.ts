/**
 * Everything that decodes bytes from strangers, under random and half-right input: nothing throws, nothing grows,
 * nothing changes. 20,000 inputs in `npm test`, 1,000,000 in `npm run fuzz`; the seed is printed, and --seed=N repeats it.
 */

import { expect } from "chai";
import fc from "fast-check";

import { decodeFrame, encodeFrame, FrameStream } from "../../src/codec/frame.js";
import { parseServer } from "../../src/codec/server.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { PacketStream } from "../../src/cloud/packets.js";
import { Channel } from "../../src/lan/channel.js";
import type { Client } from "../../src/lan/clients.js";
import { discoveryAnswer } from "../../src/lan/discovery.js";
import { createHandshake } from "../../src/lan/handshake.js";
import { recordsOf } from "../../src/mdns/records.js";
import { createResponder } from "../../src/mdns/responder.js";
import type { Platform } from "../../src/platform.js";
import { aes, FakeClock, sha256 } from "../support/platform.js";

const LONG = process.env["npm_lifecycle_event"] === "fuzz";
const argument = process.argv.find((one) => one.startsWith("--seed="));
const SEED = argument ? Number(argument.slice(7)) : Math.floor(Math.random() * 2 ** 31);

const identity = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", ds: "", seed: "", pop: "" };
const platform = { ...new FakeClock(), sha256, aes, wifi: () => ({ scan: () => {} }) } as unknown as Platform;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const junk = fc.uint8Array({ maxLength: 400 }).map(latin1);
const leaf = fc.oneof(
  fc.boolean(),
  fc.integer({ min: -1000, max: 0x7fffffff }),
  fc.uint8Array({ maxLength: 40 }).map(latin1),
);
const nodes = fc.letrec<{ node: Node; list: Node[] }>((tie) => ({
  node: fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.oneof({ depthSize: "small" }, leaf, tie("list")),
  ) as fc.Arbitrary<Node>,
  list: fc.array(tie("node"), { maxLength: 5 }),
})).list;
const command = fc.oneof(fc.integer({ min: 0x7000, max: 0x7020 }), fc.nat(0xffff));
const frame = fc
  .tuple(fc.integer({ min: 1, max: 0xfffe }), command, fc.oneof(nodes.map(encodeTtlv), junk))
  .map(([id, cmd, data]) => encodeFrame(id, cmd, data));
/** Valid bytes with a few of them changed, cut or doubled. */
const damaged = fc
  .tuple(frame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), fc.boolean())
  .map(([bytes, changes, cut, doubled]) => {
    const buffer = Buffer.from(bytes, "latin1");
    for (const [at, byte] of changes) buffer[at % buffer.length] = byte;
    const text = buffer.toString("latin1", 0, cut % 3 ? buffer.length : cut % buffer.length);
    return doubled ? text + text : text;
  });
const input = fc.oneof(junk, frame, damaged);

/** One decoder: the share of the inputs that it gets, and what must hold. */
const DECODERS: [name: string, run: (bytes: string) => void][] = [
  [
    "frames and TTLV",
    (bytes) => {
      const decoded = decodeFrame(bytes);
      decodeTtlv(decoded ? decoded.data : bytes);
    },
  ],
  [
    "a stream of frames, whose buffer stays within its limit",
    (bytes) => {
      const stream = new FrameStream(1024, () => {});
      for (let at = 0; at < bytes.length; at += 7) if (!stream.push(bytes.slice(at, at + 7))) return;
      expect(JSON.stringify(stream).length).to.be.below(20_000);
    },
  ],
  [
    "a stream of MQTT packets, whose buffer stays within its limit",
    (bytes) => {
      const stream = new PacketStream(256);
      stream.push(bytes);
      for (let packet = stream.next(); packet; packet = stream.next()) expect(packet.body.length).to.be.at.most(256);
    },
  ],
  [
    "discovery, which is no amplifier",
    (bytes) => {
      const answer = discoveryAnswer(identity, bytes, () => ({ capabilities: 3, state: 4, windowOpen: true }));
      expect(answer.length).to.be.at.most(2 * bytes.length + 64);
    },
  ],
  [
    "the handshake at level 1, where nobody gets anything without a proof",
    (bytes) => {
      let answers = 0;
      const client: Client = { open: true, randoms: "", channel: undefined, send: () => answers++ };
      const forbidden = (): never => expect.fail("a stranger was let in");
      const lockout = { wait: () => 0, failed: () => {}, passed: forbidden };
      const events = {
        provision: forbidden,
        bindable: forbidden,
        capabilities: () => 3,
        key: () => "k",
        farewell: forbidden,
      };
      const handshake = createHandshake(platform, identity, (count) => "r".repeat(count), lockout, events);
      const decoded = decodeFrame(bytes);
      if (decoded) handshake.handle(decoded, client);
      expect(answers).to.be.at.most(1);
      expect(client.channel).to.equal(undefined);
    },
  ],
  [
    "sealed frames",
    (bytes) => void expect(new Channel(platform, "k", "r".repeat(32)).open(0x7010, bytes)).to.equal(undefined),
  ],
  [
    "mDNS",
    (bytes) => {
      const responder = createResponder(
        (answer) => expect(answer.length).to.be.at.most(450),
        () => {},
        () => 0,
      );
      responder.publish(recordsOf({ pk: "p", dk: "DEVICE01", capabilities: 3, state: 1, address: "\x01\x02\x03\x04" }));
      for (const port of [5353, 1234]) responder.received(bytes, "1.2.3.5", port, true);
    },
  ],
  ["server addresses", (bytes) => void parseServer("mqtt://" + bytes)],
];

describe(`fuzz: decoders (seed ${SEED})`, function () {
  this.timeout(LONG ? 3_600_000 : 60_000);
  const each = Math.ceil((LONG ? 1_000_000 : 20_000) / DECODERS.length);

  for (const [name, run] of DECODERS) {
    it(`${name}: ${each} inputs`, () => fc.assert(fc.property(input, run), { numRuns: each, seed: SEED }));
  }
});
