/** The codec against what public clients of this platform make and read: test/vectors/wire.json, each row five ways. */

import { expect } from "chai";

import { decodeFrame, encodeFrame, nextFrame, type Frame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv } from "../../../../src/codec/ttlv.js";
import { fromHex, toHex } from "../../../support/hal.js";
import { described, nodeOf, wireRows, type Row } from "../../../support/wire.js";

const LIMIT = 70_000;
/** Commands of the groups whose rows do not name one. */
const COMMANDS: Record<string, string> = { discovery: "7031", random: "7033", "login-result": "7035" };
const NEIGHBOUR: Frame = { id: 1002, cmd: 0x7037, data: "" };

/** Everything that a device makes of the pieces of a stream. */
function stream(...pieces: string[]): Frame[] {
  const buffer = { rest: "", broken: false };
  const frames: Frame[] = [];
  for (const piece of pieces) {
    buffer.rest += piece;
    for (let frame; (frame = nextFrame(buffer, LIMIT));) frames.push(frame);
  }
  expect(buffer.broken).to.equal(false);
  return frames;
}

/** The data of a frame with any package id, behind the header. */
function dataOf(frame: string): string {
  return fromHex(frame).slice(1).replaceAll("\xaa\x55", "\xaa").slice(8);
}

/** The frame that a row is about. */
function frameOf(row: Row): Frame {
  const content = row.group === "session" ? dataOf(row.frame!) : fromHex(row.data ?? "");
  const data = row.fields ? encodeTtlv(row.fields.map(nodeOf)) : content;
  return { id: row.packageId, cmd: parseInt(row.cmd ?? COMMANDS[row.group], 16), data };
}

describe("frames of public clients", () => {
  const groups = ["frame", "stuffing", "discovery", "random", "login-result", "encrypted", "ble", "mqtt", "session"];
  const next = encodeFrame(NEIGHBOUR.id, NEIGHBOUR.cmd, NEIGHBOUR.data);

  for (const row of wireRows(...groups).filter((one) => one.frame)) {
    it(`${row.id}: ${row.what}`, () => {
      const frame = frameOf(row);
      const raw = fromHex(row.frame!);
      expect(toHex(encodeFrame(frame.id, frame.cmd, frame.data))).to.equal(row.protocolMd ?? row.frame);
      expect(dataOf(row.frame!)).to.equal(frame.data);
      // Package id 0 is for what devices push: a device takes no such frame, and the next one all the same.
      const taken = frame.id ? [frame] : [];
      const both = [...taken, NEIGHBOUR, ...taken];
      for (const bytes of row.protocolMd ? [raw, fromHex(row.protocolMd)] : [raw]) {
        expect(decodeFrame(bytes)).to.deep.equal(taken[0]);
        expect(stream(bytes)).to.deep.equal(taken);
        expect(stream(...bytes)).to.deep.equal(taken);
        const glued = bytes + next + bytes;
        expect(stream(glued)).to.deep.equal(both);
        for (let cut = 1; cut < glued.length; cut++) {
          expect(stream(glued.slice(0, cut), glued.slice(cut)), `cut at ${cut}`).to.deep.equal(both);
        }
      }
    });
  }
});

describe("streams of public clients", () => {
  for (const row of wireRows("stream")) {
    it(`${row.id}: ${row.what}`, () => {
      const wanted = row
        .frames!.map(([id, cmd, data]) => ({ id, cmd: parseInt(cmd, 16), data: fromHex(data) }))
        .filter(({ id }) => id);
      const chunks = row.chunks!.map(fromHex);
      expect(stream(...chunks)).to.deep.equal(wanted);
      const whole = chunks.join("");
      expect(stream(...whole)).to.deep.equal(wanted);
      for (let cut = 1; cut < whole.length; cut++) {
        expect(stream(whole.slice(0, cut), whole.slice(cut)), `cut at ${cut}`).to.deep.equal(wanted);
      }
    });
  }

  it("starts late where a lonely AA precedes a frame", () => {
    const raw = encodeFrame(1001, 0x0011, "\x00\x01");
    expect(stream("\xaa" + raw)).to.deep.equal([{ id: 1001, cmd: 0x0011, data: "\x00\x01" }]);
  });
});

describe("numbers and decimals of public clients", () => {
  for (const row of wireRows("ttlv-number")) {
    it(`${row.id}: ${row.what}`, () => {
      const value = Number(row.value);
      expect(decodeTtlv(fromHex(row.ttlv!))).to.deep.equal([[row.tagId, value]]);
      // What a double cannot hold is never sent.
      if (Number.isSafeInteger(value)) expect(toHex(encodeTtlv([[row.tagId!, value]]))).to.equal(row.ttlv);
    });
  }

  for (const row of wireRows("ttlv-decimal")) {
    it(`${row.id}: ${row.what}`, () => {
      const [[id, value]] = decodeTtlv(fromHex(row.ttlv!))!;
      expect(id).to.equal(row.tagId);
      expect(value).to.be.closeTo(row.decodedAgain!, Math.abs(row.decodedAgain!) * 1e-12);
      // Our own is the shortest decimal: it says the same, in no more bytes.
      const own = encodeTtlv([[row.tagId!, row.value as number]]);
      expect(own.length).to.be.at.most(row.ttlv!.length / 2);
      expect(decodeTtlv(own)).to.deep.equal([[row.tagId, row.value]]);
    });
  }
});

describe("TTLV of public clients", () => {
  for (const row of wireRows("ttlv-decode")) {
    it(`${row.id}: ${row.use === "refuse" ? "refuses " : ""}${row.what}`, () => {
      const raw = fromHex(row.data!);
      const nodes = decodeTtlv(raw);
      if (row.use === "refuse") {
        expect(nodes).to.equal(undefined);
        return;
      }
      expect(described(nodes!)).to.deep.equal(row.fields);
      // Bytes stay bytes and text stays text: the same message comes out again.
      expect(decodeTtlv(encodeTtlv(nodes!))).to.deep.equal(nodes);
      expect(/"[^"]*",true\]/.test(JSON.stringify(nodes))).to.equal(row.what.includes("type 5"));
    });
  }

  for (const row of wireRows("ttlv-encode")) {
    it(`${row.id}: ${row.what}`, () => {
      const nodes = row.fields!.map(nodeOf);
      expect(toHex(encodeTtlv(nodes))).to.equal(row.ttlv);
      expect(decodeTtlv(fromHex(row.ttlv!))).to.deep.equal(nodes);
    });
  }

  it("keeps bytes apart from text", () => {
    expect(decodeTtlv(fromHex("006500030102ff0063000161"))).to.deep.equal([
      [12, "\x01\x02\xff", true],
      [12, "a"],
    ]);
  });

  it("refuses a number without its flag byte, wherever the message ends behind it", () => {
    for (const hex of ["0322", "032203", "0322030000", "01920005".slice(0, 6), "019205"]) {
      expect(decodeTtlv(fromHex(hex)), hex).to.equal(undefined);
    }
  });
});
