/** The app's own reading of frames: known answers from captured frames, and the device's encoder as the other side. */
import { expect } from "chai";
import fc from "fast-check";

import { readAnswers, type AppFrame } from "../../../../sim/app/stream.js";
import { encodeFrame } from "../../../../src/codec/frame.js";

function read(...pieces: Buffer[]): AppFrame[] {
  const frames: AppFrame[] = [];
  const feed = readAnswers(4096, (frame) => frames.push(frame));
  for (const piece of pieces) expect(feed(piece)).to.equal(true);
  return frames;
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");

describe("app: frames of a device", () => {
  it("takes a push with package id 0, which a device's own decoder refuses", () => {
    expect(read(hex("AAAA 0007 D1 0000 7014 0031"))).to.deep.equal([]);
    expect(read(hex("AAAA 0007 B5 0000 7014 0031"))).to.deep.equal([{ id: 0, cmd: 0x7014, data: "\x001" }]);
  });

  it("reads what the encoder makes, cut anywhere and glued to its neighbour", () => {
    const data = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
    const marks = fc.array(fc.constantFrom("\xaa", "\x55", "x"), { maxLength: 12 }).map((list) => list.join(""));
    const frame = fc.record({
      id: fc.integer({ min: 1, max: 0xfffe }),
      cmd: fc.integer({ min: 1, max: 0xfffe }),
      data: fc.oneof(data, marks),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (frames, size) => {
        const bytes = Buffer.from(frames.map(({ id, cmd, data: d }) => encodeFrame(id, cmd, d)).join(""), "latin1");
        const pieces = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        expect(read(...pieces)).to.deep.equal(frames);
      }),
      { numRuns: 500 },
    );
  });

  it("takes a frame that ends in AA without the 55 behind it, as real devices send it", () => {
    const whole = Buffer.from(encodeFrame(5, 0x7033, "ends in \xaa"), "latin1");
    const next = Buffer.from(encodeFrame(6, 0x7038, ""), "latin1");
    const bare = whole.subarray(0, -1);
    const glued = Buffer.concat([bare, next]);
    const cuts = Array.from({ length: glued.length - 1 }, (_, at) => [
      glued.subarray(0, at + 1),
      glued.subarray(at + 1),
    ]);
    for (const pieces of [[glued], [bare, Buffer.of(0x55), next], ...cuts]) {
      expect(read(...pieces).map(({ id, data }) => [id, data])).to.deep.equal([[5, "ends in \xaa"], [6, ""]]); // prettier-ignore
    }
  });

  it("survives any bytes, and says when a frame over the limit is announced", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const feed = readAnswers(64, (frame) => expect(frame.id).to.be.within(0, 0xfffe));
        for (const piece of pieces) if (!feed(Buffer.from(piece))) return;
      }),
    );
    expect(readAnswers(64, () => {})(hex("AAAA 00FF 00"))).to.equal(false);
  });
});
