/** docs/data.md: the frames of its course, byte by byte, are those that the codec makes and reads. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { decodeFrame, encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { toHex } from "../../support/hal.js";

/** Label, package id, command, content. */
const COURSE: [string, number, number, Node[] | string][] = [
  ["cloud → device, `bus`, read of 1 and 2", 0x0101, 0x0011, "\x00\x01\x00\x02"],
  ["device → cloud, `bus`, QoS 0, its answer", 0x0101, 0x0012, [[1, false], [2, 100]]], // prettier-ignore
  ["cloud → device, `bus`, write", 0x0102, 0x0013, [[1, true], [2, 40]]], // prettier-ignore
  ["device → cloud, `bus`, QoS 1, report", 4, 0x0014, [[1, true], [2, 40]]], // prettier-ignore
  ["device → apps, LAN, the same report before it is sealed", 0, 0x0014, [[1, true], [2, 40]]], // prettier-ignore
  ["app → device, LAN, write, before it is sealed", 1003, 0x0013, [[1, false]]],
  ["device → app, LAN, done", 1003, 0x7036, [[1, 0]]],
  ["device → app, LAN, not done", 1004, 0x7036, [[1, 5]]],
  ["device → cloud, `bus`, QoS 1, all types", 5, 0x0014, [[3, 21.5], [4, "on"], [5, "\xaa\x01", true], [6, [[1, 7], [2, false]]], [7, [[0, 1], [0, 2]]]]], // prettier-ignore
  ["cloud → device, `bus`, write that cannot be decoded", 0x0103, 0x0013, "\x00\x0a"],
  ["device → cloud, `sys`, QoS 1, says so", 6, 0x00a4, [[1, 5], [2, 0x0103]]], // prettier-ignore
  ["cloud → device, `bus`, raw bytes", 0x0104, 0x0023, "abc"],
  ["device → cloud, `bus`, QoS 1, raw bytes", 7, 0x0024, "hello"],
  ["cloud → device, `sys`, too fast", 0x0105, 0x00a3, [[1, 10428], [2, 4]]], // prettier-ignore
];

describe("docs/data.md", () => {
  const text = readFileSync("docs/data.md", "utf8");

  for (const [label, id, cmd, content] of COURSE) {
    it(label, () => {
      const frame = encodeFrame(id, cmd, encodeTtlv(content));
      const hex = toHex(frame).toUpperCase().replace(/../g, "$& ").trim();
      expect(text).to.include(`${label}\n${hex}\n`);
      if (id) expect(decodeFrame(frame)).to.deep.equal({ id, cmd, data: encodeTtlv(content) });
      if (typeof content !== "string") expect(decodeTtlv(encodeTtlv(content))).to.deep.equal(content);
    });
  }

  it("has no frame besides", () => {
    expect(text.match(/^AA AA .*$/gm)).to.have.length(COURSE.length);
  });
});
