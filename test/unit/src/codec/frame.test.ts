/** Frames: the vendor's known answers, five ways, and properties. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { decodeFrame, encodeFrame, nextFrame, nextPackageId, type Frame } from "../../../../src/codec/frame.js";
import { readFrames } from "../../../../sim/app/frames.js";
import { fromHex, latin1, toHex } from "../../../support/hal.js";

interface Vector {
  name: string;
  id: number;
  cmd: number;
  data: string;
  frame: string;
}
const vectors = JSON.parse(readFileSync("test/vectors/frame.json", "utf8"));
const LIMIT = 70_000;

/** Everything that a stream makes of pieces. */
function stream(...pieces: string[]): Frame[] {
  const frames: Frame[] = [];
  const read = readFrames(LIMIT, (frame) => frames.push(frame));
  for (const piece of pieces) read(piece);
  return frames;
}

const bytes = (options: fc.IntArrayConstraints = {}): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: 80, ...options }).map((array) => Buffer.from(array).toString("latin1"));
/** Bytes that stuffing has to do with come often. */
const tricky = fc.array(fc.constantFrom("\xaa", "\x55", "\x00", "x"), { maxLength: 60 }).map((list) => list.join(""));
const frames = fc.record({
  id: fc.integer({ min: 1, max: 0xfffe }),
  cmd: fc.integer({ min: 1, max: 0xfffe }),
  data: fc.oneof(tricky, bytes()),
});

describe("frame", () => {
  for (const { name, id, cmd, data, frame } of vectors.encode as Vector[]) {
    // Commands 0000 and FFFF are illegal: they can be encoded, and nobody decodes them.
    const legal = cmd !== 0 && cmd !== 0xffff;
    const expected = legal ? [{ id, cmd, data: fromHex(data) }] : [];
    it(`known answer: ${name}`, () => {
      const raw = fromHex(frame);
      expect(toHex(encodeFrame(id, cmd, fromHex(data)))).to.equal(frame);
      expect(decodeFrame(raw)).to.deep.equal(expected[0]);
      expect(stream(...raw)).to.deep.equal(expected);
      expect(stream(raw + raw)).to.deep.equal([...expected, ...expected]);
    });
  }

  for (const { name, id, cmd, byte, count, length, sha256 } of vectors.large) {
    it(`known answer: ${name}`, () => {
      const data = fromHex(byte).repeat(count);
      const raw = encodeFrame(id, cmd, data);
      expect(raw.length).to.equal(length);
      expect(createHash("sha256").update(latin1(raw)).digest("hex")).to.equal(sha256);
      expect(decodeFrame(raw)).to.deep.equal({ id, cmd, data });
    });
  }

  for (const { name, stream: raw, refused, id, cmd, data } of vectors.decode) {
    it(`${refused ? "refuses" : "accepts"}: ${name}`, () => {
      expect(decodeFrame(fromHex(raw))).to.deep.equal(refused ? undefined : { id, cmd, data: fromHex(data) });
    });
  }

  it("counts package ids from 1 to FFFE and round again", () => {
    for (const [current, next] of vectors.nextPackageId) expect(nextPackageId(current)).to.equal(next);
  });

  it("gives back every frame, whole and byte by byte, glued and cut anywhere", () => {
    fc.assert(
      fc.property(frames, frames, fc.nat(), (a, b, cut) => {
        const raw = encodeFrame(a.id, a.cmd, a.data) + encodeFrame(b.id, b.cmd, b.data);
        const at = cut % raw.length;
        expect(decodeFrame(raw)).to.deep.equal(a);
        expect(stream(...raw)).to.deep.equal([a, b]);
        expect(stream(raw.slice(0, at), raw.slice(at))).to.deep.equal([a, b]);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds the frame behind garbage", () => {
    fc.assert(
      fc.property(bytes(), frames, (garbage, frame) => {
        const found = stream(garbage + encodeFrame(frame.id, frame.cmd, frame.data));
        // Garbage that announces a long frame ends the link instead.
        const announced = readFrames(LIMIT, () => {})(garbage) ? found.pop() : frame;
        expect(announced).to.deep.equal(frame);
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws on random bytes, and keeps no more than the limit", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(tricky, bytes())), (pieces) => {
        const buffer = { rest: "", broken: false };
        for (const piece of pieces) {
          buffer.rest += piece;
          while (nextFrame(buffer, 64));
          if (buffer.broken) return;
        }
        expect(buffer.rest.length).to.be.at.most(64 * 2 + 80);
      }),
      { numRuns: 2000 },
    );
  });

  it("says when a frame over the limit is announced", () => {
    const raw = encodeFrame(1, 0x7010, "x".repeat(100));
    expect(readFrames(109, () => {})(raw)).to.equal(true);
    expect(readFrames(108, () => {})(raw.slice(0, 5))).to.equal(false);
  });
});
