/** MQTT packets: known answers, and a stream that is cut and glued anywhere. */

import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";
import mqtt from "mqtt-packet";

import {
  connectPacket,
  duplicateOf,
  nextPacket,
  type PacketBuffer,
  pubackPacket,
  publishPacket,
  subscribePacket,
  type Packet,
} from "../../../../src/cloud/packets.js";
import { isRefusal, retryDelay } from "../../../../src/cloud/retry.js";
import { latin1, toHex } from "../../../support/hal.js";

const vectors = JSON.parse(readFileSync("test/vectors/mqtt.json", "utf8"));
const retry = JSON.parse(readFileSync("test/vectors/retry.json", "utf8"));

/** What Node's own library reads in a packet. */
function parsed(raw: string): mqtt.Packet {
  const packets: mqtt.Packet[] = [];
  const parser = mqtt.parser();
  parser.on("packet", (packet) => packets.push(packet));
  parser.parse(latin1(raw));
  expect(packets).to.have.length(1);
  return packets[0];
}

const emptyStream = (): PacketBuffer => ({ bytes: "", skip: 0, broken: false });

function pull(stream: PacketBuffer, bytes: string, limit: number): Packet[] {
  const packets: Packet[] = [];
  stream.bytes += bytes;
  for (let packet = nextPacket(stream, limit); packet; packet = nextPacket(stream, limit)) packets.push(packet);
  return packets;
}

describe("MQTT packets", () => {
  for (const { name, keepAlive, clientId, password, packet } of vectors.connect) {
    it(`known answer: CONNECT, ${name}`, () => {
      expect(toHex(connectPacket({ clientId, pass: password, alive: keepAlive }))).to.equal(packet);
    });
  }

  it("known answer: SUBSCRIBE", () => {
    const { packetId, topic, packet } = vectors.subscribe;
    expect(toHex(subscribePacket(packetId, topic))).to.equal(packet);
  });

  it("are read by another library as they were meant", () => {
    expect(parsed(connectPacket({ clientId: "c", user: "u", pass: "p", alive: 60 }))).to.include({
      clientId: "c",
      username: "u",
      keepalive: 60,
      clean: true,
    });
    const publish = publishPacket(7, "a/b", "x".repeat(300));
    expect(parsed(publish)).to.include({ topic: "a/b", qos: 1, messageId: 7, dup: false });
    expect(parsed(duplicateOf(publish))).to.include({ qos: 1, dup: true });
    expect(parsed(publishPacket(0, "a", ""))).to.include({ qos: 0 });
    expect(parsed(pubackPacket(513))).to.include({ cmd: "puback", messageId: 513 });
  });

  it("come out of a stream that is cut anywhere", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(400), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (sizes, step) => {
          const raw = sizes.map((size) => publishPacket(1, "t", "y".repeat(size))).join("");
          const stream = emptyStream();
          const found: Packet[] = [];
          for (let at = 0; at < raw.length; at += step) {
            found.push(...pull(stream, raw.slice(at, at + step), 2048));
          }
          expect(found.map(({ head, body }) => [head >> 4, body.length - 5])).to.deep.equal(
            sizes.map((size) => [3, size]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("over the limit are skipped without being kept, up to the largest that MQTT knows", () => {
    const stream = emptyStream();
    const after = pubackPacket(9);
    const large = publishPacket(1, "t", "z".repeat(5000));
    expect(pull(stream, large.slice(0, 3000), 100)).to.deep.equal([]);
    expect(stream.bytes).to.equal("");
    expect(pull(stream, large.slice(3000) + after, 100)).to.have.length(1);
    expect(pull(stream, "\x30\xff\xff\xff\x7f" + "x".repeat(1000), 100)).to.deep.equal([]);
    expect(stream.broken).to.equal(false);
  });

  it("with a length of five bytes are no MQTT", () => {
    const stream = emptyStream();
    expect(pull(stream, "\x30\xff\xff\xff\xff\x01", 100)).to.deep.equal([]);
    expect(stream.broken).to.equal(true);
  });
});

describe("the retry table", () => {
  for (const { event, code, delaysMs } of retry.rows.filter((row: { code: number }) => isRefusal(row.code))) {
    it(`known answer: ${event} ${code}`, () => {
      // Where the vendor's SDK would never try again, this device rests for half an hour.
      const delays = delaysMs.map((_: number, i: number) => retryDelay(event === "authentication", code, i + 1, 500));
      expect(delays).to.deep.equal(delaysMs);
    });
  }

  for (const { random, delaysMs } of retry.jitter) {
    it(`known answer: jitter ${random}`, () => {
      expect(delaysMs.map((_: number, i: number) => retryDelay(false, 10500, i + 1, random))).to.deep.equal(delaysMs);
    });
  }

  it("never stops for ever: a wrong DS is looked at again soon, then rests", () => {
    expect(retryDelay(false, 10430, 1, 500)).to.equal(1000);
    expect(retryDelay(false, 10430, 2, 500)).to.equal(1_800_000);
  });
});

describe("the delay for a server that cannot be reached", () => {
  for (const code of [10450, 10473, 10474]) {
    it(`${code}: a random part of 2 s, 4 s … 5 minutes, never none`, () => {
      for (let n = 1; n <= 1000; n++) {
        const most = Math.min(1000 * 2 ** n, 300_000);
        expect(isRefusal(code)).to.equal(false);
        expect(retryDelay(n % 2 === 0, code, n, 0)).to.equal(1);
        expect(retryDelay(n % 2 === 0, code, n, 32_768)).to.equal(1 + most / 2);
        expect(retryDelay(n % 2 === 0, code, n, 65_535)).to.be.within(most * 0.9999, most);
      }
    });
  }
});
