/** The decoder: frames one by one, glued, cut and broken; MQTT connections; secrets. */
import { expect } from "chai";
import fc from "fast-check";

import { connectPacket, publishPacket, subscribePacket, PINGREQ } from "../../../../src/cloud/packets.js";
import * as numbers from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import {
  createMarks,
  decode,
  Decoder,
  factsOf,
  type DecodedFrame,
  type DecodedPacket,
  type Item,
} from "../../../../sim/decode/index.js";
import { indexOfPair } from "../../../../sim/decode/bytes.js";
import { takeFrame } from "../../../../sim/decode/frame.js";
import { Stuffing } from "../../../../sim/decode/stuffing.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const frame = (id: number, cmd: number, ...nodes: Node[]): string => encodeFrame(id, cmd, encodeTtlv(nodes));
const one = (text: string, options = {}): DecodedFrame => decode(bytesOf(text), options)[0] as DecodedFrame;
const PASSWORD = "a-secret-of-wifi";
const NETWORK = frame(1001, 0x7010, [1, "home"], [2, PASSWORD], [11, 120]);

describe("the decoder", () => {
  it("names a frame, its direction, its ids and its values", () => {
    const { cmd, name, direction, id, length, checksum, nodes, problems } = one(frame(7, 0x7035, [3, 2]));
    expect({ cmd, name, direction, id, length, checksum, problems }).to.deep.equal({
      cmd: "7035",
      name: "login answer",
      direction: "up",
      id: 7,
      length: 9,
      checksum: "ok",
      problems: [],
    });
    expect(nodes).to.deep.equal([
      { id: 3, name: "result", size: 2, type: "number", value: 2, meaning: "logged in already" },
    ]);
  });

  it("has a name for every command of the table", () => {
    for (const [constant, cmd] of Object.entries(numbers)) {
      if (constant.startsWith("CMD_")) expect(factsOf(cmd as number).name, constant).to.match(/^[a-z ]+$/);
    }
  });

  it("hides the bytes of a secret, and shows them when told to", () => {
    const hidden = one(NETWORK);
    expect(hidden.nodes[1]).to.deep.equal({ id: 2, name: "password", size: 16, type: "text", secret: true });
    expect(JSON.stringify(hidden)).not.to.contain(
      Buffer.from(PASSWORD).toString("hex").toUpperCase().slice(0, 2) + " 2D",
    );
    const shown = one(NETWORK, { showSecrets: true });
    expect(shown.nodes[1].value).to.equal(PASSWORD);
    expect(shown.hex).not.to.contain("*");
  });

  it("numbers secrets, so that equal ones are seen to be equal", () => {
    const [code, other] = ["0123456789ABCDEF", "FEDCBA9876543210"];
    const bytes = bytesOf(frame(1, 0x7011, [9, code]) + frame(2, 0x00b5, [15, other], [11, code]));
    const [first, second] = decode(bytes, { mark: createMarks() }) as DecodedFrame[];
    expect([...first.nodes, ...second.nodes].map(({ mark }) => mark)).to.deep.equal([1, 2, 1]);
  });

  it("hides a secret wherever the frame is cut", () => {
    const secret = Buffer.from(PASSWORD).toString("hex").toUpperCase().match(/../g)!;
    for (let size = 9; size < NETWORK.length; size++) {
      const items = decode(bytesOf(NETWORK.slice(0, size)));
      expect(items[0].problems.join(), String(size)).to.contain("missing");
      expect(JSON.stringify(items), String(size)).not.to.contain(secret.slice(0, 2).join(" "));
    }
  });

  it("hides a secret whose bytes are stuffed", () => {
    const secret = "\xaa\x55\xaa\xaa123456789012";
    const { hex } = one(frame(1, 0x00b4, [8, secret]));
    expect(hex).to.match(/^AA AA 00 19 \w\w 00 01 00 B4 00 43 00 10( \*\*){18}$/);
  });

  it("says where bytes are wrong", () => {
    const cut = encodeFrame(1, 0x7031, "\x00\x1b\x00\x09abc");
    expect(one(cut).problems).to.deep.equal([
      "the text of id 3, 9 bytes, at offset 4 reaches beyond the end of the data",
    ]);
    const broken = frame(1, 0x7031, [3, "p1"]).replace("p1", "p2");
    const { checksum, problems } = one(broken);
    expect(checksum).to.equal("wrong");
    expect(problems.join()).to.match(/^the checksum is \w\w, its bytes add up to \w\w$/);
    expect(one("\xaa\xaa\x00\x03\x00\x00\x01").problems.join()).to.contain("less than the 5");
    expect(one(encodeFrame(1, 0x0011, "\x00\x01\x00")).problems.join()).to.contain("half an id at offset 2");
  });

  it("takes bytes of the application for what they are", () => {
    const { name, nodes, problems } = one(encodeFrame(1, 0x0024, "hello raw"));
    expect({ name, nodes, problems }).to.deep.equal({ name: "raw up", nodes: [], problems: [] });
  });

  it("passes over what is no frame, and tells it", () => {
    const items = decode(bytesOf(`xyz${frame(1, 0x7030)}\xaa`));
    expect(items.map(({ kind, at, size }) => [kind, at, size])).to.deep.equal([
      ["bytes", 0, 3],
      ["frame", 3, 9],
      ["bytes", 12, 1],
    ]);
  });

  it("goes on behind a frame that is cut", () => {
    const items = decode(bytesOf(NETWORK.slice(0, 20) + frame(5, 0x7032)));
    expect(items.map((item) => [(item as DecodedFrame).cmd, (item as DecodedFrame).checksum])).to.deep.equal([
      ["7010", "wrong"],
      ["7032", "ok"],
    ]);
  });

  it("decodes the same, however the stream is cut", () => {
    const pieces = fc.array(fc.oneof(fc.constant("\xaa"), fc.constant("\x55"), fc.constant("\xaa\xaa"), fc.string()));
    const data = pieces.map((parts) => bytesOf(parts.join("").replace(/[^\0-\xff]/g, "?")));
    const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 0xfffe }), data), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 7 }), (list, step) => {
        const text = list.map(([id, raw]) => encodeFrame(id, 0x0014, Buffer.from(raw).toString("latin1"))).join("");
        const whole = decode(bytesOf(text));
        expect(whole.map((item) => (item as DecodedFrame).id)).to.deep.equal(list.map(([id]) => id));
        expect(whole.every((item) => (item as DecodedFrame).checksum === "ok")).to.equal(true);
        const decoder = new Decoder();
        const items: Item[] = [];
        for (let at = 0; at < text.length; at += step) items.push(...decoder.push(bytesOf(text.slice(at, at + step))));
        expect([...items, ...decoder.end()]).to.deep.equal(whole);
      }),
    );
  });

  it("takes any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const protocol of ["mqtt", "frames", undefined] as const) {
          const items = decode(bytes, { protocol });
          // The size of a packet that is too large is the announced one.
          expect(items.reduce((sum, { size }) => sum + size, 0)).to.be.at.least(bytes.length);
        }
      }),
    );
  });
});

describe("the decoder, over MQTT", () => {
  const ID = "qdp1demoABCD12345678";
  const CONNECT = connectPacket({ clientId: ID, pass: "1;0000;0123456789abcdef;c2VjcmV0", alive: 120 });

  it("reads a connection of a device", () => {
    const report = publishPacket(
      2,
      `q/2/d/${ID}/sys`,
      frame(18, 0x00b5, [15, "0123456789ABCDEF"], [11, "FEDCBA9876543210"]),
    );
    const items = decode(bytesOf(CONNECT + subscribePacket(1, `q/1/d/${ID}/+`) + report + PINGREQ)) as DecodedPacket[];
    expect(items.map(({ packet, direction }) => [packet, direction])).to.deep.equal([
      ["CONNECT", "up"],
      ["SUBSCRIBE", "up"],
      ["PUBLISH", "up"],
      ["PINGREQ", "up"],
    ]);
    expect(items[0].fields).to.deep.include({ protocol: "MQTT", level: 4, keepalive: 120, clientId: ID });
    expect(items[0].fields.password).to.equal("1;0000;** (32 characters)");
    expect(items[1].fields).to.deep.equal({ packetId: 1, topics: `q/1/d/${ID}/+ qos 1` });
    expect(items[2].frame!.nodes.map(({ name, value }) => [name, value])).to.deep.equal([
      ["bindingSecret", undefined],
      ["bindingCode", undefined],
    ]);
  });

  it("tells a payload that is no frame, and one with more behind it", () => {
    const [plain, more] = decode(
      bytesOf(publishPacket(0, "a", "hello") + publishPacket(0, "a", frame(1, 0x0011) + "x")),
    );
    expect(plain.problems).to.deep.equal(["the payload does not begin with AA AA"]);
    expect(more.problems).to.deep.equal(["1 byte follows the frame: 78"]);
  });

  it("passes over a packet that is too large to be kept", () => {
    const huge = publishPacket(0, "t", "x".repeat(2_000_000));
    const decoder = new Decoder({ protocol: "mqtt" });
    const items: Item[] = [];
    for (let at = 0; at < huge.length; at += 65_536) items.push(...decoder.push(bytesOf(huge.slice(at, at + 65_536))));
    items.push(...decoder.push(bytesOf(PINGREQ)));
    expect(items.map(({ kind, size }) => [kind, size])).to.deep.equal([
      ["bytes", huge.length],
      ["mqtt", 2],
    ]);
  });

  it("shows nothing of a CONNECT that is cut", () => {
    for (let size = 3; size < CONNECT.length; size++) {
      const text = JSON.stringify(decode(bytesOf(CONNECT.slice(0, size))));
      expect(text).not.to.contain("63 32"); // "c2", the beginning of the password's last part
    }
  });
});

describe("where frames end", () => {
  /** Bytes of which headers, stuffing and frames are made. */
  const byte = fc.oneof(fc.constantFrom(0xaa, 0x55, 0, 5), fc.nat(255));

  it("is the same in one step as byte by byte", () => {
    const good = encodeFrame(7, 0x7010, "\xaa\xaaU");
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.array(byte, { maxLength: 40 }), (before, after) => {
        for (const middle of ["", good]) {
          const bytes = Uint8Array.from([...before, 0xaa, 0xaa, ...after, ...bytesOf(middle), ...after]);
          const stuffing = new Stuffing(bytes);
          for (let at = indexOfPair(bytes, 0xaa, 0xaa, 0); at >= 0; at = indexOfPair(bytes, 0xaa, 0xaa, at + 1)) {
            const { size, whole, plain } = takeFrame(bytes, at);
            const sum = plain.subarray(5).reduce((all, one) => all + one, 0) & 255;
            const sound = whole && plain.length >= 9 && sum === plain[4];
            expect(stuffing.extent(at)).to.deep.equal({ size: whole ? size : bytes.length - at, whole, sound });
          }
        }
      }),
    );
  });

  it("takes time by the bytes, not by the lengths that broken frames claim", () => {
    const time = (length: number): number => {
      const bytes = Uint8Array.from({ length: 60_000 }, (_, at) => [0xaa, 0xaa, length >> 8, length & 255][at % 4]);
      const began = performance.now();
      expect(decode(bytes)).to.have.length(15_000);
      return performance.now() - began;
    };
    time(8);
    const short = time(8);
    expect(time(0xffff)).to.be.below(20 * short);
  });
});
